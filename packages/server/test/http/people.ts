import type { Family } from '../../src/http/endpoint.ts'
import { TestClient } from '../world.ts'
import { families } from './contract.ts'
import type { Answer, Site } from './site.ts'

export const PASSWORD = 'correct horse battery'
const API = '/api/v1'

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

export interface Pair {
  readonly access_token: string
  readonly refresh_token: string
}

/** Short words for what a person with a password does. */
export function peopleOf(site: Site) {
  const post = (path: string, body?: object, token?: string): Promise<Answer> =>
    site.ask('POST', `${API}${path}`, { body, ...(token && { headers: bearer(token) }) })
  const get = (path: string, token: string) => site.ask('GET', path, { headers: bearer(token) })
  const register = (username: string, over: object = {}) =>
    post('/auth/register', { username, email: `${username}@example.org`, password: PASSWORD, ...over })
  const login = (username: string, password = PASSWORD) => post('/auth/login', { username, password })
  const setPassword = (token: string, body: object) =>
    site.ask('PUT', `${API}/auth/password`, { body, headers: bearer(token) })
  return {
    ...{ post, get, register, login, setPassword },
    profile: (token: string) => get(`${API}/auth/profile`, token),
    /** Tokens of somebody who registers and signs in. */
    async join(username: string): Promise<Pair> {
      await register(username)
      return (await login(username)).body
    },
    refresh: (refresh_token: string) => post('/auth/refresh', { refresh_token }),
  }
}

/** Token Bowl sockets on a site. */
export const socketsOn = (site: Site) => (token: string) =>
  TestClient.open(`ws://127.0.0.1:${site.port}/ws`, { headers: bearer(token) })

/** What a refusal says. */
export const told = ({ status, body }: Answer) => [status, body.error.message] as const

/** What everything of a family answers to nobody in particular. */
export async function toNobody(site: Site, name: Family['name']): Promise<readonly number[]> {
  const rows = families.find(family => family.name === name)?.endpoints ?? []
  const answers = rows.map(({ method, path }) => site.ask(method, path.replaceAll(/\{\w+\}/g, 'x')))
  return [...new Set((await Promise.all(answers)).map(({ status }) => status))]
}
