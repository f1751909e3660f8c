import type { Json, JsonObject } from '../tool.ts'

/** Largest schema of a tool's arguments: as JSON, in UTF-16 units, and how deep it may go. */
const SIZE_MAX = 16 * 1024
const DEPTH_MAX = 24

/** Below these stand names that a tool chose, each with a schema; below the others of them values. */
const NAMES = new Set(['properties', '$defs', 'definitions', 'dependentSchemas'])
const VALUES = new Set(['const', 'enum', 'default', 'examples', 'required', 'dependentRequired'])
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef'])

// A regular expression of a stranger can take for ever on a text that is made for it. The server judges its arguments itself.
const LEFT_OUT = new Set(['pattern', '$schema', '$id'])

/** Why a schema is not taken; undefined when it is. */
export function schemaFault(schema: Json): string | undefined {
  if (!isObject(schema) || schema.type !== 'object') return 'its arguments are no object'
  if (depthOf(schema) > DEPTH_MAX || JSON.stringify(schema).length > SIZE_MAX) return 'its arguments are too large'
  const words = wordsOf(schema)
  if (words.some(([word]) => word === 'patternProperties')) return 'its arguments have patterns for names'
  const isElsewhere = words.some(([word, value]) => REFERENCES.has(word) && !String(value).startsWith('#'))
  return isElsewhere ? 'what it says of its arguments is elsewhere' : undefined
}

/** A schema that was taken, as the 2020-12 one that is offered. */
export function offeredSchema(schema: JsonObject): JsonObject {
  return within(schema) as JsonObject // an object stays one
}

function within(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(within)
  if (!isObject(schema)) return schema
  const kept = Object.entries(schema).filter(([word]) => !LEFT_OUT.has(word))
  return Object.fromEntries(kept.map(([word, value]) => [word, VALUES.has(word) ? value : below(word, value)]))
}

function below(word: string, value: Json): Json {
  if (!NAMES.has(word) || !isObject(value)) return within(value)
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, within(schema)]))
}

/** Every word of JSON Schema in `schema`, with what it says. */
function wordsOf(schema: Json): readonly (readonly [string, Json])[] {
  if (Array.isArray(schema)) return schema.flatMap(wordsOf)
  if (!isObject(schema)) return []
  return Object.entries(schema).flatMap(([word, value]) => {
    if (VALUES.has(word)) return []
    const inner = NAMES.has(word) && isObject(value) ? Object.values(value) : [value]
    return [[word, value] as const, ...inner.flatMap(wordsOf)]
  })
}

/** How deep `json` goes, as far as it matters here. */
function depthOf(json: Json, above = 0): number {
  if (json === null || typeof json !== 'object' || above > DEPTH_MAX) return above
  const depths = Object.values(json).map((inner: Json) => depthOf(inner, above + 1))
  return depths.reduce((most, depth) => Math.max(most, depth), above)
}

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
