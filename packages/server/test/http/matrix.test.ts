import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openFiles } from '../../src/files/disk.ts'
import type { Endpoint } from '../../src/http/endpoint.ts'
import { families } from './contract.ts'
import { ROOM_CASES } from './room-cases.ts'
import { openSite, type Person, type Site } from './site.ts'

const CALLERS = ['nobody', 'junk', 'viewer', 'bot', 'member', 'admin'] as const
type Caller = (typeof CALLERS)[number]
type Statuses = Partial<Record<Caller, number>>

/** Things there are, made anew for every question, so that no answer depends on an earlier one. */
interface Things {
  readonly site: Site
  readonly callers: Readonly<Record<Caller, string | undefined>>
  readonly member: Person
  readonly unique: string
}

const NOT_MINE: Statuses = { viewer: 403, bot: 403 }
const NO_PROFILE: Statuses = { viewer: 403 }

interface Request {
  readonly id?: string
  readonly query?: string
  readonly body?: object
}

interface Case {
  /** A request that succeeds for who may make it. */
  request(things: Things): Promise<Request> | Request
  /** Where a role decides beyond what the table's `auth` says. */
  readonly except?: Statuses
}

const plain: Case = { request: () => ({}) }
const body = (make: (things: Things) => object, except: Statuses = {}): Case => ({
  request: things => ({ body: make(things) }),
  except,
})

const toAll = (status: number): Statuses => Object.fromEntries(CALLERS.map(caller => [caller, status]))

async function message({ site, member }: Things): Promise<string> {
  const { body } = await site.ask('POST', '/messages', { key: member.key, body: { content: 'x' } })
  return body.id
}
async function conversation({ site, member }: Things): Promise<string> {
  return (await site.ask('POST', '/conversations', { key: member.key, body: {} })).body.id
}
async function bot({ site, member, unique }: Things): Promise<string> {
  return (await site.person(`${unique} asked`, 'bot', member)).user.id
}
async function user({ site, unique }: Things): Promise<string> {
  return (await site.person(`${unique} user`)).user.id
}
async function mailedToken({ site, unique }: Things): Promise<string> {
  await site.ask('POST', '/auth/magic-link/send', { body: { email: `${unique}@example.org` } })
  return /token=(\w+)/.exec(site.mails.at(-1)?.text ?? '')?.[1] ?? ''
}

async function connection({ site, member }: Things): Promise<string> {
  await site.rooms(member)
  return site.sessions.connectionsOf(member.user.id)[0]?.connectionId ?? ''
}

async function file({ site, member }: Things): Promise<string> {
  const begin = { type: 'upload.begin', name: 'a.txt', size: 1, mimeType: 'text/plain', room: null } as const
  const { id } = (await site.as(member, begin)).upload
  await site.as(member, { type: 'upload.put', id, index: 0, total: 1, bytes: Buffer.from('x') })
  await site.as(member, { type: 'upload.finish', id, checksum: null })
  return id
}

async function session({ site, member, unique }: Things): Promise<string> {
  await site.as(member, { type: 'session.enter', session: `agents/${unique}` })
  return unique
}
const NO_SESSION: Statuses = { ...toAll(404), member: 200 }

const PASSWORD = 'correct horse'

/** Bodies with which somebody new, who has a password, signs in and refreshes. */
async function registered({ site, unique }: Things): Promise<{ login: object; refresh: object }> {
  const login = { username: `${unique} pw`, password: PASSWORD }
  await site.ask('POST', '/api/v1/auth/register', { body: { ...login, email: `${unique}@pw.org` } })
  const { body } = await site.ask('POST', '/api/v1/auth/login', { body: login })
  return { login, refresh: { refresh_token: body.refresh_token } }
}

const on = (make: (things: Things) => Promise<string>, except: Statuses = {}, sent?: object): Case => ({
  request: async things => ({ id: await make(things), ...(sent && { body: sent }) }),
  except,
})

const mail = ({ unique }: Things) => `${unique}@example.org`

// One line an endpoint: what is asked for, and which roles are refused although the table lets them ask.
const CASES: Readonly<Record<string, Case>> = {
  'POST /register': body(({ unique }) => ({ username: unique })),
  // There is an admin already, so the token of the first is worth nothing to anybody.
  'POST /setup': body(({ unique }) => ({ token: 'spent', username: unique }), toAll(401)),
  'POST /auth/magic-link/send': body(things => ({ email: mail(things) })),
  'POST /auth/magic-link/authenticate': { request: async things => ({ body: { token: await mailedToken(things) } }) },
  'POST /messages': body(() => ({ content: 'x' }), { viewer: 403 }),
  'GET /messages': plain,
  'GET /messages/direct': plain,
  'GET /messages/unread': plain,
  'GET /messages/direct/unread': plain,
  'GET /messages/unread/count': plain,
  'GET /messages/{message_id}/receipts': on(message, { viewer: 404, bot: 404 }),
  'POST /messages/{message_id}/read': on(message),
  'POST /messages/mark-all-read': plain,
  'GET /users': plain,
  'GET /users/online': plain,
  'GET /users/me': plain,
  'GET /users/{user_id}': on(user),
  'PATCH /users/me/username': body(({ unique }) => ({ username: unique }), NO_PROFILE),
  'PATCH /users/me/webhook': body(() => ({}), NO_PROFILE),
  'PATCH /users/me/logo': body(() => ({}), NO_PROFILE),
  'POST /users/me/regenerate-api-key': plain,
  'GET /logos': plain,
  'POST /bots': body(({ unique }) => ({ username: unique }), { viewer: 403, bot: 403 }),
  'GET /bots/me': plain,
  'PATCH /bots/{bot_id}': on(bot, NOT_MINE, {}),
  'DELETE /bots/{bot_id}': on(bot, NOT_MINE),
  'POST /bots/{bot_id}/regenerate-api-key': on(bot, NOT_MINE),
  'POST /conversations': body(() => ({})),
  'GET /conversations': plain,
  'GET /conversations/{conversation_id}': on(conversation, { ...NOT_MINE, admin: 403 }),
  'PATCH /conversations/{conversation_id}': on(conversation, { ...NOT_MINE, admin: 403 }, {}),
  'DELETE /conversations/{conversation_id}': on(conversation, { ...NOT_MINE, admin: 403 }),
  'GET /admin/users': plain,
  'GET /admin/users/{user_id}': on(user),
  'PATCH /admin/users/{user_id}': on(user, {}, { emoji: 'x' }),
  'DELETE /admin/users/{user_id}': on(user),
  'PATCH /admin/users/{user_id}/role': on(user, {}, { role: 'viewer' }),
  'POST /admin/invite': body(things => ({ email: mail(things), signup_url: 'https://app.example/' })),
  'GET /admin/messages/{message_id}': on(message),
  'PATCH /admin/messages/{message_id}': on(message, {}, { content: 'y' }),
  'DELETE /admin/messages/{message_id}': on(message),
  'POST /admin/announcements': body(() => ({ content: 'x' })),
  'DELETE /admin/conversations/{conversation_id}': on(conversation),
  'GET /admin/websocket/connections': plain,
  'POST /api/v1/auth/register': body(({ unique }) => ({
    username: unique,
    email: `${unique}@x.org`,
    password: PASSWORD,
  })),
  'POST /api/v1/auth/login': { request: async things => ({ body: (await registered(things)).login }) },
  'POST /api/v1/auth/refresh': { request: async things => ({ body: (await registered(things)).refresh }) },
  'POST /api/v1/auth/logout': plain,
  'GET /api/v1/auth/profile': plain,
  'GET /api/v1/auth/verify-token': plain,
  'POST /api/v1/ws/token': plain,
  'PUT /api/v1/auth/password': body(() => ({ new_password: PASSWORD }), { bot: 403 }),
  'POST /api/v1/auth/password/forgot': body(things => ({ email: mail(things) })),
  'POST /api/v1/auth/password/reset': body(() => ({ token: 'guessed', new_password: PASSWORD }), toAll(401)),
  // Whose account has no address can't confirm one.
  'POST /api/v1/auth/email/verify/send': { request: () => ({}), except: toAll(400) },
  'POST /api/v1/auth/email/verify': body(() => ({ token: 'guessed' }), toAll(401)),
  'POST /api/v1/ws/rooms': body(() => ({}), { viewer: 403 }),
  'GET /api/v1/rooms': plain,
  'GET /api/v1/search': { request: () => ({ query: '?q=word' }) },
  'GET /api/v1/conversations': plain,
  'GET /api/v1/artefacts': plain,
  'GET /api/v1/artefacts/kinds': plain,
  // Nobody has any.
  'GET /api/v1/artefacts/export': { request: () => ({}), except: toAll(404) },
  'GET /api/v1/ws/stats': plain,
  'GET /api/v1/ws/connections/{connection_id}': on(connection, NOT_MINE),
  'GET /api/v1/ws/user/{user_id}/connections': on(async ({ member }) => member.user.id, NOT_MINE),
  'GET /agents': plain,
  'GET /models': plain,
  'GET /models/current': plain,
  'GET /models/{model_id}': on(async () => 'parley-guide'),
  'POST /models/{model_id}/switch': {
    request: async things => ({ id: 'parley-guide', body: { session_id: await session(things) } }),
    except: NO_SESSION,
  },
  'GET /sessions': plain,
  'GET /sessions/{session_id}': on(session, NO_SESSION),
  'GET /api/v1/files/{file_id}': on(file, { viewer: 404, bot: 404 }),
  'POST /api/v1/files/{file_id}/link': on(file, { viewer: 404, bot: 404 }),
}

const rows = families.flatMap(family => family.endpoints)
const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`

/** What the table says of a caller, before roles. */
function expected(row: Endpoint, caller: Caller, except: Statuses = {}): number {
  // The site is asked from this machine, and guests are open there.
  const stranger = caller === 'junk' || (caller === 'nobody' && row.auth !== 'guest')
  if (row.auth !== 'none' && stranger) return 401
  if (row.auth === 'admin' && caller !== 'admin') return 403
  return except[caller] ?? row.status
}

let site: Site
let directory: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-'))
  site = await openSite({ files: openFiles({ directory, temporary: directory }) })
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

let count = 0

async function things(): Promise<Things> {
  const unique = `case-${++count}`
  const person = (role: 'viewer' | 'bot' | 'member' | 'admin', owner?: Person) =>
    site.person(`${unique} ${role}`, role, owner)
  const [viewer, member, admin] = [await person('viewer'), await person('member'), await person('admin')]
  const bot = await person('bot', admin)
  const callers = {
    viewer: viewer.key,
    member: member.key,
    admin: admin.key,
    bot: bot.key,
    nobody: undefined,
    junk: 'junk',
  }
  return { site, callers, member, unique }
}

it('[HTTP-14] has a case for every endpoint', () => {
  // Those about a room are asked by role and membership, in a test of their own; files in both.
  const cases = new Set([...Object.keys(CASES), ...Object.keys(ROOM_CASES)])
  expect([...cases].toSorted()).toEqual(rows.map(nameOf).toSorted())
})

const asked = rows.filter(row => Object.hasOwn(CASES, nameOf(row)))

it.each(asked.map(row => [nameOf(row), row] as const))('[HTTP-14] who may: %s', async (name, row) => {
  const { request, except } = CASES[name] ?? plain
  for (const caller of CALLERS) {
    const made = await things()
    const { id = '', query = '', body: sent } = await request(made)
    const path = row.path.replace(/\{\w+\}/, id) + query
    const { status } = await site.ask(row.method, path, { key: made.callers[caller], body: sent })
    expect([caller, status]).toEqual([caller, expected(row, caller, except)])
  }
})
