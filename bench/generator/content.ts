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

/** The label of a message of `sender`, both counts still 0. */
export function blankLabel(sender: number): string {
  const zero = '0'.repeat(DIGITS)
  return `${String(sender).padStart(DIGITS, '0')} ${zero} ${zero}`
}

/** The text of the messages of `sender`, `length` characters, both counts still 0. */
export function blankContent(sender: number, length: number): string {
  const label = `${blankLabel(sender)} `
  if (length < label.length) throw new Error(`a message needs at least ${label.length} characters`)
  return (label + FILLER.repeat(Math.ceil(length / FILLER.length))).slice(0, length)
}

/** Where `own` and `overall` stand in a text, wherever the blank label of `sender` does. */
export function countOffsets(text: string, sender: number): number[] {
  const label = blankLabel(sender)
  const offsets: number[] = []
  for (let at = text.indexOf(label); at >= 0; at = text.indexOf(label, at + label.length)) {
    offsets.push(at + DIGITS + 1, at + 2 * (DIGITS + 1))
  }
  return offsets
}

/** Reads the label out of a frame, from behind the first `mark`: the text of the message in it, unless given. */
export function labelIn(payload: Buffer, mark = MARK): Label {
  const start = payload.indexOf(mark) + mark.length
  const [own, overall] = [start + DIGITS + 1, start + 2 * (DIGITS + 1)]
  return { sender: digits(payload, start), own: digits(payload, own), overall: digits(payload, overall) }
}

/** What stands between the first `mark` and the next quote. */
export function textIn(payload: Buffer, mark: string): string {
  const start = payload.indexOf(mark) + mark.length
  return payload.toString('latin1', start, payload.indexOf('"', start))
}

/** The number behind the first `mark`; NaN when there is none. */
export function numberIn(payload: Buffer, mark: string): number {
  const start = payload.indexOf(mark)
  if (start < 0) return Number.NaN
  return Number.parseInt(payload.toString('latin1', start + mark.length, start + mark.length + 16), 10)
}

function digits(payload: Buffer, at: number): number {
  let value = 0
  for (let i = at; i < at + DIGITS; i++) value = value * 10 + payload[i]! - 48
  return value
}
