import { LOGOS } from '@parley/protocol/token-bowl/limits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unseen } from './contract.ts'
import { openSite, type Site } from './site.ts'

let site: Site
let closed: Site
beforeAll(async () => {
  site = await openSite()
  closed = await openSite({ settings: { registration: 'off' }, mailer: null })
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await closed[Symbol.asyncDispose]()
})

const post = (path: string, body: unknown, at: Site = site) => at.ask('POST', path, { body })
const register = (body: object, at: Site = site) => post('/register', body, at)

describe('POST /register', () => {
  it('[HTTP-40] makes a member and shows the key', async () => {
    const { status, body } = await register({ username: 'ann' })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(String),
      username: 'ann',
      api_key: expect.stringMatching(/^[0-9a-f]{64}$/),
      role: 'member',
      webhook_url: null,
      logo: null,
      viewer: false,
      admin: false,
      bot: false,
      emoji: null,
    })
    expect((await site.ask('GET', '/users/me', { key: body.api_key })).body.username).toBe('ann')
  })

  it('[HTTP-40] takes every optional field, and null for none', async () => {
    const webhook_url = 'http://hooks.example/'
    const { body } = await register({ username: 'ben', webhook_url, logo: LOGOS[2], emoji: '👩‍👩‍👧‍👦' })
    expect(body).toMatchObject({ webhook_url, logo: LOGOS[2], emoji: '👩‍👩‍👧‍👦' })
    const none = { webhook_url: null, logo: null, role: null, viewer: null, admin: null, bot: null, emoji: null }
    expect((await register({ username: 'cat', ...none })).status).toBe(201)
  })

  it('[HTTP-41] a junk key is no hindrance', async () => {
    const answer = await site.ask('POST', '/register', { key: 'temporary', body: { username: 'dan' } })
    expect(answer.status).toBe(201)
    const headers = { Authorization: 'Bearer junk' }
    expect((await site.ask('POST', '/register', { headers, body: { username: 'eve' } })).status).toBe(201)
  })

  it('[HTTP-42] refuses what the contract says', async () => {
    await register({ username: 'taken' })
    const bots = 'Bots cannot register themselves: use POST /bots'
    const refusals = [
      [await register({ username: 'TAKEN' }), 409, 'Username TAKEN already exists'],
      [await register({ username: 'b1', bot: true }), 400, bots],
      [await register({ username: 'b2', role: 'bot' }), 400, bots],
      [await register({ username: 'x' }, closed), 403, 'Registration is closed on this server'],
    ] as const
    for (const [answer, status, detail] of refusals) expect([answer.status, answer.body]).toEqual([status, { detail }])
  })

  it.each([
    [{}, 'username'],
    [{ username: 5 }, 'username'],
    [{ username: 'lobby' }, 'username'],
    [{ username: 'x', webhook_url: 'javascript:alert(1)' }, 'webhook_url'],
    [{ username: 'x', webhook_url: 'http://169.254.1.1/' }, 'webhook_url'],
    [{ username: 'x', logo: 'mine.png' }, 'logo'],
    [{ username: 'x', emoji: 'elevenchars' }, 'emoji'],
    [{ username: 'x', role: 'root' }, 'role'],
    [{ username: 'x', admin: 'yes' }, 'admin'],
    [{ username: 'x', bot: true, logo: LOGOS[0] }, 'logo'],
    [{ username: 'x', role: 'bot', logo: LOGOS[0] }, 'logo'],
  ])('[HTTP-42] %j is 422 at %s', async (given, field) => {
    const { status, body } = await register(given)
    expect([status, body.detail.map(({ loc }: { loc: unknown }) => loc)]).toEqual([422, [['body', field]]])
  })

  it('[HTTP-43] a wish for a role counts only where roles are self-assigned', async () => {
    await using trusting = await openSite({ settings: { selfAssignedRoles: true } })
    const wishes = [
      { admin: true },
      { role: 'admin' },
      { viewer: true },
      { role: 'viewer', admin: true },
      { viewer: true, admin: true },
    ]
    const given = ['admin', 'admin', 'viewer', 'viewer', 'viewer']
    for (const [i, wish] of wishes.entries()) {
      expect((await register({ username: `wish${i}`, ...wish }, trusting)).body.role).toBe(given[i])
      expect((await register({ username: `wish${i}`, ...wish })).body.role).toBe('member')
    }
  })

  it('[HTTP-44] is limited by the client’s address', async () => {
    const settings = { registrationRate: { count: 1, seconds: 3600 } }
    await using limited = await openSite({ settings, trust: { trustProxy: ['loopback'] } })
    const from = (address: string, username: string) =>
      limited.ask('POST', '/register', { headers: { 'X-Forwarded-For': address }, body: { username } })
    expect((await from('1.1.1.1', 'one')).status).toBe(201)
    expect((await from('9.9.9.9, 1.1.1.1', 'two')).status).toBe(429)
    expect((await from('2.2.2.2', 'two')).status).toBe(201)
  })

  it('[HTTP-44] open to local requests only where the setting says so', async () => {
    await using local = await openSite({ settings: { registration: 'local' } })
    expect((await register({ username: 'near' }, local)).status).toBe(201)
    const headers = { 'X-Forwarded-For': '127.0.0.1' }
    expect((await local.ask('POST', '/register', { headers, body: { username: 'far' } })).status).toBe(403)
  })

  it('[HTTP-44] an account opens no registration that is closed to others', async () => {
    await using local = await openSite({ settings: { registration: 'local' } })
    const headers = { 'X-Forwarded-For': '127.0.0.1' }
    for (const role of ['member', 'viewer', 'bot'] as const) {
      const { key } = await local.person(role, role)
      expect((await local.ask('POST', '/register', { key, headers, body: { username: 'far' } })).status).toBe(403)
      expect((await local.ask('POST', '/register', { key, body: { username: `near-${role}` } })).status).toBe(201)
    }
  })
})

describe('POST /setup', () => {
  it('[HTTP-45] makes an admin, once', async () => {
    await using fresh = await openSite()
    const token = await fresh.setupToken()
    const { status, body } = await post('/setup', { token, username: 'root' }, fresh)
    expect([status, body.role, body.admin]).toEqual([201, 'admin', true])
    const again = await post('/setup', { token, username: 'root2' }, fresh)
    expect([again.status, again.body.detail]).toEqual([401, 'Invalid or expired token'])
  })

  it('[HTTP-45] a token is worth nothing once there is an admin', async () => {
    await using fresh = await openSite()
    const token = await fresh.setupToken()
    await fresh.person('boss', 'admin')
    expect((await post('/setup', { token, username: 'late' }, fresh)).status).toBe(401)
  })

  it('[HTTP-45] a name that is taken or none leaves the token good', async () => {
    await using fresh = await openSite()
    const claim = (username: string) => post('/setup', { token, username }, fresh)
    const token = await fresh.setupToken()
    await register({ username: 'early' }, fresh)
    expect((await claim('early')).status).toBe(409)
    expect((await claim('system')).body.detail[0].loc).toEqual(['body', 'username'])
    expect((await claim('late')).status).toBe(201)
  })

  it('[HTTP-45] guessing is limited', async () => {
    await using limited = await openSite({ settings: { signInRate: { count: 2, seconds: 60 } } })
    const guess = () => post('/setup', { token: 'guess', username: 'x' }, limited)
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429])
  })
})

describe('mailed links', () => {
  const email = 'fay@example.org'
  const tokenOf = (text: string | undefined) => /token=([0-9a-f]+)/.exec(text ?? '')?.[1] ?? ''

  it('[HTTP-46] a link signs in once, with a session token that works as a credential', async () => {
    const { status, body } = await post('/auth/magic-link/send', { email, username: 'fay' })
    expect([status, body.email]).toEqual([200, email])
    const token = tokenOf(site.mails.at(-1)?.text)
    const entered = await post('/auth/magic-link/authenticate', { token })
    expect(entered.body).toMatchObject({ username: 'fay', api_key: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const headers = { Authorization: `Bearer ${entered.body.session_token}` }
    const me = await site.ask('GET', '/users/me', { headers })
    expect(me.body).toMatchObject({ username: 'fay', email, api_key: entered.body.api_key })
    const again = await post('/auth/magic-link/authenticate', { token })
    expect([again.status, again.body.detail]).toEqual([401, 'Invalid or expired token'])
  })

  it('[HTTP-46] a session token is no API key, and an API key no session token', async () => {
    await post('/auth/magic-link/send', { email })
    const { body } = await post('/auth/magic-link/authenticate', { token: tokenOf(site.mails.at(-1)?.text) })
    expect((await site.ask('GET', '/users/me', { key: body.session_token })).status).toBe(401)
    const headers = { Authorization: `Bearer ${body.api_key}` }
    expect((await site.ask('GET', '/users/me', { headers })).status).toBe(401)
  })

  it('[HTTP-47] without mail both are 503, and mail that fails is 500', async () => {
    const detail = 'Email login is not configured on this server'
    for (const [path, body] of [
      ['/auth/magic-link/send', { email }],
      ['/auth/magic-link/authenticate', { token: 'x' }],
    ] as const) {
      const answer = await post(path, body, closed)
      expect([answer.status, answer.body]).toEqual([503, { detail }])
    }
    await using broken = await openSite({ mailer: { send: () => Promise.reject(new Error('relay down')) } })
    const answer = await post('/auth/magic-link/send', { email }, broken)
    expect([answer.status, answer.body]).toEqual([500, { detail: 'The email could not be sent' }])
  })

  it.each(['', 'a', 'no at', 'a@b, c@d', 'a@b\nBcc: c@d', '<a@b>', `${'x'.repeat(250)}@example.org`, 5, null])(
    '[HTTP-47] %j is no address',
    async given => {
      const { status, body } = await post('/auth/magic-link/send', { email: given })
      expect([status, body.detail[0].loc]).toEqual([422, ['body', 'email']])
    },
  )

  it('[HTTP-47] asking and guessing are limited', async () => {
    await using limited = await openSite({ settings: { signInRate: { count: 2, seconds: 60 } } })
    const guess = () => post('/auth/magic-link/authenticate', { token: 'guess' }, limited)
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429])
    expect((await post('/auth/magic-link/send', { email }, limited)).status).toBe(429)
    expect((await post('/auth/magic-link/authenticate', {}, limited)).status).toBe(422)
  })
})

it('[HTTP-13] a large body is 413', async () => {
  for (const path of ['/register', '/setup', '/auth/magic-link/send', '/auth/magic-link/authenticate']) {
    expect((await post(path, { pad: 'x'.repeat(300_000) })).status).toBe(413)
  }
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Accounts')).toEqual([]))
