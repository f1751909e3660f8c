import { createContext, Script } from 'node:vm'
import { Validator } from '@cfworker/json-schema'
import type { Json, JsonObject } from './tool.ts'

/** Longest JSON of arguments, in UTF-16 units. Whoever approves them reads them whole. */
const ARGUMENTS_MAX = 50_000
/**
 * Longest time that checking may take, in milliseconds by the clock, so that a busy machine refuses nothing that is right. A schema from outside may
 * have patterns and references that never end.
 */
const CHECK_TIME = 500
/** Longest reason, in UTF-16 units. */
const REASON_MAX = 300

/** Whether arguments may be given to a tool; if not, why, in words for a model. */
export type Checked =
  | { readonly state: 'fit'; readonly args: JsonObject }
  | { readonly state: 'unfit'; readonly why: string }

/** Checks arguments of any kind against a JSON Schema of an object. A schema that can't be used lets nothing pass. */
export function checkArguments(args: Json, schema: JsonObject): Checked {
  if (!isObject(args)) return { state: 'unfit', why: 'they are no JSON object' }
  if (JSON.stringify(args).length > ARGUMENTS_MAX)
    return { state: 'unfit', why: `they are longer than ${ARGUMENTS_MAX} characters` }
  try {
    const why = inTime(() => faultIn(args, schema))
    return why === null ? { state: 'fit', args } : { state: 'unfit', why: why.slice(0, REASON_MAX) }
  } catch {
    return { state: 'unfit', why: "they can't be checked: the schema of the tool is broken or too complicated" }
  }
}

const isObject = (args: Json): args is JsonObject => typeof args === 'object' && args !== null && !Array.isArray(args)

/** The innermost thing that does not fit; null where everything does. */
function faultIn(args: JsonObject, schema: JsonObject): string | null {
  const { valid, errors } = new Validator(schema, '2020-12').validate(args)
  if (valid) return null
  const last = errors.at(-1)
  return last ? `${last.instanceLocation}: ${last.error}` : 'they do not fit the schema'
}

// Only a script that runs in a context can be stopped from outside; it has nothing but the work in it.
const caller = new Script('work()')

/** What `work` returns; throws where it takes longer than CHECK_TIME, even inside of a regular expression. */
function inTime<T>(work: () => T): T {
  return caller.runInContext(createContext({ work }), { timeout: CHECK_TIME }) as T // what work returned
}
