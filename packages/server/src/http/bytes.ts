import { CORS } from './answer.ts'
import { Fault } from './faults.ts'

/** Bytes to answer with, of which a client may ask for a part. */
export interface Bytes {
  readonly size: number
  /** Changes whenever the bytes do. */
  readonly version: string
  readonly headers: Readonly<Record<string, string>>
  /** From `start` on, up to and with `end`. Opens nothing before the first are asked for. */
  read(part: Part): ReadableStream<Uint8Array>
}

interface Part {
  readonly start: number
  readonly end: number
}

/** Statuses with which bytes are answered: all of them, a part, or none because the client has them. */
export const BYTES_STATUSES = [200, 206, 304] as const

const EXPOSED = [
  CORS['Access-Control-Expose-Headers'],
  'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag',
].join(', ')

/**
 * Answers with bytes, with the part that the request names, or without any (RFC 9110). Throws range_unsatisfiable, and what
 * reading the first of them throws.
 */
export async function sendBytes(
  bytes: Bytes,
  request: Request,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const tag = `"${bytes.version}"`
  const said = {
    ...CORS,
    'Access-Control-Expose-Headers': EXPOSED,
    'Accept-Ranges': 'bytes',
    ETag: tag,
    ...bytes.headers,
    ...headers,
  }
  if (isKnown(request.headers.get('if-none-match'), tag)) return new Response(null, { status: 304, headers: said })
  const isHead = request.method === 'HEAD'
  const part = isHead ? undefined : partOf(request.headers, tag, bytes.size)
  const { start, end } = part ?? { start: 0, end: bytes.size - 1 }
  return new Response(isHead ? null : await begun(bytes.read({ start, end })), {
    status: part ? 206 : 200,
    headers: {
      ...said,
      'Content-Length': String(end - start + 1),
      ...(part && { 'Content-Range': `bytes ${start}-${end}/${bytes.size}` }),
    },
  })
}

/** The same stream, once its first bytes are there: what can't be read at all is a fault, not a success that breaks off. */
async function begun(stream: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const reader = stream.getReader()
  const first = await reader.read()
  let isFirst = true
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = isFirst ? first : await reader.read()
        isFirst = false
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

const isKnown = (asked: string | null, tag: string): boolean =>
  (asked ?? '').split(',').some(one => ['*', tag, `W/${tag}`].includes(one.trim()))

/** The one part that is asked for. None where none is, where several are, and where the client's part is of other bytes. */
function partOf(headers: Headers, tag: string, size: number): Part | undefined {
  const [, first = '', last = ''] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(headers.get('range') ?? '') ?? []
  const condition = headers.get('if-range')
  if (first + last === '' || (condition !== null && condition.trim() !== tag)) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  // Backwards is no range at all, and ignored like one.
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  if (start >= size) throw new Fault('range_unsatisfiable', { headers: { 'Content-Range': `bytes */${size}` } })
  return { start, end }
}
