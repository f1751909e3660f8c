import { STATUS_CODES } from 'node:http'
import { everyText, type Hide, hiding } from '../hiding.ts'
import { readUpTo } from '../reading.ts'
import { type Json, ToolFailed } from '../tool.ts'
import { field, isObject, listOf, short, textOf } from './json.ts'

/** How much of an answer is read, in bytes, and how much of one that is longer is shown, in UTF-16 units. */
const ANSWER_MAX = 1024 * 1024
const PREVIEW_MAX = 16 * 1024
const FAILURE_MAX = 64 * 1024
const DETAIL_MAX = 300

/** Shorter texts are no secrets, and hiding them would change what is said. */
const SECRET_MIN = 6

/**
 * What an answer says: JSON as it is, text as text, everything else by its type and size. Throws ToolFailed for any status that is no
 * success. `secrets` are shown nowhere, also where the service repeats them.
 */
export async function resultOf(answer: Response, secrets: readonly string[]): Promise<Json> {
  const hide = hiding(secrets.filter(({ length }) => length >= SECRET_MIN))
  if (!answer.ok) throw await failureOf(answer, hide)
  const packed = answer.headers.get('content-encoding') ?? 'identity'
  if (packed !== 'identity') {
    await answer.body?.cancel()
    throw new ToolFailed('Request failed: the answer is compressed, which was not asked for')
  }
  const type = typeOf(answer)
  const { bytes, isWhole } = await readUpTo(answer, ANSWER_MAX)
  const size = isWhole ? bytes.length : lengthOf(answer)
  if (size === 0) return { status: answer.status }
  if (!isText(type)) return { content_type: type, bytes: size }
  const text = hide(Buffer.from(bytes).toString())
  if (!isWhole) return { truncated: true, bytes: size, preview: short(text, PREVIEW_MAX) }
  return isJson(type) ? asJson(text, hide) : text
}

const typeOf = ({ headers }: Response): string =>
  (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
const isJson = (type: string): boolean => /^application\/(?:[\w.-]+\+)?json$/.test(type)
const isText = (type: string): boolean => type === '' || isJson(type) || /^text\/|[/+](?:xml|yaml)$/.test(type)

/** What the service says that it sends; null where it says nothing. */
function lengthOf({ headers }: Response): number | null {
  const length = Number(headers.get('content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) ? length : null
}

/** What a text says as JSON, in which secrets may be written in other ways. */
function asJson(text: string, hide: Hide): Json {
  try {
    return everyText(JSON.parse(text) as Json, hide) // that is what JSON gives
  } catch {
    return text
  }
}

async function failureOf(answer: Response, hide: Hide): Promise<ToolFailed> {
  const { status } = answer
  const body = await readUpTo(answer, FAILURE_MAX).catch(() => null)
  const text = body ? hide(Buffer.from(body.bytes).toString()) : ''
  const said = isJson(typeOf(answer)) ? detailIn(asJson(text, hide)) : typeOf(answer) === 'text/plain' ? text : ''
  const elsewhere = status >= 300 && status < 400 ? 'the answer leads elsewhere, which is not followed' : ''
  const detail = elsewhere || said || STATUS_CODES[status] || 'failed'
  return new ToolFailed(`HTTP ${status}: ${short(detail.replaceAll(/\s+/g, ' '), DETAIL_MAX)}`, status)
}

/** What services say went wrong: `detail`, `message` or `error`, as a text, an object with one of these, or a list of such. */
function detailIn(content: Json, depth = 3): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content))
    return depth > 0
      ? content
          .slice(0, 5)
          .map(one => detailIn(one, depth - 1))
          .filter(Boolean)
          .join('; ')
      : ''
  if (!isObject(content) || depth === 0) return ''
  const said = content.detail ?? content.message ?? content.error ?? content.title ?? content.msg
  const place = listOf(field(content, 'loc'))
    .map(part => textOf(part) || String(part))
    .join('.')
  const text = said === undefined ? '' : detailIn(said, depth - 1)
  return place && text ? `${place}: ${text}` : text
}
