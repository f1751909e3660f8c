import * as agents from '../../src/http/agents/api.ts'
import type { Endpoint, ErrorShapes, Family } from '../../src/http/endpoint.ts'
import { errorStatuses, successStatuses } from '../../src/http/openapi.ts'
import * as rooms from '../../src/http/rooms/api.ts'
import * as tokenBowl from '../../src/http/token-bowl/api.ts'

/** Every family, with the shape of its errors. */
const shaped = (family: Family): Family & { readonly errors: ErrorShapes } => ({ errors: tokenBowl.errors, ...family })

export const families = [...tokenBowl.families, ...rooms.families, ...agents.families].map(shaped)

/** What any request may run into, whatever the endpoint. */
const ANYWHERE = [403, 415, 421, 429, 500, 503]

const seen = new Set<string>()

/** The row that serves a request, with the shape of its errors. */
function rowOf(method: string, path: string): { row: Endpoint; errors: ErrorShapes } | undefined {
  const plain = (path.split('?', 1)[0] ?? '')
    .replace('/api/v1/ws/ws/', '/api/v1/ws/')
    .replace(/^\/api\/sessions/, '/sessions')
  const fits = (row: Endpoint) => new RegExp(`^${row.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain)
  const rows = families.flatMap(({ endpoints, errors }) => endpoints.map(row => ({ row, errors })))
  return rows
    .filter(({ row }) => row.method === method && fits(row))
    .toSorted((a, b) => a.row.path.split('{').length - b.row.path.split('{').length)[0]
}

/** Holds an answer against the endpoint's row: a status it documents, a body its strict schema takes. */
export function check(method: string, path: string, status: number, body: unknown): void {
  const found = rowOf(method, path)
  if (!found) return
  const { row, errors } = found
  seen.add(`${method} ${row.path} ${status}`)
  if (successStatuses(row).includes(status)) {
    if (row.answer === 'bytes') return
    if (row.answer === null ? body !== '' : !row.answer.parse(body)) throw new Error(`${path} answered a body`)
  } else if (errorStatuses(row, errors.statuses).includes(status) || ANYWHERE.includes(status)) {
    ;(status === 422 ? errors.invalid : errors.error).parse(body)
  } else throw new Error(`${method} ${row.path} does not document ${status}: ${JSON.stringify(body)}`)
}

/** Statuses that the endpoints of a family document and that no answer of this test file had. */
export function unseen(name: Family['name']): readonly string[] {
  const family = families.find(one => one.name === name)
  if (!family) throw new Error(`no family ${name}`)
  return family.endpoints
    .flatMap(row =>
      [...successStatuses(row), ...errorStatuses(row, family.errors.statuses)].map(
        status => `${row.method} ${row.path} ${status}`,
      ),
    )
    .filter(line => !seen.has(line))
}
