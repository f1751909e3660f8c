import { detailBody, validationBody } from '@parley/protocol/token-bowl/errors'
import type { Endpoint, Family } from '../../src/http/endpoint.ts'
import { errorStatuses } from '../../src/http/openapi.ts'
import { families } from '../../src/http/token-bowl/api.ts'

/** What any request may run into, whatever the endpoint. */
const ANYWHERE = [403, 415, 421, 429, 500, 503]

const seen = new Set<string>()

/** The row that serves a request. */
function rowOf(method: string, path: string): Endpoint | undefined {
  const plain = path.split('?', 1)[0] ?? ''
  const fits = (row: Endpoint) => new RegExp(`^${row.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain)
  const rows = families.flatMap(family => family.endpoints).filter(row => row.method === method && fits(row))
  return rows.toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
}

/** Holds an answer against the endpoint's row: a status it documents, a body its strict schema takes. */
export function check(method: string, path: string, status: number, body: unknown): void {
  const row = rowOf(method, path)
  if (!row) return
  seen.add(`${method} ${row.path} ${status}`)
  if (status === row.status) {
    if (row.answer === null ? body !== '' : !row.answer.parse(body)) throw new Error(`${path} answered a body`)
  } else if (errorStatuses(row).includes(status) || ANYWHERE.includes(status)) {
    ;(status === 422 ? validationBody : detailBody).parse(body)
  } else throw new Error(`${method} ${row.path} does not document ${status}: ${JSON.stringify(body)}`)
}

/** Statuses that the endpoints of a family document and that no answer of this test file had. */
export function unseen(name: Family['name']): readonly string[] {
  const family = families.find(one => one.name === name)
  if (!family) throw new Error(`no family ${name}`)
  return family.endpoints
    .flatMap(row => [row.status, ...errorStatuses(row)].map(status => `${row.method} ${row.path} ${status}`))
    .filter(line => !seen.has(line))
}
