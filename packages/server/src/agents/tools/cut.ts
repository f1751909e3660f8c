import type { Json } from './tool.ts'

/** The value where its JSON takes at most `max` bytes, else a note of how long it is, with its beginning. */
export function cutTo(value: Json, max: number): Json {
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  return bytes <= max ? value : { truncated: true, bytes, preview: beginning(text, max) }
}

/** JSON inside of JSON takes at most twice as much; the rest of the note, less than 64 bytes. */
function beginning(text: string, max: number): string {
  const length = Math.max(0, Math.floor((max - 64) / 2))
  // A character that is cut in the middle is left out.
  return Buffer.from(text)
    .subarray(0, length)
    .toString()
    .replace(/\ufffd$/, '')
}

/** Longest detail of one step, and of all steps of an answer together, in bytes of JSON. A run holds a million, with all around them. */
const DETAIL_MAX = 200_000
const DETAILS_MAX = 500_000
/** What is left for a detail when the others took everything, and what a step takes besides. */
const DETAIL_MIN = 100
const STEP_BYTES = 120

/** What people see of the calls of one run: whole as long as it can be stored, then only beginnings. */
export class Details {
  #left = DETAILS_MAX
  #calls = 0

  /** Whether only beginnings have room from here on. */
  get isFull(): boolean {
    return this.#left <= 0
  }

  /** What the steps of another call are told apart by. */
  newCall(): string {
    return `call-${++this.#calls}`
  }

  /** The detail that is stored for `value`. */
  take(value: Json): Json {
    const detail = cutTo(value, Math.max(DETAIL_MIN, Math.min(DETAIL_MAX, this.#left)))
    this.#left -= Buffer.byteLength(JSON.stringify(detail)) + STEP_BYTES
    return detail
  }
}
