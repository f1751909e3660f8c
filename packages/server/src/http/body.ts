import { Fault, Invalid } from './faults.ts'

/** Largest request body unless an endpoint takes more, in bytes: 10,000 characters can be 120,000 bytes of JSON escapes. */
const BODY_MAX_BYTES = 262_144

/**
 * The body of a request as text. Reads at most `max` bytes; throws body_too_large, and encoding_unknown for what is
 * compressed or says it is not UTF-8. Invalid for bytes that are no UTF-8.
 */
export async function readText(request: Request, max = BODY_MAX_BYTES): Promise<string> {
  const { headers } = request
  if (Number(headers.get('content-length')) > max) throw new Fault('body_too_large')
  if (!/^(identity)?$/i.test(headers.get('content-encoding') ?? '')) throw new Fault('encoding_unknown')
  const charset = /charset\s*=\s*"?([^";\s]*)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) throw new Fault('encoding_unknown')
  return decode(await readBytes(request, max))
}

/** The body as JSON; undefined for an empty one. Throws like readText, and Invalid for what is no JSON. */
export async function readJson(request: Request, max?: number): Promise<unknown> {
  const text = await readText(request, max)
  if (text.trim() === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    throw notJson()
  }
}

const notJson = () => new Invalid([{ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' }])

async function readBytes(request: Request, max: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of piecesOf(request)) {
    size += chunk.byteLength
    if (size > max) throw new Fault('body_too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

async function* piecesOf(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return
  try {
    yield* request.body
  } catch {
    // The client went away in the middle. Nobody hears this answer, but the log names it rightly.
    throw new Fault('request_invalid')
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw notJson()
  }
}
