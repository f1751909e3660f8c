import { readFile, stat } from 'node:fs/promises'
import type { GuardedFetch } from '../../../core/ports/outbound.ts'
import { CallFailed } from '../../../core/ports/outbound.ts'
import type { Later } from '../../../core/runs/cast.ts'
import { readUpTo } from '../reading.ts'
import type { Json, JsonObject } from '../tool.ts'
import { field, isObject, listOf, textOf } from './json.ts'

/** Largest document, in bytes. Reading YAML takes a hundred times as long as JSON. */
const JSON_MAX = 16 * 1024 * 1024
const YAML_MAX = 2 * 1024 * 1024
/** Longest wait for a document, in milliseconds; the start waits for it. */
const FETCH_TIMEOUT = 5_000
/** Longest chain of references to references. */
const HOPS_MAX = 16

/** Why a document can't be used, in words for the operator. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault'
}

/** An OpenAPI document. Everything in it is somebody else's. */
export interface OpenApiDocument {
  readonly root: JsonObject
  /** 3.0 has its own form of schemas. */
  readonly isOld: boolean
  /** What a value is: itself, or what its `$ref` names within the document. Undefined where that is nothing, or never ends. */
  follow(value: Json | undefined): JsonObject | undefined
}

export const isUrl = (place: string): boolean => /^https?:/i.test(place)

export interface DocumentPorts {
  readonly fetch: GuardedFetch
  readonly later: Later
}

/** Reads the document at a path or URL. Throws DocumentFault. */
export async function loadDocument(place: string, ports: DocumentPorts): Promise<OpenApiDocument> {
  const bytes = isUrl(place) ? await fetched(place, ports) : await read(place)
  return openDocument(await parsed(Buffer.from(bytes).toString()))
}

async function fetched(url: string, { fetch, later }: DocumentPorts): Promise<Uint8Array> {
  const slow = new AbortController()
  const lift = later(FETCH_TIMEOUT, () => slow.abort())
  try {
    const answer = await fetch(url, { headers: { accept: 'application/json, application/yaml' }, signal: slow.signal })
    if (answer.status !== 200) throw new DocumentFault(`it is answered with HTTP ${answer.status}`)
    const { bytes, isWhole } = await readUpTo(answer, JSON_MAX)
    return isWhole ? bytes : tooLarge()
  } catch (error) {
    if (error instanceof DocumentFault) throw error
    if (slow.signal.aborted) throw new DocumentFault('it is not answered in time')
    throw new DocumentFault(`it can't be fetched: ${error instanceof CallFailed ? error.failure : 'broken'}`)
  } finally {
    lift()
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return (await stat(path)).size > JSON_MAX ? tooLarge() : await readFile(path)
  } catch (error) {
    if (error instanceof DocumentFault) throw error
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown'
    throw new DocumentFault(code === 'ENOENT' ? 'it is not there' : `it can't be read: ${code}`)
  }
}

const tooLarge = (): never => {
  throw new DocumentFault(`it is too large; allowed are ${JSON_MAX} bytes of JSON or ${YAML_MAX} of YAML`)
}

/** The YAML library is loaded only where there is YAML. */
async function parsed(text: string): Promise<unknown> {
  try {
    if (/^[\s\uFEFF]*\{/.test(text)) return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new DocumentFault('it is no JSON')
  }
  if (text.length > YAML_MAX) tooLarge()
  const { parse } = await import('yaml')
  try {
    // That keys are unique is looked at in a time that grows with the square of their number.
    return parse(text, { uniqueKeys: false, logLevel: 'error' })
  } catch {
    throw new DocumentFault('it is neither JSON nor YAML')
  }
}

/** Takes parsed content as a document. Throws DocumentFault for what is none, or of another version. */
export function openDocument(content: unknown): OpenApiDocument {
  const version = textOf(field(content, 'openapi'))
  if (!isObject(content) || (version === '' && field(content, 'swagger') === undefined))
    throw new DocumentFault('it is no OpenAPI document')
  if (version === '')
    throw new DocumentFault('it is of Swagger 2.0; convert it to OpenAPI 3, for example with swagger2openapi')
  if (!/^3\.[01]\./.test(version))
    throw new DocumentFault(`it is of OpenAPI ${version.slice(0, 20)}; 3.0 and 3.1 are known`)
  if (!isObject(field(content, 'paths'))) throw new DocumentFault('it has no paths')
  return { root: content, isOld: version.startsWith('3.0'), follow: value => followed(content, value) }
}

function followed(root: JsonObject, value: Json | undefined): JsonObject | undefined {
  let target = value
  for (let hops = 0; hops <= HOPS_MAX; hops++) {
    const ref = field(target, '$ref')
    if (typeof ref !== 'string') return isObject(target) ? target : undefined
    target = pointed(root, ref)
  }
  return undefined
}

/** What `#/components/schemas/Order` names; undefined for every other document. */
function pointed(root: JsonObject, ref: string): Json | undefined {
  if (!ref.startsWith('#/')) return undefined
  const names = unescaped(ref.slice(2)).split('/')
  return names.reduce<Json | undefined>(
    (at, name) => (Array.isArray(at) ? at[Number(name)] : field(at, name.replaceAll('~1', '/').replaceAll('~0', '~'))),
    root,
  )
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Where the document says its service is, without a slash at the end: its first server, seen from the document's own address. Throws
 * DocumentFault where that is no address over HTTP.
 */
export function serverOf({ root }: OpenApiDocument, place: string): string {
  const [server] = listOf(field(root, 'servers'))
  const template = textOf(field(server, 'url')) || '/'
  const variables = field(server, 'variables')
  const text = template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) =>
    textOf(field(field(variables, name), 'default')),
  )
  const url = URL.parse(text, isUrl(place) ? place : undefined)
  if (!url) throw new DocumentFault('it does not say at which address its service is; set server')
  if (!isUrl(url.href) || url.username || url.password || url.search || url.hash)
    throw new DocumentFault('its server is no plain address over HTTP; set server')
  return url.href.replace(/\/+$/, '')
}
