import { unique } from '../names.ts'
import type { Json, JsonObject } from '../tool.ts'
import type { OpenApiDocument } from './document.ts'
import { short } from './json.ts'
import { LOCATIONS, type Operation, type Parameter } from './operations.ts'
import { convertSchema } from './schema.ts'

/** Longest description of a tool, and of an argument, in UTF-16 units. */
const DESCRIPTION_MAX = 1_000
const ARGUMENT_MAX = 300
/** Largest schema of an argument and of a body, in characters of JSON. */
const SCHEMA_MAX = 2_048
const BODY_MAX = 8_192

/** An operation as something to call with arguments. */
export interface Endpoint {
  readonly operation: Operation
  /** The name of each parameter as an argument. */
  readonly slots: readonly { readonly argument: string; readonly parameter: Parameter }[]
  /** The same of the body; null where there is none. */
  readonly bodyArgument: string | null
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject
}

/** `taken` are headers, in lower case, that are no arguments because they are set otherwise. */
export function endpointOf(document: OpenApiDocument, operation: Operation, taken: ReadonlySet<string>): Endpoint {
  const names = new Set<string>()
  const open = operation.parameters.filter(one => one.in !== 'header' || !taken.has(one.name.toLowerCase()))
  const slots = LOCATIONS.flatMap(place => open.filter(one => one.in === place)).map(parameter => ({
    argument: unique(names, parameter.name, `${parameter.in}_${parameter.name}`),
    parameter,
  }))
  const { body } = operation
  const bodyArgument = body && unique(names, 'body', 'request_body')
  const properties: [string, JsonObject][] = slots.map(({ argument, parameter: { schema, description } }) => [
    argument,
    about(convertSchema(document, schema, SCHEMA_MAX), description),
  ])
  const required = slots.filter(({ parameter }) => parameter.isRequired).map(({ argument }) => argument)
  if (body && bodyArgument) {
    properties.push([bodyArgument, about(convertSchema(document, body.schema, BODY_MAX), body.description)])
    if (body.isRequired) required.push(bodyArgument)
  }
  return {
    operation,
    slots,
    bodyArgument,
    description: descriptionOf(operation),
    parameters: objectOf(properties, required),
  }
}

const objectOf = (properties: readonly [string, Json][], required: readonly string[]): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(properties),
  ...(required.length > 0 && { required }),
  additionalProperties: false,
})

const about = (schema: JsonObject, description: string): JsonObject =>
  description === '' ? schema : { ...schema, description: short(description, ARGUMENT_MAX) }

function descriptionOf({ method, path, summary, description }: Operation): string {
  const parts = summary === description ? [summary] : [summary, description]
  return short(parts.filter(part => part !== '').join('\n\n') || `${method} ${path}`, DESCRIPTION_MAX)
}
