import { LOGOS } from '@parley/protocol/token-bowl/limits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { families } from '../../src/http/token-bowl/api.ts'
import { unseen } from './contract.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let admin: Person
let ann: Person

beforeAll(async () => {
  site = await openSite()
  admin = await site.person('admin', 'admin')
  ann = await site.person('ann')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const ask = (method: string, path: string, body?: unknown) => site.ask(method, path, { key: admin.key, body })
const UNKNOWN = '00000000-0000-7000-8000-000000000000'
let made = 0
const someone = (role?: Person['user']['role']) => site.person(`someone ${++made}`, role)

describe('users', () => {
  it('[HTTP-70] everybody is listed, viewers too; only one’s own key and those of one’s bots show', async () => {
    await using small = await openSite()
    const root = await small.person('root', 'admin')
    const helper = await small.person('helper', 'bot', root)
    await small.person('eye', 'viewer')
    const { body } = await small.ask('GET', '/admin/users', { key: root.key })
    const keys = body.map(({ username, api_key }: { username: string; api_key: string }) => [username, api_key])
    expect(keys).toEqual([
      ['root', root.key],
      ['helper', helper.key],
      ['eye', ''],
    ])
  })

  it('[HTTP-70] one is found by UUID or name', async () => {
    for (const ref of [ann.user.id, 'ANN']) {
      expect((await ask('GET', `/admin/users/${ref}`)).body).toMatchObject({
        id: ann.user.id,
        username: 'ann',
        api_key: '',
      })
    }
  })

  it('[HTTP-71] every field can be changed; absent and null stay, an empty emoji clears', async () => {
    const { user } = await someone()
    const patch = async (body: object) => (await ask('PATCH', `/admin/users/${user.id}`, body)).body
    const all = {
      username: 'renamed',
      email: 'r@example.org',
      webhook_url: 'https://h.example/',
      logo: LOGOS[0],
      emoji: '🦊',
    }
    expect(await patch(all)).toMatchObject(all)
    expect(await patch({ emoji: '', logo: null, email: null })).toMatchObject({ ...all, emoji: null })
  })

  it.each([
    ['member', { admin: true }, 'admin'],
    ['member', { viewer: true }, 'viewer'],
    ['member', { bot: true }, 'bot'],
    ['admin', { admin: false }, 'member'],
    ['viewer', { viewer: false }, 'member'],
    ['viewer', { viewer: false, admin: true }, 'admin'],
    ['viewer', { admin: false, bot: false, emoji: 'x' }, 'viewer'],
    ['member', { admin: true, viewer: true }, 'viewer'],
  ] as const)('[HTTP-72] a %s with %j becomes %s', async (role, body, becomes) => {
    const { user } = await someone(role)
    const { body: changed } = await ask('PATCH', `/admin/users/${user.id}`, body)
    expect(changed).toMatchObject({
      role: becomes,
      admin: becomes === 'admin',
      viewer: becomes === 'viewer',
      bot: becomes === 'bot',
    })
  })

  it('[HTTP-72] who becomes a bot loses the logo; a bot and a logo together are 422', async () => {
    const { user } = await someone()
    await ask('PATCH', `/admin/users/${user.id}`, { logo: LOGOS[0] })
    const both = await ask('PATCH', `/admin/users/${user.id}`, { bot: true, logo: LOGOS[0] })
    expect([both.status, both.body.detail[0].loc]).toEqual([422, ['body', 'logo']])
    expect((await ask('PATCH', `/admin/users/${user.id}`, { bot: true })).body.logo).toBe(null)
    expect((await ask('PATCH', `/admin/users/${user.id}`, { logo: LOGOS[0] })).body.detail[0].loc).toEqual([
      'body',
      'logo',
    ])
  })

  it('[HTTP-73] refuses what the contract says', async () => {
    await ask('PATCH', '/admin/users/ann', { email: 'ann@example.org' })
    const { user } = await someone()
    const patch = (body: object, ref: string = user.id) => ask('PATCH', `/admin/users/${ref}`, body)
    const refusals = [
      [await patch({}), 400, 'No fields to update'],
      [await patch({ email: null }), 400, 'No fields to update'],
      [await patch({ admin: false }), 400, 'No fields to update'],
      [await patch({ emoji: 'x' }, 'nobody'), 404, 'User nobody not found'],
      [await patch({ username: 'ann' }), 409, 'Username ann already exists'],
      [await patch({ email: 'ann@example.org' }), 409, 'Email already exists'],
    ] as const
    for (const [answer, status, detail] of refusals) expect([answer.status, answer.body]).toEqual([status, { detail }])
    for (const body of [
      { email: 'none' },
      { webhook_url: 'http://169.254.0.1/' },
      { username: 'system' },
      { admin: 1 },
    ]) {
      expect((await patch(body)).body.detail[0].loc).toEqual(['body', Object.keys(body)[0]])
    }
  })

  it('[HTTP-74] a role is given by name', async () => {
    const { user } = await someone()
    const { status, body } = await ask('PATCH', `/admin/users/${user.id}/role`, { role: 'viewer' })
    expect([status, body.username, body.role]).toEqual([200, user.name, 'viewer'])
    expect(body.message).toContain('Successfully assigned role')
    expect((await ask('PATCH', `/admin/users/${user.id}/role`, { role: 'root' })).body.detail).toEqual([
      { loc: ['body', 'role'], msg: "Input should be 'admin', 'member', 'viewer' or 'bot'", type: 'enum' },
    ])
    expect((await ask('PATCH', '/admin/users/nobody/role', { role: 'bot' })).status).toBe(404)
  })

  it('[HTTP-75] who is deleted is gone at once, their bots too, and their name stays theirs', async () => {
    const gone = await someone()
    const bot = await site.person(`bot ${made}`, 'bot', gone)
    expect((await ask('DELETE', `/admin/users/${gone.user.id}`)).status).toBe(204)
    for (const { key } of [gone, bot]) expect((await site.ask('GET', '/users/me', { key })).status).toBe(401)
    expect((await ask('DELETE', `/admin/users/${gone.user.id}`)).status).toBe(404)
    expect((await site.ask('POST', '/register', { body: { username: gone.user.name } })).status).toBe(409)
  })
})

describe('invitations', () => {
  it('[HTTP-76] the mail leads to the sign-up page with a token that gives the role', async () => {
    const invitation = { email: 'new@example.org', signup_url: 'https://app.example/join?x=1', role: 'viewer' }
    const { status, body } = await ask('POST', '/admin/invite', invitation)
    expect([status, body.email, body.role]).toEqual([200, 'new@example.org', 'viewer'])
    const token = /https:\/\/app\.example\/join\?x=1&token=(\w+)/.exec(site.mails.at(-1)?.text ?? '')?.[1]
    const { body: entered } = await site.ask('POST', '/auth/magic-link/authenticate', { body: { token } })
    const me = await site.ask('GET', '/users/me', { key: entered.api_key })
    expect(me.body).toMatchObject({ role: 'viewer', email: 'new@example.org' })
    const plain = await ask('POST', '/admin/invite', { email: 'n@example.org', signup_url: 'https://app.example/' })
    expect(plain.body.role).toBe('member')
  })

  it('[HTTP-76] without mail it is 503, mail that fails is 500, a bad address 422', async () => {
    const body = { email: 'n@example.org', signup_url: 'https://app.example/' }
    const failing = { send: () => Promise.reject(new Error('relay down')) }
    for (const [mailer, status] of [
      [null, 503],
      [failing, 500],
    ] as const) {
      await using other = await openSite({ mailer })
      const { key } = await other.person('admin', 'admin')
      expect((await other.ask('POST', '/admin/invite', { key, body })).status).toBe(status)
    }
    expect((await ask('POST', '/admin/invite', { ...body, signup_url: 'javascript:x' })).status).toBe(422)
  })
})

describe('messages and conversations', () => {
  it('[HTTP-77] any message can be seen, changed and deleted', async () => {
    await site.person('cat')
    const { body: sent } = await site.ask('POST', '/messages', {
      key: ann.key,
      body: { content: 'a', to_username: 'cat' },
    })
    const path = `/admin/messages/${sent.id}`
    expect((await ask('GET', path)).body).toEqual(sent)
    expect((await ask('PATCH', path, { content: 'b' })).body).toEqual({ ...sent, content: 'b' })
    expect((await ask('PATCH', path, { content: '' })).status).toBe(422)
    expect((await ask('DELETE', path)).status).toBe(204)
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      for (const id of [sent.id, UNKNOWN, 'x']) {
        const answer = await ask(method, `/admin/messages/${id}`, method === 'PATCH' ? { content: 'c' } : undefined)
        expect([answer.status, answer.body.detail]).toEqual([404, `Message ${id} not found`])
      }
    }
  })

  it('[HTTP-78] an announcement is a system message of the room, unread by everybody else', async () => {
    const { key } = await someone()
    const { status, body } = await ask('POST', '/admin/announcements', { content: 'Tea!' })
    expect([status, body.message_type, body.to_username]).toEqual([201, 'system', null])
    expect((await site.ask('GET', '/messages/unread', { key })).body).toEqual([body])
    expect((await ask('POST', '/admin/announcements', {})).status).toBe(422)
  })

  it('[HTTP-78] announcements are limited like messages, and refused by a busy server', async () => {
    await using limited = await openSite({ settings: { messageRate: { count: 1, seconds: 60 } } })
    const { key } = await limited.person('admin', 'admin')
    const announce = () => limited.ask('POST', '/admin/announcements', { key, body: { content: 'x' } })
    expect([(await announce()).status, (await announce()).status]).toEqual([201, 429])
    limited.clock.advance(61_000)
    limited.core.context.commits.add = (_, waiter) => waiter.failed({ code: 'busy', retryAfter: 1 })
    expect((await announce()).status).toBe(503)
  })

  it('[HTTP-79] any conversation can be deleted', async () => {
    const { body } = await site.ask('POST', '/conversations', { key: ann.key, body: {} })
    expect((await ask('DELETE', `/admin/conversations/${body.id}`)).status).toBe(204)
    expect((await ask('DELETE', `/admin/conversations/${body.id}`)).status).toBe(404)
  })
})

it('[HTTP-80] open sockets are listed with their health', async () => {
  const now = site.clock.now()
  const ann = {
    username: 'ann',
    userId: 'ann' as UserId,
    view: 'token-bowl',
    rooms: [],
    address: '',
    userAgent: '',
    frames: null,
  }
  const open = [
    { ...ann, connectionId: '1', lastActivity: now - 1_500, lastPong: now - 2_000 },
    { ...ann, connectionId: '2', lastActivity: now - 91_000, lastPong: null },
  ]
  await using other = await openSite({ http: { sockets: { ...site.sessions, connections: () => open } } })
  const root = await other.person('root', 'admin')
  const { body } = await other.ask('GET', '/admin/websocket/connections', { key: root.key })
  expect(body).toMatchObject({ total_users: 1, total_connections: 2 })
  expect(body.connections).toMatchObject([
    { username: 'ann', connection_id: '1', seconds_since_activity: 1.5, seconds_since_pong: 2, is_healthy: true },
    { connection_id: '2', seconds_since_activity: 91, seconds_since_pong: 91, is_healthy: false },
  ])
})

it('[HTTP-10] all of it is for admins: 401 without a credential, 403 for everybody else', async () => {
  const rows = families.find(({ name }) => name === 'Administration')?.endpoints ?? []
  for (const { method, path, body } of rows) {
    const plain = path.replaceAll(/\{\w+\}/g, 'x')
    expect((await site.ask(method, plain)).status).toBe(401)
    const answer = await site.ask(method, plain, { key: ann.key })
    expect([answer.status, answer.body]).toEqual([403, { detail: 'Admin privileges required' }])
    if (body) expect((await ask(method, plain, { pad: 'x'.repeat(300_000) })).status).toBe(413)
  }
  expect((await ask('GET', '/admin/users/nobody')).status).toBe(404)
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Administration')).toEqual([]))
