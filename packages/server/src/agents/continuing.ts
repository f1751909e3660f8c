import type { Turn } from './models/model.ts'

const GO_ON =
  'Your answer above was cut off. Go on exactly where it stops, in the middle of a word if need be: what you write is put right ' +
  'behind it. Repeat nothing of it, write no introduction, and do not mention that it was cut off.'
const CUT = ' Its beginning is left out here, because it is too long.'

/** Of what was answered so much is told in any case, in bytes. */
const LEAST = 500

/** What a model is told behind the question whose answer it is to go on with: what it said, the end of it in about `bytes` bytes. */
export function continuation(begun: string | null, bytes: number): readonly Turn[] {
  if (!begun) return []
  const text = endOf(begun, Math.max(bytes, LEAST))
  return [
    { role: 'assistant', text },
    { role: 'user', text: text === begun ? GO_ON : GO_ON + CUT },
  ]
}

function endOf(text: string, bytes: number): string {
  const all = Buffer.from(text)
  // A character that is cut in half is left out.
  return all.length <= bytes
    ? text
    : all
        .subarray(-bytes)
        .toString()
        .replace(/^\ufffd+/, '')
}
