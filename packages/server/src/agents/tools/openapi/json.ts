import type { Json, JsonObject } from '../tool.ts'

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The field of an object, its own alone; undefined for what is no object. */
export const field = (value: unknown, name: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value : [])

/** A text of others for a model: well-formed, on its own, and no longer than `max` UTF-16 units. */
export function short(text: string, max: number): string {
  const trimmed = text.trim().toWellFormed()
  return trimmed.length <= max ? trimmed : `${trimmed.slice(0, max - 1).toWellFormed()}…`
}
