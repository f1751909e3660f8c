import { ANSWER_ERRORS } from '@parley/protocol/agents/limits'
import type { Frame } from '../../client.ts'

interface Item {
  readonly role: string
  readonly content: string
  readonly streaming?: true
  readonly chunk_id?: number
}

/** The answers of a session as a client puts them together: those it was told of when it came back, and chunks behind those. */
export class Story {
  /** Chunks that did not go on where the last one, or the restored session, ended. */
  readonly faults: string[] = []
  /** Ends of answers that were told, with what they were. */
  readonly ends: string[] = []
  #finished: string[] = []
  #open: { text: string; chunk: number } | null = null
  #isWaiting = false

  /** What comes before the restored session that was asked for is not listened to. */
  begin(): void {
    this.#isWaiting = true
  }

  hear(frame: Frame): void {
    if (frame.type === 'session_restored') return this.#restore(frame.messages as readonly Item[]) // says the schema
    if (this.#isWaiting) return
    if (frame.type === 'stream_chunk') this.#hearChunk(String(frame.content), Number(frame.chunk_id))
    else if (isEnd(frame)) this.#end(frame.type === 'error' ? String(frame.error_code) : 'completion')
  }

  /** Texts of all answers that have one. */
  get answers(): readonly string[] {
    return [...this.#finished, this.#open?.text ?? ''].filter(text => text !== '')
  }

  /** Whether an answer goes on, as far as it knows. */
  get isOpen(): boolean {
    return this.#open !== null
  }

  #restore(items: readonly Item[]): void {
    this.#isWaiting = false
    const answers = items.filter(({ role }) => role === 'assistant')
    const open = answers.find(({ streaming }) => streaming)
    this.#finished = answers.filter(item => item !== open).map(({ content }) => content)
    this.#open = open ? { text: open.content, chunk: open.chunk_id ?? Number.NaN } : null
  }

  #hearChunk(text: string, chunk: number): void {
    const open = this.#open ?? { text: '', chunk: 0 }
    if (chunk !== open.chunk + 1) this.faults.push(`chunk ${chunk} came behind ${open.chunk}`)
    this.#open = { text: open.text + text, chunk }
  }

  #end(how: string): void {
    this.ends.push(how)
    if (this.#open) this.#finished.push(this.#open.text)
    this.#open = null
  }
}

const isEnd = ({ type, error_code: code }: Frame): boolean =>
  type === 'completion' || (type === 'error' && ANSWER_ERRORS.some(known => known === code))
