const MASK = [0x37, 0xfa, 0x21, 0x3d] as const
const TEXT = 0x81
const PONG = 0x8a

/** The largest header of a frame before its mask: two bytes and a 64-bit length. */
const MAX_HEADER = 10

/** A whole client frame holding `text`, masked with a fixed key. */
export function textFrame(text: string): Buffer<ArrayBuffer> {
  return clientFrame(TEXT, Buffer.from(text))
}

/** The answer to a protocol ping. */
export function pongFrame(payload: Buffer): Buffer<ArrayBuffer> {
  return clientFrame(PONG, payload)
}

function clientFrame(first: number, payload: Buffer): Buffer<ArrayBuffer> {
  const header = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : MAX_HEADER
  const frame = Buffer.allocUnsafe(header + 4 + payload.length)
  frame[0] = first
  frame[1] = 0x80 | (header === 2 ? payload.length : header === 4 ? 126 : 127)
  if (header === 4) frame.writeUInt16BE(payload.length, 2)
  if (header === MAX_HEADER) frame.writeBigUInt64BE(BigInt(payload.length), 2)
  for (let i = 0; i < 4; i++) frame[header + i] = MASK[i]!
  for (let i = 0; i < payload.length; i++) frame[header + 4 + i] = payload[i]! ^ MASK[i & 3]!
  return frame
}

/**
 * A client frame made and masked once, whose text holds numbers that change. The result copies it and writes only the
 * digits: `width` of them for each of `offsets`, which count the bytes of the text, taking its values in turn.
 */
export function frameTemplate(text: string, offsets: readonly number[], width: number) {
  const frame = textFrame(text)
  const start = frame.length - Buffer.byteLength(text)
  return (...values: readonly number[]): Buffer<ArrayBuffer> => {
    const copy = Buffer.allocUnsafe(frame.length)
    frame.copy(copy)
    for (let place = 0; place < offsets.length; place++) {
      let rest = values[place % values.length]!
      for (let i = offsets[place]! + width - 1; i >= offsets[place]!; i--) {
        copy[start + i] = (48 + (rest % 10)) ^ MASK[i & 3]!
        rest = Math.floor(rest / 10)
      }
    }
    return copy
  }
}

/**
 * A client frame made and masked once, in which `blank` stands once for a text of the same length. The result writes that text
 * into the frame and returns the frame itself: the one before has to be sent by then.
 */
export function framePatch(text: string, blank: string) {
  const frame = textFrame(text)
  const place = text.indexOf(blank)
  const start = frame.length - Buffer.byteLength(text)
  return (value: string): Buffer<ArrayBuffer> => {
    for (let i = place; i < place + blank.length; i++) frame[start + i] = value.charCodeAt(i - place) ^ MASK[i & 3]!
    return frame
  }
}

export interface FrameReaderOptions {
  /** Text frames with a longer payload than this are counted by their header and skipped; all others go to `frame`. */
  readonly countAbove: number
  /** `payload` is only valid during the call. */
  frame(opcode: number, payload: Buffer): void
}

/** Parses what a server sends. `read` returns how many text frames it counted without looking at them. */
export function createFrameReader({ countAbove, frame }: FrameReaderOptions) {
  /** Bytes of a counted frame still to come. */
  let skip = 0
  /** The beginning of a frame that needs more bytes. */
  let held: Buffer | undefined

  function parse(bytes: Buffer, from: number, to: number): number {
    let counted = 0
    let at = from
    while (at < to) {
      const left = to - at
      const size = frameSize(bytes, at, left)
      if (size === undefined) break
      if (bytes[at] === TEXT && size.payload > countAbove) {
        counted++
        skip = Math.max(0, size.header + size.payload - left)
      } else {
        if (left < size.header + size.payload) break
        frame(bytes[at]!, bytes.subarray(at + size.header, at + size.header + size.payload))
      }
      at += size.header + size.payload
    }
    held = at < to ? Buffer.from(bytes.subarray(at, to)) : undefined
    return counted
  }

  return {
    /** Takes the bytes of `bytes` from `from` up to `to`; views are only made of frames that are shown. */
    read(bytes: Buffer, from: number, to: number): number {
      if (held !== undefined) {
        const joined = Buffer.concat([held, bytes.subarray(from, to)])
        return parse(joined, 0, joined.length)
      }
      const start = Math.min(to, from + skip)
      skip -= start - from
      return parse(bytes, start, to)
    },
    /** Whether the last read ended between two frames. */
    atBoundary: () => skip === 0 && held === undefined,
  }
}

function frameSize(bytes: Buffer, at: number, left: number): { header: number; payload: number } | undefined {
  if (left < 2) return undefined
  const short = bytes[at + 1]! & 127
  if (short < 126) return { header: 2, payload: short }
  if (short === 126) return left < 4 ? undefined : { header: 4, payload: (bytes[at + 2]! << 8) | bytes[at + 3]! }
  return left < MAX_HEADER ? undefined : { header: MAX_HEADER, payload: Number(bytes.readBigUInt64BE(at + 2)) }
}
