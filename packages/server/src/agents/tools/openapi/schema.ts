import type { Json, JsonObject } from '../tool.ts'
import type { OpenApiDocument } from './document.ts'
import { field, isObject, listOf, short, textOf } from './json.ts'

/** How deep schemas are shown to a model: the deepest that fits. What lies below takes anything; the service judges it. */
const DEPTHS = [8, 5, 3, 2, 1]
const NODES_MAX = 400
const DESCRIPTION_MAX = 300
const VALUE_MAX = 200
const ENUM_MAX = 100

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])
const FORMATS = new Set(['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uuid'])
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
const COUNTS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']

interface Walk {
  readonly document: OpenApiDocument
  readonly depth: number
  /** References that are being shown, so that none is shown inside itself. */
  readonly open: readonly string[]
  readonly left: { nodes: number }
}

/**
 * A schema of a document as JSON Schema 2020-12 without references, at most `max` characters of JSON. It takes everything that the
 * service takes and may take more: what is too deep, too large or recursive, patterns, and conditions are left to the service. Patterns
 * are told in the description only, since they could keep this machine busy.
 */
export function convertSchema(document: OpenApiDocument, schema: Json | undefined, max: number): JsonObject {
  for (const depth of DEPTHS) {
    const left = { nodes: NODES_MAX }
    const converted = convert(schema, { document, depth, open: [], left })
    if (left.nodes >= 0 && JSON.stringify(converted).length <= max) return converted
  }
  return {}
}

function convert(schema: Json | undefined, walk: Walk): JsonObject {
  const ref = textOf(field(schema, '$ref'))
  if (ref !== '' && walk.open.includes(ref))
    return { description: `${short(ref.split('/').at(-1) ?? '', 100)}, as above` }
  const target = walk.left.nodes < 0 ? undefined : walk.document.follow(schema)
  if (!target || !isObject(schema)) return {}
  const { $ref: _, ...beside } = schema
  const inner = { ...walk, depth: walk.depth - 1, open: ref === '' ? walk.open : [...walk.open, ref] }
  walk.left.nodes--
  return shown(ref === '' ? target : { ...target, ...beside }, inner)
}

function shown(schema: JsonObject, walk: Walk): JsonObject {
  const isNullable = schema.nullable === true
  const isSimple = !['allOf', 'anyOf', 'oneOf'].some(name => name in schema)
  const parts = {
    ...typed(schema, isNullable && isSimple),
    ...described(schema),
    ...limits(schema),
    ...values(schema),
    ...(walk.depth >= 0 && walk.left.nodes > 0 && nested(schema, walk)),
  }
  const takesNull = 'type' in parts || 'enum' in parts ? isSimple : Object.keys(parts).length === 0
  return isNullable && !takesNull ? { anyOf: [parts, { type: 'null' }] } : parts
}

function typed({ type, format }: JsonObject, isNullable: boolean): JsonObject {
  const names = (Array.isArray(type) ? type : [type]).filter(name => TYPES.has(textOf(name)))
  if (isNullable && names.length > 0 && !names.includes('null')) names.push('null')
  return {
    ...(names.length > 0 && { type: names.length === 1 ? names[0] : names }),
    ...(FORMATS.has(textOf(format)) && { format: textOf(format) }),
  }
}

function described({ description, pattern }: JsonObject): JsonObject {
  const parts = [textOf(description), textOf(pattern) && `Pattern: ${textOf(pattern)}`].filter(part => part !== '')
  return parts.length > 0 ? { description: short(parts.join(' '), DESCRIPTION_MAX) } : {}
}

function limits(schema: JsonObject): JsonObject {
  const isCount = (value: Json | undefined) => Number.isSafeInteger(value) && Number(value) >= 0
  const isNumber = (name: string) =>
    Number.isFinite(schema[name]) && (name !== 'multipleOf' || Number(schema[name]) > 0)
  const numbers = NUMBERS.filter(isNumber).map(name => [name, schema[name]] as const)
  const counts = COUNTS.filter(name => isCount(schema[name])).map(name => [name, schema[name]] as const)
  const kept: Record<string, Json | undefined> = Object.fromEntries([...numbers, ...counts])
  if (schema.uniqueItems === true) kept.uniqueItems = true
  // In 3.0 whether a bound is one of them is told beside it.
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const)
    if (schema[exclusive] === true && kept[bound] !== undefined) {
      kept[exclusive] = kept[bound]
      delete kept[bound]
    }
  return kept as JsonObject // undefined was filtered out
}

function values(schema: JsonObject): JsonObject {
  const isSmall = (value: Json | undefined) => value !== undefined && (isPlain(value) || isShortList(value))
  const words = listOf(schema.enum)
  const isListed = words.length > 0 && words.length <= ENUM_MAX && words.every(isPlain)
  return {
    ...(isListed && { enum: schema.nullable === true && !words.includes(null) ? [...words, null] : words }),
    ...(isSmall(schema.const) && { const: schema.const as Json }),
    ...(isSmall(schema.default) && { default: schema.default as Json }),
  }
}

const isPlain = (value: Json): boolean =>
  value === null || (typeof value !== 'object' && String(value).length <= VALUE_MAX)
const isShortList = (value: Json): boolean => Array.isArray(value) && value.length <= 10 && value.every(isPlain)

function nested(schema: JsonObject, walk: Walk): JsonObject {
  const lists = (name: string) => {
    const list = listOf(schema[name])
    return list.length > 0 ? list.map(entry => convert(entry, walk)) : undefined
  }
  const alternatives = lists('anyOf') ?? lists('oneOf')
  const all = lists('allOf')
  const items = schema.items ?? (schema.type === 'array' ? {} : undefined)
  return {
    ...objectParts(schema, walk),
    ...(items !== undefined && { items: convert(items, walk) }),
    ...(alternatives && { anyOf: alternatives }), // what was cut may fit more than one of `oneOf`
    ...(all && { allOf: all }),
  }
}

function objectParts(schema: JsonObject, walk: Walk): JsonObject {
  const isSendable = ([, property]: [string, Json]) =>
    property !== false && walk.document.follow(property)?.readOnly !== true
  const properties = Object.entries(isObject(schema.properties) ? schema.properties : {}).filter(isSendable)
  const names = new Set(properties.map(([name]) => name))
  const required = listOf(schema.required).filter(name => names.has(textOf(name)))
  const more = schema.patternProperties === undefined ? schema.additionalProperties : undefined
  return {
    ...(names.size > 0 && {
      properties: Object.fromEntries(properties.map(([name, one]) => [name, convert(one, walk)])),
    }),
    ...(required.length > 0 && { required }),
    ...((more === false || isObject(more)) && { additionalProperties: more && convert(more, walk) }),
  }
}
