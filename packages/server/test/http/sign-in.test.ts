import { UnsecuredJWT } from 'jose'
import { afterAll, expect, test } from 'vitest'
import type { SignInId, UserId } from '../../src/core/ids.ts'
import type { Claims } from '../../src/core/ports/tokens.ts'
import { createTokens } from '../../src/system/tokens.ts'
import { testTokens } from '../world.ts'
import { unseen } from './contract.ts'
import { bearer, PASSWORD, peopleOf, socketsOn, told } from './people.ts'
import { openSite } from './site.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const WRONG = [401, 'Invalid username or password'] as const
const EXPIRED = [401, 'Token expired'] as const

const claimsIn = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

test('[ACC-1] registering makes a member, whatever role is asked for', async () => {
  await using site = await openSite({ settings: { selfAssignedRoles: true } })
  const { register } = peopleOf(site)
  const { status, body } = await register('ann', { full_name: 'Ann Example', role: 'admin', admin: true })
  expect([status, body]).toEqual([
    200,
    {
      id: expect.any(String),
      username: 'ann',
      email: 'ann@example.org',
      full_name: 'Ann Example',
      role: 'member',
      is_active: true,
      is_verified: false,
      created_at: '2026-01-01T00:00:00.000Z',
      last_login: null,
    },
  ])
})

test('[ACC-1] it is open to whom the setting says, and limited by address', async () => {
  await using closed = await openSite({ settings: { registration: 'off' } })
  expect(told(await peopleOf(closed).register('ann'))).toEqual([403, 'Registration is closed on this server'])
  await using site = await openSite({ settings: { registrationRate: { count: 1, seconds: 60 } } })
  const { register } = peopleOf(site)
  await register('ann')
  const limited = await register('ben')
  expect(told(limited)).toEqual([429, 'Rate limit exceeded'])
  expect([limited.headers['retry-after'], limited.body.error.retry_after]).toEqual(['60', 60])
})

test('[ACC-2] a taken name and a taken address are 400, wrong fields 422', async () => {
  await using site = await openSite()
  const { register, post } = peopleOf(site)
  await register('ann')
  expect(told(await register('ANN', { email: 'x@example.org' }))).toEqual([400, 'Username already registered'])
  expect(told(await register('ben', { email: 'ANN@example.org' }))).toEqual([400, 'Email already registered'])
  const { status, body } = await post('/auth/register', { username: 'ab', email: 'no', password: 'short' })
  expect([status, body.error.code, body.error.type]).toEqual([422, 422, 'validation_error'])
  const places = body.error.details.map(({ loc }: { loc: string[] }) => loc.join('.'))
  expect(places).toEqual(
    ['body.username', 'body.email', 'body.email', 'body.password'].filter(place => places.includes(place)),
  )
  const reserved = await register('system')
  expect([reserved.status, reserved.body.error.details[0]]).toEqual([
    422,
    { loc: ['body', 'username'], msg: 'Username is reserved', type: 'value_error' },
  ])
})

test('[ACC-3] one account on every protocol: password, token and key are of the same person', async () => {
  await using site = await openSite()
  const { join, get, profile, post } = peopleOf(site)
  const connect = socketsOn(site)
  const { access_token } = await join('ann')
  const me = (await get('/users/me', access_token)).body
  expect(me).toMatchObject({ username: 'ann', role: 'member', api_key: expect.stringMatching(/^[0-9a-f]{64}$/) })
  const byKey = await site.ask('GET', '/api/v1/auth/profile', { key: me.api_key })
  expect(byKey.body).toEqual((await profile(access_token)).body)
  const token = (await post('/ws/token', undefined, access_token)).body.token
  for (const credential of [access_token, token]) {
    const socket = await connect(credential)
    socket.send({ content: 'hello' })
    expect(await socket.next()).toMatchObject({ type: 'message_sent' })
  }
})

test('[ACC-13] a wrong password and an unknown name are answered alike', async () => {
  await using site = await openSite()
  const { register, login } = peopleOf(site)
  await register('ann')
  await site.person('key only')
  const answers = [await login('ann', 'wrong'), await login('nobody'), await login('key only')]
  for (const answer of answers) {
    expect(told(answer)).toEqual(WRONG)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  }
  const { status, body } = await login('Ann')
  expect([status, body.token_type, body.expires_in]).toEqual([200, 'bearer', 1800])
})

test('[ACC-13] failures are limited by address and by name, successes are not', async () => {
  await using site = await openSite({
    settings: { signInRate: { count: 3, seconds: 60 } },
    trust: { trustProxy: ['loopback'] },
  })
  const { register, login } = peopleOf(site)
  await register('ann')
  for (let i = 0; i < 5; i++) expect((await login('ann')).status).toBe(200)
  for (let i = 0; i < 3; i++) expect(told(await login(`nobody ${i}`))).toEqual(WRONG)
  expect(told(await login('ann'))).toEqual([429, 'Rate limit exceeded'])
  const from = (address: string, password: string) =>
    site.ask('POST', '/api/v1/auth/login', {
      body: { username: 'ann', password },
      headers: { 'X-Forwarded-For': address },
    })
  for (let i = 0; i < 3; i++) expect(told(await from(`192.0.2.${i}`, 'wrong'))).toEqual(WRONG)
  expect((await from('192.0.2.9', PASSWORD)).status).toBe(429)
  site.clock.advance(60_000)
  expect((await from('192.0.2.9', PASSWORD)).status).toBe(200)
})

test('[ACC-20] tokens say what the protocol says', async () => {
  await using site = await openSite()
  const { join, post, get } = peopleOf(site)
  const pair = await join('ann')
  const { token, expires_in } = (await post('/ws/token', undefined, pair.access_token)).body
  const [access, refresh, websocket] = [pair.access_token, pair.refresh_token, token].map(claimsIn)
  const life = ({ iat, exp }: { iat: number; exp: number }) => exp - iat
  expect([access, refresh, websocket].map(life)).toEqual([1800, 7 * 86_400, 86_400])
  expect(expires_in).toBe(86_400)
  expect([access.type, refresh.type, websocket.type]).toEqual(['access', 'refresh', 'websocket'])
  expect(access).toMatchObject({ username: 'ann', role: 'member', sid: refresh.sid })
  expect((await get('/api/v1/auth/verify-token', pair.access_token)).body).toEqual({
    valid: true,
    user_id: access.sub,
    username: 'ann',
    role: 'member',
    expires_at: '2026-01-01T00:30:00.000Z',
  })
  const { key } = await site.person('ben')
  const byKey = await site.ask('GET', '/api/v1/auth/verify-token', { key })
  expect(byKey.body).toMatchObject({ username: 'ben', expires_at: null })
})

test('[ACC-22] the answer tells what is wrong with a token', async () => {
  await using site = await openSite()
  const { join, profile, post } = peopleOf(site)
  const { access_token, refresh_token } = await join('ann')
  const { token } = (await post('/ws/token', undefined, access_token)).body
  const claims = claimsIn(access_token)
  const now = site.clock.now()
  const ours: Claims = {
    type: 'access',
    user: claims.sub,
    name: 'ann',
    role: 'admin',
    signIn: claims.sid,
    id: 'x',
    issuedAt: now,
    expiresAt: now + MINUTE,
  }
  const nobody = { ...ours, user: crypto.randomUUID() as string as UserId }
  const malformed = [401, 'Token malformed'] as const
  const cases = {
    unsigned: [new UnsecuredJWT({ ...claims }).encode(), malformed],
    'of another secret': [await createTokens(Buffer.from('another secret')).sign(ours), malformed],
    junk: ['junk', malformed],
    refresh: [refresh_token, [401, 'Token type not accepted']],
    websocket: [token, [401, 'Token type not accepted']],
    'of nobody': [await testTokens.sign(nobody), [401, 'User unknown or disabled']],
    old: [await testTokens.sign({ ...ours, expiresAt: now - MINUTE }), EXPIRED],
    'of no sign-in': [await testTokens.sign({ ...ours, signIn: crypto.randomUUID() as string as SignInId }), EXPIRED],
  } as const
  for (const [what, [shown, expected]] of Object.entries(cases)) {
    const answer = await profile(shown)
    expect([what, ...told(answer)]).toEqual([what, ...expected])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.body.error.type).toBe('authentication_error')
  }
  for (const path of ['GET auth/profile', 'GET auth/verify-token', 'POST auth/logout', 'POST ws/token']) {
    const [method = '', rest] = path.split(' ')
    expect(told(await site.ask(method, `/api/v1/${rest}`))).toEqual([401, 'Token missing'])
  }
  const wrongKey = await site.ask('GET', '/api/v1/auth/profile', { key: 'wrong' })
  expect(told(wrongKey)).toEqual([401, 'User unknown or disabled'])
  await site.core.execute({ kind: 'operator' }, { type: 'admin.delete', ref: 'ann' })
  expect(told(await profile(access_token))).toEqual([401, 'User unknown or disabled'])
})

test('[ACC-22] guessing tokens is limited, an expired one is no guess', async () => {
  await using site = await openSite({ settings: { signInRate: { count: 3, seconds: 60 } } })
  const { join, profile } = peopleOf(site)
  const { access_token } = await join('ann')
  for (let i = 0; i < 3; i++) expect((await profile('a.b.c')).status).toBe(401)
  expect((await profile('a.b.c')).status).toBe(429)
  expect((await profile(access_token)).status).toBe(200)
  site.clock.advance(30 * MINUTE)
  for (let i = 0; i < 5; i++) expect(told(await profile(access_token))).toEqual(EXPIRED)
})

test("[ACC-23] the role is the user's own of now, whatever the token says", async () => {
  await using site = await openSite()
  const { join, get, profile } = peopleOf(site)
  const { access_token } = await join('ann')
  expect((await get('/admin/users', access_token)).status).toBe(403)
  const { sub, sid } = claimsIn(access_token)
  const now = site.clock.now()
  const times = { issuedAt: now, expiresAt: now + MINUTE }
  const boast = await testTokens.sign({
    type: 'access',
    user: sub,
    name: 'ann',
    role: 'admin',
    signIn: sid,
    id: 'x',
    ...times,
  })
  expect((await get('/admin/users', boast)).status).toBe(403)
  await site.core.execute({ kind: 'operator' }, { type: 'admin.change', ref: 'ann', patch: { role: 'admin' } })
  expect((await get('/admin/users', access_token)).status).toBe(200)
  expect((await profile(access_token)).body.role).toBe('admin')
})

test('[ACC-24] a refresh token works once; its second use ends the sign-in', async () => {
  await using site = await openSite()
  const { join, profile, refresh, login } = peopleOf(site)
  const connect = socketsOn(site)
  const first = await join('ann')
  const other = (await login('ann')).body
  const second = (await refresh(first.refresh_token)).body
  for (const token of [first.access_token, second.access_token]) expect((await profile(token)).status).toBe(200)
  const socket = await connect(second.access_token)
  expect(told(await refresh(first.refresh_token))).toEqual(EXPIRED)
  expect(await socket.closed).toMatchObject({ code: 1008 })
  for (const token of [first.access_token, second.access_token]) expect(told(await profile(token))).toEqual(EXPIRED)
  expect(told(await refresh(second.refresh_token))).toEqual(EXPIRED)
  expect((await profile(other.access_token)).status).toBe(200)
})

test('[ACC-24] of two refreshes at once one succeeds, and the sign-in ends', async () => {
  await using site = await openSite()
  const { join, refresh, profile } = peopleOf(site)
  const { refresh_token } = await join('ann')
  const answers = await Promise.all([refresh(refresh_token), refresh(refresh_token)])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401])
  const pair = answers.find(({ status }) => status === 200)?.body
  expect(told(await profile(pair.access_token))).toEqual(EXPIRED)
})

test('[ACC-24] what is no refresh token of now refreshes nothing', async () => {
  await using site = await openSite()
  const { join, refresh, profile } = peopleOf(site)
  const { access_token, refresh_token } = await join('ann')
  expect(told(await refresh(access_token))).toEqual([401, 'Token type not accepted'])
  expect(told(await refresh('junk'))).toEqual([401, 'Token malformed'])
  expect((await profile(access_token)).status).toBe(200)
  site.clock.advance(7 * DAY - 1000)
  const { body } = await refresh(refresh_token)
  site.clock.advance(7 * DAY)
  expect(told(await refresh(body.refresh_token))).toEqual(EXPIRED)
})

test('[ACC-25] signing out ends the tokens and closes the sockets of that sign-in alone', async () => {
  await using site = await openSite()
  const { join, login, post, profile, refresh } = peopleOf(site)
  const connect = socketsOn(site)
  const [here, there] = [await join('ann'), (await login('ann')).body]
  const ticket = (await post('/ws/token', undefined, here.access_token)).body.token
  const sockets = [await connect(here.access_token), await connect(ticket)]
  const other = await connect(there.access_token)
  expect((await post('/auth/logout', undefined, here.access_token)).body).toEqual({
    message: 'Successfully logged out',
  })
  for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1008 })
  expect(told(await profile(here.access_token))).toEqual(EXPIRED)
  expect(told(await refresh(here.refresh_token))).toEqual(EXPIRED)
  other.send({ content: 'still here' })
  expect(await other.next()).toMatchObject({ type: 'message_sent' })
})

test('[ACC-26] a socket token made with an API key ends with the key', async () => {
  await using site = await openSite()
  const connect = socketsOn(site)
  const { key } = await site.person('ben')
  const { token } = (await site.ask('POST', '/api/v1/ws/token', { key })).body
  const socket = await connect(token)
  await site.ask('POST', '/users/me/regenerate-api-key', { key })
  expect(await socket.closed).toMatchObject({ code: 1008 })
  await expect(connect(token)).rejects.toThrow('401')
})

test('[ACC-26] signing out with an API key leaves the key good', async () => {
  await using site = await openSite()
  const { key } = await site.person('ben')
  expect((await site.ask('POST', '/api/v1/auth/logout', { key })).status).toBe(200)
  expect((await site.ask('GET', '/api/v1/auth/profile', { key })).body).toMatchObject({ username: 'ben', email: null })
})

test('[ACC-44] no password and no token is in the log, in an error or in the store', async () => {
  await using site = await openSite()
  const { join, login, profile } = peopleOf(site)
  const pair = await join('ann')
  await login('ann', 'a wrong secret')
  const error = await profile(`${pair.access_token}x`)
  const seen = JSON.stringify([site.lines, error.body])
  for (const secret of [PASSWORD, 'a wrong secret', pair.access_token, pair.refresh_token]) {
    expect(seen).not.toContain(secret)
  }
  const user = await site.core.context.store.userByName('ann')
  expect(JSON.stringify(user)).not.toMatch(/argon2|password/)
})

test('[HTTP-7] a page of a foreign origin needs a token of its own', async () => {
  await using site = await openSite()
  const { join } = peopleOf(site)
  const { access_token } = await join('ann')
  const origin = { Origin: 'https://elsewhere.example' }
  const login = await site.ask('POST', '/api/v1/auth/login', {
    body: { username: 'ann', password: PASSWORD },
    headers: origin,
  })
  expect(login.status).toBe(403)
  const mine = await site.ask('GET', '/api/v1/auth/profile', { headers: { ...origin, ...bearer(access_token) } })
  expect(mine.status).toBe(200)
})

afterAll(() => {
  const elsewhere = /413$|503$|register 401|login 422|refresh 4(22|29)$/
  expect(unseen('Sign-in').filter(line => !elsewhere.test(line))).toEqual([])
})
