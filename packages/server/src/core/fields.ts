import { isJsonObject, type Json, type JsonObject } from './json.ts'
import { fits } from './message.ts'

/**
 * What data of agents looks like: JSON Schema (2020-12), the part of it in which everything has a bound and nothing is left
 * open. Lengths are in Unicode code points. An object has no other fields than those named.
 */
export type FieldSchema = Described & (TextSchema | NumberSchema | BooleanSchema | ListSchema | ObjectSchema)

interface Described {
  readonly title?: string | undefined
  readonly description?: string | undefined
}

interface TextSchema {
  readonly type: 'string'
  readonly minLength?: number | undefined
  readonly maxLength: number
  readonly enum?: readonly string[] | undefined
}

interface NumberSchema {
  readonly type: 'integer' | 'number'
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
}

interface BooleanSchema {
  readonly type: 'boolean'
}

interface ListSchema {
  readonly type: 'array'
  readonly items: FieldSchema
  readonly minItems?: number | undefined
  readonly maxItems: number
}

export interface ObjectSchema extends Described {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, FieldSchema>>
  readonly required: readonly string[]
  readonly additionalProperties: false
}

/** One thing that is wrong with data. */
export interface FieldFault {
  /** The way to it, such as `people[2].name`; empty for the whole. */
  readonly at: string
  /** In words that end the sentence which begins with the field. */
  readonly says: string
}

/** All of them as one text for people and models. */
export const faultText = (faults: readonly FieldFault[]): string =>
  faults.map(({ at, says }) => `${at === '' ? 'It' : at} ${says}`).join('; ')

/** Most faults that are told at once. */
const FAULTS_MAX = 20
/** Longest name of a field that is repeated to whoever sent it. */
const NAME_SHOWN = 64

/** What is wrong with `value`, the first of it where that is a lot. Goes no deeper into the value than the schema does. */
export function faultsOf(schema: FieldSchema, value: unknown, at = ''): readonly FieldFault[] {
  return [...check(schema, value, at)].slice(0, FAULTS_MAX)
}

function* check(schema: FieldSchema, value: unknown, at: string): Generator<FieldFault> {
  switch (schema.type) {
    case 'string':
      yield* checkText(schema, value, at)
      return
    case 'integer':
    case 'number':
      yield* checkNumber(schema, value, at)
      return
    case 'boolean':
      if (typeof value !== 'boolean') yield { at, says: 'should be true or false' }
      return
    case 'array':
      yield* checkList(schema, value, at)
      return
    case 'object':
      yield* checkObject(schema, value, at)
      return
    default:
      schema satisfies never
  }
}

function* checkText(schema: TextSchema, value: unknown, at: string): Generator<FieldFault> {
  const { minLength = 0, maxLength, enum: choice } = schema
  if (typeof value !== 'string') yield { at, says: 'should be a text' }
  else if (!value.isWellFormed()) yield { at, says: 'should be well-formed Unicode' }
  else if (choice && !choice.includes(value)) yield { at, says: `should be one of: ${choice.join(', ')}` }
  else if (!fits(value, maxLength)) yield { at, says: `should have at most ${maxLength} characters` }
  else if (minLength > 0 && fits(value, minLength - 1))
    yield { at, says: `should have at least ${minLength} characters` }
}

function* checkNumber(schema: NumberSchema, value: unknown, at: string): Generator<FieldFault> {
  const { type, minimum = -Infinity, maximum = Infinity } = schema
  if (typeof value !== 'number') yield { at, says: 'should be a number' }
  else if (type === 'integer' && !Number.isSafeInteger(value)) yield { at, says: 'should be a whole number' }
  else if (value < minimum) yield { at, says: `should be at least ${minimum}` }
  else if (value > maximum) yield { at, says: `should be at most ${maximum}` }
}

function* checkList(schema: ListSchema, value: unknown, at: string): Generator<FieldFault> {
  const { items, minItems = 0, maxItems } = schema
  if (!Array.isArray(value)) yield { at, says: 'should be a list' }
  else if (value.length > maxItems) yield { at, says: `should have at most ${maxItems} entries` }
  else if (value.length < minItems) yield { at, says: `should have at least ${minItems} entries` }
  else for (const [index, item] of value.entries()) yield* check(items, item, `${at}[${index}]`)
}

function* checkObject(schema: ObjectSchema, value: unknown, at: string): Generator<FieldFault> {
  if (!isJsonObject(value)) return yield { at, says: 'should be an object' }
  const under = (name: string) => (at === '' ? name : `${at}.${name}`)
  for (const name of schema.required) if (!Object.hasOwn(value, name)) yield { at: under(name), says: 'is missing' }
  for (const [name, inner] of Object.entries(value)) {
    const field = fieldOf(schema, name)
    if (field) yield* check(field, inner, under(name))
    else yield { at: under(name.slice(0, NAME_SHOWN).toWellFormed()), says: 'is no field of this' }
  }
}

const fieldOf = (schema: ObjectSchema, name: string): FieldSchema | undefined =>
  Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined

/** `data` after a JSON merge patch (RFC 7396): null takes a field away. Goes no deeper than the schema does. */
export function patched(schema: ObjectSchema, data: JsonObject, patch: JsonObject): JsonObject {
  const fields = new Map(Object.entries(data))
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) fields.delete(name)
    else fields.set(name, within(fieldOf(schema, name), fields.get(name), value))
  }
  return Object.fromEntries(fields)
}

function within(field: FieldSchema | undefined, before: Json | undefined, patch: Json): Json {
  if (field?.type !== 'object' || !isJsonObject(patch)) return patch
  return patched(field, isJsonObject(before) ? before : {}, patch)
}
