import { isHeaderValue } from '../../../core/headers.ts'
import { type Json, type JsonObject, ToolFailed } from '../tool.ts'
import { escaped, headerPiece, pathPiece, queryPieces } from './encode.ts'
import type { Endpoint } from './endpoint.ts'
import { isObject } from './json.ts'
import { type Body, hasDots, type Parameter, type Writing } from './operations.ts'

export interface Prepared {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/**
 * The request that a call means: at `base`, on the path that the operation has, whatever the arguments are. Throws ToolFailed for
 * arguments that can't be sent.
 */
export function prepare({ operation, slots, bodyArgument }: Endpoint, base: string, args: JsonObject): Prepared {
  const given = slots.flatMap(({ argument, parameter }) => {
    const value = Object.hasOwn(args, argument) ? args[argument] : undefined
    return value === undefined || value === null ? [] : [{ argument, parameter, value }]
  })
  const of = (place: Parameter['in']) => given.filter(({ parameter }) => parameter.in === place)
  const pieces = new Map(of('path').map(one => [one.parameter.name, pieceOf(one.argument, one.parameter, one.value)]))
  const query = of('query').flatMap(({ parameter, value }) => queryPieces(parameter, value))
  const headers = of('header').map(one => headerOf(one.argument, one.parameter, one.value))
  const body = bodyArgument !== null && Object.hasOwn(args, bodyArgument) ? args[bodyArgument] : undefined
  const sent = operation.body && body !== undefined ? written(operation.body, body) : null
  return {
    url: `${addressOf(base, operation.path, pieces)}${query.length > 0 ? `?${query.join('&')}` : ''}`,
    headers: { ...Object.fromEntries(headers), ...(sent !== null && { 'content-type': operation.body?.type ?? '' }) },
    body: sent,
  }
}

const invalid = (what: string): ToolFailed => new ToolFailed(`Invalid arguments: ${what}`)

/** Services that decode a path before they split it must not get further than others. */
function pieceOf(argument: string, parameter: Parameter, value: Json): string {
  const texts = isObject(value) ? Object.entries(value).flat() : Array.isArray(value) ? value : [value]
  if (texts.some(text => typeof text === 'string' && hasDots(text))) throw invalid(`${argument} leads to another path`)
  const piece = pathPiece(parameter, value)
  // The path of all orders is that of one with nothing behind it.
  if (piece === '' || value === '') throw invalid(`${argument} is empty`)
  return piece
}

function headerOf(argument: string, parameter: Parameter, value: Json): [string, string] {
  const text = headerPiece(parameter, value)
  if (!isHeaderValue(text)) throw invalid(`${argument} has characters that a header can't have`)
  return [parameter.name.toLowerCase(), text]
}

/** The address without a query. What a URL means must be what was written. */
function addressOf(base: string, template: string, pieces: ReadonlyMap<string, string>): string {
  const path = template.split(/(\{[^{}]*\})/).map((part, i) => {
    if (i % 2 === 0) return literal(part)
    const piece = pieces.get(part.slice(1, -1))
    if (piece === undefined) throw invalid(`${part.slice(1, -1)} is missing`)
    return piece
  })
  const written = new URL(base).pathname.replace(/\/$/, '') + path.join('')
  const url = new URL(base)
  url.pathname = written
  if (url.pathname !== written) throw invalid('they lead to another path')
  return url.href
}

/** What stands between the places of a path: escaped where it is not. */
const literal = (text: string): string => text.replaceAll(/[^\w\-.~!$&'()*+,;=:@/%]+/g, escaped)

function written({ isForm, fields }: Body, value: Json): string {
  if (!isForm) return JSON.stringify(value)
  if (!isObject(value)) throw invalid('the body is a form, so it has to be an object')
  const pieces = Object.entries(value).flatMap(([name, one]) =>
    queryPieces(fields.get(name) ?? asField(name, one), one),
  )
  return pieces.join('&')
}

/** Where the document does not say how, lists are repeated and objects are JSON. */
const asField = (name: string, value: Json): Writing => ({
  name,
  style: 'form',
  explode: true,
  isJson: isObject(value),
})
