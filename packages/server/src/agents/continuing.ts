import type { Turn } from './models/model.ts'
import { TOKEN_BYTES } from './prompt.ts'

const GO_ON =
  'Your answer above was cut off. Go on exactly where it stops, in the middle of a word if need be: what you write is put right ' +
  'behind it. Repeat nothing of it, add no introduction, and do not mention that it was cut off.'
const GO_ON_LATER = ' Its beginning is left out here, because it is too long.'

/** What is asked behind the question of an answer that is to go on: its text so far, the end of it in at most `budget` tokens. */
export function continuation(begun: string | null, budget: number): readonly Turn[] {
  if (!begun) return []
  const kept = endOf(begun, Math.max(0, Math.floor(budget)) * TOKEN_BYTES)
  return [
    { role: 'assistant', text: kept },
    { role: 'user', text: kept === begun ? GO_ON : GO_ON + GO_ON_LATER },
  ]
}

/** The end of a text in at most `bytes` of UTF-8, and at least its last word. */
function endOf(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const end = Buffer.from(text).subarray(-bytes || -1).toString().replace(/^\ufffd+/, '')
  return end || text.slice(-1)
}
