import { STATUS_CODES } from 'node:http'
import { ERRORS } from '@parley/protocol/errors'
import { z } from 'zod'
import { BYTES_STATUSES } from './bytes.ts'
import type { Statuses } from './dialect.ts'
import type { Described, ErrorShapes, Family } from './endpoint.ts'
import { faultStatus, isFaultCode } from './faults.ts'

/** What an API says of itself beside its endpoints. */
export interface ApiDescription {
  readonly title: string
  readonly version: string
  readonly description: string
  readonly families: readonly Family<Described>[]
  /** Ways to show a credential, by name, as OpenAPI writes them; each is enough. */
  readonly security: Readonly<Record<string, object>>
  /** Schemas with a name of their own. */
  readonly schemas: Readonly<Record<string, z.ZodType>>
  /** Of families that have none of their own. */
  readonly errors: ErrorShapes
}

export type JsonSchema = Readonly<Record<string, unknown>>

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: JsonSchema
}

export interface Operation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content & { readonly required: true }
  readonly responses: Readonly<Record<string, { readonly description: string } & Partial<Content>>>
}

/** An OpenAPI 3.1 document, as far as we write one. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>
    readonly schemas: Readonly<Record<string, JsonSchema>>
  }
}

/** The document of an API, made from its table of endpoints and the schemas that read and prove its requests and answers. */
export function openApi(api: ApiDescription): OpenApi {
  const names = new Map<string, string>()
  const schemas: Record<string, JsonSchema> = {}
  for (const [name, schema] of Object.entries(api.schemas)) {
    const plain = toJson(schema, 'output')
    schemas[name] = withNames(plain, names) as JsonSchema // an object stays one
    names.set(JSON.stringify(plain), name)
  }
  const rows = api.families.flatMap(({ name, endpoints, errors = api.errors }) =>
    endpoints.map(row => ({ ...row, tag: name, errors })),
  )
  const show = (schema: z.ZodType, io: 'input' | 'output') => withNames(toJson(schema, io), names) as JsonSchema
  return {
    openapi: '3.1.0',
    info: { title: api.title, version: api.version, description: api.description },
    tags: api.families.map(({ name }) => ({ name })),
    paths: Object.fromEntries(
      [...Map.groupBy(rows, row => row.path)].map(([path, same]) => [
        path,
        Object.fromEntries(
          same.map(row => [
            row.method.toLowerCase(),
            operation(row, row.tag, row.errors, Object.keys(api.security), show),
          ]),
        ),
      ]),
    ),
    components: { securitySchemes: api.security, schemas },
  }
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // The output of a transform has no type of its own; where it has a number for default, that is what it makes.
      if (jsonSchema.type === undefined && typeof jsonSchema.default === 'number') jsonSchema.type = 'integer'
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })
  return json
}

/** A copy in which every part that equals a named schema is a reference to it. */
function withNames(part: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof part !== 'object' || part === null) return part
  const name = names.get(JSON.stringify(part))
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` }
  if (Array.isArray(part)) return part.map(inner => withNames(inner, names))
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, withNames(inner, names)]))
}

type Show = (schema: z.ZodType, io: 'input' | 'output') => JsonSchema

function operation(
  row: Described,
  tag: string,
  errors: ErrorShapes,
  schemes: readonly string[],
  show: Show,
): Operation {
  const parameters = [...parametersOf(row.params, 'path'), ...parametersOf(row.query, 'query')]
  return {
    tags: [tag],
    summary: row.summary,
    ...(row.auth === 'admin' && { description: 'For admins.' }),
    security: row.auth === 'none' ? [] : schemes.map(name => ({ [name]: [] })),
    ...(parameters.length > 0 && { parameters }),
    ...(row.body && { requestBody: { required: true, ...json(show(row.body, 'input')) } }),
    responses: {
      ...Object.fromEntries(
        successStatuses(row).map(status => [
          status,
          { description: said(status), ...contentOf(row.answer, status, show) },
        ]),
      ),
      ...Object.fromEntries(
        errorStatuses(row, errors.statuses, errors.invalidStatus).map(status => [
          status,
          {
            description: said(status),
            ...json(show(status === 422 ? errors.invalid : errors.error, 'output')),
          },
        ]),
      ),
    },
  }
}

const said = (status: number): string => STATUS_CODES[status] ?? String(status)

const json = (schema: JsonSchema): Content => ({ content: { 'application/json': { schema } } })

/** A file says of what type it is when it comes. */
const ANY_BYTES: Content = { content: { '*/*': { schema: { type: 'string', format: 'binary' } } } }

function contentOf(answer: Described['answer'], status: number, show: Show): Partial<Content> {
  if (answer === 'bytes') return status === 304 ? {} : ANY_BYTES
  return answer === null ? {} : json(show(answer, 'output'))
}

/** Statuses of success. */
export const successStatuses = ({ answer, status }: Described): readonly number[] =>
  answer === 'bytes' ? BYTES_STATUSES : [status]

function parametersOf(schema: z.ZodType | undefined, place: Parameter['in']): readonly Parameter[] {
  if (!schema) return []
  const { properties = {} } = toJson(schema, 'output')
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path', // every query has defaults
    schema: property,
  }))
}

/** Statuses of all refusals an endpoint has to expect, in order; `special` ones differ from the table's. */
export function errorStatuses(row: Described, special: Statuses = {}, invalid = 422): readonly number[] {
  const refusals = (row.refuses ?? []).map(code =>
    isFaultCode(code) ? faultStatus(code) : (special[code] ?? ERRORS[code].status),
  )
  const statuses = [
    ...refusals,
    ...(row.auth === 'none' ? [] : [401]),
    ...(row.auth === 'admin' ? [403] : []),
    ...(row.query || row.body ? [invalid] : []),
    ...(row.body ? [413] : []),
  ]
  return [...new Set(statuses)].toSorted((a, b) => a - b)
}
