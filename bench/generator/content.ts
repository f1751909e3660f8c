/** Digits of each number in a message's text: enough for any run, and a fixed width keeps offsets fixed. */
export const DIGITS = 10
const FILLER = 'the quick brown fox jumps over the lazy dog while nobody in the room looks up '
const MARK = '"content":"'

/** What each message says about itself: who sent it, the sender's own count, and the count over all senders. */
export interface Label {
  readonly sender: number
  readonly own: number
  readonly overall: number
}

/** The text of the messages of `sender`, `length` characters, both counts still 0. */
export function blankContent(sender: number, length: number): string {
  const zero = '0'.repeat(DIGITS)
  const label = `${String(sender).padStart(DIGITS, '0')} ${zero} ${zero} `
  if (length < label.length) throw new Error(`a message needs at least ${label.length} characters`)
  return (label + FILLER.repeat(Math.ceil(length / FILLER.length))).slice(0, length)
}

/** Where `own` and `overall` stand in a text that `blankContent` begins at `start`. */
export function countOffsets(start: number): [own: number, overall: number] {
  return [start + DIGITS + 1, start + 2 * (DIGITS + 1)]
}

/** Reads the label out of a frame that holds a message somewhere. */
export function labelIn(payload: Buffer): Label {
  const start = payload.indexOf(MARK) + MARK.length
  const [own, overall] = countOffsets(start)
  return { sender: digits(payload, start), own: digits(payload, own), overall: digits(payload, overall) }
}

/** The id of the message in a frame: the first key that is exactly `id`. */
export function messageIdIn(payload: Buffer): string {
  const start = payload.indexOf('"id":"') + 6
  return payload.toString('latin1', start, payload.indexOf('"', start))
}

function digits(payload: Buffer, at: number): number {
  let value = 0
  for (let i = at; i < at + DIGITS; i++) value = value * 10 + payload[i]! - 48
  return value
}
