import { isHeaderName } from '../../../core/headers.ts'
import type { Json, JsonObject } from '../tool.ts'
import type { OpenApiDocument } from './document.ts'
import { field, isObject, listOf, textOf } from './json.ts'
import type { Named } from './patterns.ts'

export const LOCATIONS = ['path', 'query', 'header'] as const
type Location = (typeof LOCATIONS)[number]

const STYLES = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
} as const
type Style = (typeof STYLES)[Location][number]

/** How a value is written. */
export interface Writing {
  readonly name: string
  readonly style: Style
  readonly explode: boolean
  /** As JSON, whatever it is. */
  readonly isJson: boolean
}

export interface Parameter extends Writing {
  readonly in: Location
  readonly isRequired: boolean
  readonly description: string
  readonly schema: Json | undefined
}

export interface Body {
  /** The content type that is sent. */
  readonly type: string
  readonly isForm: boolean
  readonly isRequired: boolean
  readonly description: string
  readonly schema: Json | undefined
  /** Of a form: how each of its fields is written, where the document says. */
  readonly fields: ReadonlyMap<string, Writing>
}

export interface Operation extends Named {
  readonly summary: string
  readonly description: string
  readonly parameters: readonly Parameter[]
  readonly body: Body | null
  /** The sets of headers with credentials of which it needs one; null is a credential that no header carries. Empty: none is needed. */
  readonly needs: readonly (readonly (string | null)[])[]
}

/** An operation that can't be a tool, and why: in words for the operator. */
export interface LeftOut {
  readonly operation: string
  readonly why: string
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const

/** What a document offers, before anybody looked closer. */
export interface Outline extends Named {
  readonly item: JsonObject
  readonly content: JsonObject
}

/** Every operation of a document, in its order. */
export function outlines(document: OpenApiDocument): readonly Outline[] {
  return Object.entries(document.root.paths as JsonObject).flatMap(([path, value]) => {
    // openDocument saw that paths are an object
    const item = path.startsWith('/') ? document.follow(value) : undefined
    return METHODS.flatMap(name => {
      const content = field(item, name)
      const id = textOf(field(content, 'operationId')) || null
      return item && isObject(content) ? [{ method: name.toUpperCase(), path, id, item, content }] : []
    })
  })
}

/** Looks closer at an operation. `mayLead` says whether servers of its own count for nothing. */
export function readOperation(document: OpenApiDocument, outline: Outline, mayLead: boolean): Operation | LeftOut {
  const { method, path, id, item, content } = outline
  const parameters = parametersOf(document, item, content)
  const body = method === 'GET' || method === 'HEAD' ? null : bodyOf(document, content)
  const why =
    faultOf(path, parameters) ??
    (!mayLead && (item.servers ?? content.servers) !== undefined ? 'it has servers of its own' : undefined) ??
    (body === 'unknown' ? 'its body is neither JSON nor a simple form' : undefined)
  if (why !== undefined || body === 'unknown') return { operation: `${method} ${path}`, why: why ?? '' }
  return {
    method,
    path,
    id,
    summary: textOf(content.summary),
    description: textOf(content.description),
    parameters: parameters.filter(isOurs),
    body,
    needs: needsOf(document, content),
  }
}

type Found = Omit<Parameter, 'in'> & { readonly in: string }

function parametersOf(document: OpenApiDocument, item: JsonObject, content: JsonObject): readonly Found[] {
  const found = new Map<string, Found>()
  for (const value of [...listOf(item.parameters), ...listOf(content.parameters)]) {
    const parameter = document.follow(value)
    const name = textOf(parameter?.name)
    if (parameter && name !== '') found.set(`${textOf(parameter.in)} ${name}`, parameterOf(parameter, name))
  }
  return [...found.values()]
}

function parameterOf(parameter: JsonObject, name: string): Found {
  const place = textOf(parameter.in)
  const [type, content] = Object.entries(isObject(parameter.content) ? parameter.content : {})[0] ?? []
  return {
    ...writingOf(name, LOCATIONS.find(one => one === place) ?? 'header', parameter),
    isJson: type !== undefined && isJson(type),
    in: place,
    isRequired: place === 'path' || parameter.required === true,
    description: textOf(parameter.description),
    schema: field(content, 'schema') ?? parameter.schema,
  }
}

function writingOf(name: string, place: Location, { style, explode }: JsonObject): Writing {
  const known: Style = STYLES[place].find(one => one === style) ?? STYLES[place][0]
  return { name, style: known, explode: typeof explode === 'boolean' ? explode : known === 'form', isJson: false }
}

/** Headers that the document must not describe as arguments. */
const OF_PROTOCOL = new Set(['accept', 'content-type', 'authorization'])

const isOurs = (parameter: Found): parameter is Parameter =>
  LOCATIONS.some(place => place === parameter.in) &&
  (parameter.in !== 'header' || (isHeaderName(parameter.name) && !OF_PROTOCOL.has(parameter.name.toLowerCase())))

function faultOf(path: string, parameters: readonly Found[]): string | undefined {
  const places = namesIn(path)
  const ofPath = parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name)
  const literal = path.replaceAll(/\{[^{}]*\}/g, 'x')
  if (/[?#\\{}]/.test(literal) || hasDots(literal)) return 'its path is no plain path'
  if (places.some(name => !ofPath.includes(name))) return 'its path has a place that no parameter fills'
  const cookie = parameters.find(({ in: place, isRequired }) => place === 'cookie' && isRequired)
  return cookie && 'it needs a cookie'
}

/** The names in braces. */
const namesIn = (path: string): readonly string[] => [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)

/** Whether a path has a part that URLs take for "here" or "up". */
export const hasDots = (path: string): boolean => /(?:^|[/\\])(?:\.|%2e){1,2}(?:$|[/\\])/i.test(path)

const isJson = (type: string): boolean => /^(?:application\/(?:[\w.-]+\+)?json|\*\/\*)\s*(?:;|$)/i.test(type)
const isForm = (type: string): boolean => /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)

function bodyOf(document: OpenApiDocument, content: JsonObject): Body | null | 'unknown' {
  const body = document.follow(content.requestBody)
  if (!body) return content.requestBody === undefined ? null : 'unknown'
  const types = Object.entries(isObject(body.content) ? body.content : {})
  const [type, media] = types.find(([name]) => isJson(name)) ?? types.find(([name]) => isForm(name)) ?? []
  const isRequired = body.required === true
  if (type === undefined) return isRequired ? 'unknown' : null
  return {
    type: type.startsWith('*') ? 'application/json' : type,
    isForm: isForm(type),
    isRequired,
    description: textOf(body.description),
    schema: field(media, 'schema'),
    fields: fieldsOf(field(media, 'encoding')),
  }
}

const fieldsOf = (encoding: Json | undefined): ReadonlyMap<string, Writing> =>
  new Map(
    Object.entries(isObject(encoding) ? encoding : {}).flatMap(([name, one]) =>
      isObject(one) && one.style !== undefined ? [[name, writingOf(name, 'query', one)] as const] : [],
    ),
  )

function needsOf(document: OpenApiDocument, content: JsonObject): Operation['needs'] {
  const requirements = listOf(content.security ?? document.root.security).filter(isObject)
  const sets = requirements.map(requirement => Object.keys(requirement).map(name => headerOf(document, name)))
  return sets.some(set => set.length === 0) ? [] : sets
}

/** The header that carries the credentials of a security scheme, in lower case. */
function headerOf(document: OpenApiDocument, name: string): string | null {
  const schemes = field(document.root.components, 'securitySchemes')
  const scheme = document.follow(field(schemes, name))
  switch (scheme?.type) {
    case 'http':
    case 'oauth2':
    case 'openIdConnect':
      return 'authorization'
    case 'apiKey':
      return scheme.in === 'header' ? textOf(scheme.name).toLowerCase() : null
    default:
      return null
  }
}
