import type { Json, JsonObject } from '../tool.ts'

/** Largest schema of a tool's arguments: as JSON, in UTF-16 units, and how deep it may go. */
const SIZE_MAX = 16 * 1024
const DEPTH_MAX = 24

const REFERENCES = new Set(['$ref', '$dynamicRef'])

/** Why a stranger's schema of arguments is not taken; undefined when it is. */
export function schemaFault(schema: Json): string | undefined {
  if (!isObject(schema) || schema.type !== 'object') return 'its arguments are no object'
  if (depthOf(schema) > DEPTH_MAX || JSON.stringify(schema).length > SIZE_MAX) return 'its arguments are too large'
  return isElsewhere(schema) ? 'what it says of its arguments is elsewhere' : undefined
}

/** Whether anything in it refers to another document. */
function isElsewhere(schema: Json): boolean {
  if (schema === null || typeof schema !== 'object') return false
  return Object.entries(schema).some(
    ([word, value]: [string, Json]) =>
      isElsewhere(value) || (REFERENCES.has(word) && typeof value === 'string' && !value.startsWith('#')),
  )
}

/** How deep `json` goes, as far as it matters here. */
function depthOf(json: Json, above = 0): number {
  if (json === null || typeof json !== 'object' || above > DEPTH_MAX) return above
  return Object.values(json).reduce((most: number, inner: Json) => Math.max(most, depthOf(inner, above + 1)), above)
}

const isObject = (json: Json): json is JsonObject => typeof json === 'object' && json !== null && !Array.isArray(json)
