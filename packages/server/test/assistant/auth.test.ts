import { TEXTS } from '@parley/protocol/assistant/limits'
import { expect, test } from 'vitest'
import type { Headers, Verifier } from '../../src/core/ports/verifier.ts'
import { type Member, openWorld, signIn, type World } from '../world.ts'
import { AssistantClient } from './client.ts'

const NO_GUESTS = { guests: { openness: 'off', max: 10, maxPerAddress: 10 } } as const

const accepted = (type: string) => [
  { type: 'auth_configured', auth_type: type, message: `Authentication configured: ${type}` },
  { type: 'auth_response', success: true, message: 'Authentication successful' },
]
const rejected = (type: string, message: string = TEXTS.authFailed) => [
  { type: 'auth_failed', auth_type: type, message },
  { type: 'auth_response', success: false, message },
]
const malformed = (message: string) => [
  { type: 'error', message },
  { type: 'auth_response', success: false, message },
]

/** Whether whoever is connected is this member: what they say is among their conversations. */
async function expectIs(world: World, client: AssistantClient, member: Member): Promise<void> {
  const { total: before } = await world.execute(member, { type: 'conversations.list', limit: 1, offset: 0 })
  await client.ask({ type: 'clear' })
  await client.chat('1+1')
  const { total } = await world.execute(member, { type: 'conversations.list', limit: 1, offset: 0 })
  expect(total).toBe(before + 1)
}

test.each([
  [{}, TEXTS.tokenRequired],
  [{ token: '' }, TEXTS.tokenRequired],
  [{ auth_type: 'Bearer_Token', token: null }, TEXTS.tokenRequired],
  [{ auth_type: 'api_key' }, TEXTS.keyRequired],
  [{ auth_type: 'basic_auth', username: 'ada' }, TEXTS.passwordRequired],
  [{ auth_type: 'basic_auth', password: 'x' }, TEXTS.passwordRequired],
  [{ auth_type: 'oauth2', client_id: 'a', client_secret: 'b' }, TEXTS.oauth2Incomplete],
  [{ auth_type: 'oauth2_client_credentials', token_url: 'b' }, TEXTS.oauth2Incomplete],
  [{ auth_type: 'sso', session_token: 'x' }, 'Unknown auth type: sso'],
  [{ auth_type: 'constructor' }, 'Unknown auth type: constructor'],
  [{ token: 5 }, TEXTS.invalid],
  [{ auth_type: 'custom', custom_headers: ['x'] }, TEXTS.invalid],
  [{ token: 'two\nlines' }, TEXTS.invalid],
])('[ASSIST-10] %j is malformed, and said so in two frames', async (credentials, message) => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  expect(await client.auth(credentials)).toMatchObject(malformed(message))
  expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
})

test.each([
  ...['Host', 'cookie', 'Content-Length', 'Content-Type', 'Transfer-Encoding', 'Proxy-Authorization', 'Forwarded'],
  ...['X-Forwarded-For', 'Connection', 'Via', 'two words', 'x:y', 'x\r\ny', ' '],
])('[ASSIST-14] a header named %j is refused', async name => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  const shown = [
    { auth_type: 'api_key', api_key: 'k', api_key_header: name },
    { auth_type: 'custom', custom_headers: { [name]: 'k' } },
  ]
  for (const credentials of shown) expect(await client.auth(credentials)).toMatchObject(malformed(TEXTS.headerRefused))
})

test('[ASSIST-11] credentials of this server say who it is, of every kind and in any header', async () => {
  await using world = await openWorld({ settings: NO_GUESTS })
  const ada = await world.member('ada')
  await world.execute(ada, { type: 'password.set', old: null, password: 'correct horse' })
  const as = { kind: 'anonymous', address: '127.0.0.1', local: true } as const
  const asked = { type: 'account.sign_in', name: 'ada', password: 'correct horse' } as const
  const { access } = await world.core.execute(as, asked)
  const { token: socketToken } = await world.execute(ada, { type: 'account.socket_token' })
  const basic = Buffer.from('ada:correct horse').toString('base64')
  const shown = [
    { token: access },
    { auth_type: 'BEARER_TOKEN', token: socketToken },
    { auth_type: 'bearer_token', token: await signIn(world, ada) },
    { auth_type: 'bearer_token', token: ada.key },
    { auth_type: 'api_key', api_key: ada.key },
    { auth_type: 'api_key', api_key: access, api_key_header: 'X-Whatever' },
    { auth_type: 'api_key', api_key: `Bearer ${access}`, api_key_header: 'Authorization' },
    { auth_type: 'basic_auth', username: 'Ada', password: 'correct horse' },
    { auth_type: 'custom', custom_headers: { 'X-Tenant': 'acme', 'X-Key': ada.key } },
    { auth_type: 'custom', custom_headers: { Authorization: `Basic ${basic}` } },
  ]
  for (const credentials of shown) {
    const client = await AssistantClient.open(world)
    const type = ('auth_type' in credentials ? credentials.auth_type : 'bearer_token')?.toLowerCase() ?? ''
    expect(await client.auth(credentials), JSON.stringify(credentials)).toMatchObject(accepted(type))
    await expectIs(world, client, ada)
  }
})

test('[ASSIST-11] what a guest said stays a guest’s, and the next person’s theirs', async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const client = await AssistantClient.open(world)
  await client.chat('/repeat guest')
  await client.auth({ auth_type: 'api_key', api_key: ada.key })
  expect(await client.history()).toEqual([])
  await client.chat('/repeat ada')
  await client.auth({ auth_type: 'api_key', api_key: bob.key })
  expect(await client.history()).toEqual([])
  await client.chat('/repeat bob')
  await client.auth({ auth_type: 'api_key', api_key: ada.key })
  expect(await client.history()).toEqual([
    ['user', '/repeat ada'],
    ['assistant', 'ada'],
  ])
  expect(await world.execute(bob, { type: 'conversations.list', limit: 9, offset: 0 })).toMatchObject({
    items: [{ title: '/repeat bob' }],
    total: 1,
  })
})

test('[ASSIST-11] the person is here while the connection is theirs, and nobody else is told of guests', async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const online = async () => (await world.execute(bob, { type: 'people.online' })).map(({ name }) => name)
  const client = await AssistantClient.open(world)
  expect(await online()).toEqual([])
  await client.auth({ auth_type: 'api_key', api_key: ada.key })
  expect(await online()).toEqual(['ada'])
  await client.ask({ type: 'logout' })
  expect(await online()).toEqual([])
})

test('[ASSIST-12] what was ours and is over, and a wrong password, are refused', async () => {
  await using world = await openWorld()
  const ada = await world.member('ada')
  await world.execute(ada, { type: 'password.set', old: null, password: 'correct horse' })
  const as = { kind: 'anonymous', address: '127.0.0.1', local: true } as const
  const asked = { type: 'account.sign_in', name: 'ada', password: 'correct horse' } as const
  const { access, refresh } = await world.core.execute(as, asked)
  const client = await AssistantClient.open(world)
  expect(await client.auth({ token: refresh })).toMatchObject(rejected('bearer_token'))
  world.clock.advance(31 * 60_000)
  expect(await client.auth({ token: access })).toMatchObject(rejected('bearer_token'))
  const wrong = { auth_type: 'basic_auth', username: 'ADA', password: 'wrong' }
  expect(await client.auth(wrong)).toMatchObject(rejected('basic_auth'))
  // The connection is whose it was.
  await client.chat('1+1')
  expect(await world.execute(ada, { type: 'conversations.list', limit: 9, offset: 0 })).toMatchObject({ total: 0 })
})

test('[ASSIST-13] without a verifier credentials of elsewhere are taken of whoever may talk anyway', async () => {
  const shown = [
    { auth_type: 'bearer_token', token: 'sk-1234567890' },
    { auth_type: 'bearer_token', token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl' },
    { auth_type: 'api_key', api_key: 'your-api-key', api_key_header: 'Authorization' },
    { auth_type: 'basic_auth', username: 'user@example.com', password: 'password123' },
    { auth_type: 'oauth2', client_id: 'id', client_secret: 's', token_url: 'https://...', scope: 'read write' },
    { auth_type: 'custom' },
  ]
  await using open = await openWorld()
  await using closed = await openWorld({ settings: NO_GUESTS })
  const [client, other] = [await AssistantClient.open(open), await AssistantClient.open(closed)]
  for (const credentials of shown) {
    expect(await client.auth(credentials)).toMatchObject(accepted(credentials.auth_type))
    expect(await other.auth(credentials)).toMatchObject(rejected(credentials.auth_type))
  }
  const alias = { ...shown[4], auth_type: 'oauth2_client_credentials' }
  expect(await client.auth(alias)).toMatchObject(accepted('oauth2'))
  await client.chat('1+1')
  expect(await other.ask({ type: 'chat', message: '1+1' })).toMatchObject({ message: TEXTS.authRequired })
})

/** Takes one token, and remembers what it was asked. */
function verifierOf(token: string): Verifier & { readonly asked: Headers[] } {
  const asked: Headers[] = []
  return {
    asked,
    verify: async headers => {
      asked.push(headers)
      const isRight = Object.values(headers).includes(`Bearer ${token}`)
      return isRight ? { state: 'accepted' } : { state: 'rejected', detail: 'Token unknown to us' }
    },
  }
}

test('[ASSIST-13] a verifier decides about credentials of elsewhere, and lets people talk where guests don’t', async () => {
  const verifier = verifierOf('sk-good')
  await using world = await openWorld({ settings: NO_GUESTS, verifier })
  const ada = await world.member('ada')
  const client = await AssistantClient.open(world)
  expect(await client.auth({ token: 'sk-bad' })).toMatchObject(rejected('bearer_token', 'Token unknown to us'))
  const oauth2 = { auth_type: 'oauth2', client_id: 'id', client_secret: 's', token_url: 'https://...' }
  expect(await client.auth(oauth2)).toMatchObject(rejected('oauth2'))
  expect(await client.ask({ type: 'history' })).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  expect(await client.auth({ token: 'sk-good' })).toMatchObject(accepted('bearer_token'))
  await client.chat('1+1')
  expect(await client.auth(oauth2)).toMatchObject(accepted('oauth2'))
  // A failure leaves everything as it was.
  expect(await client.auth({ token: 'sk-bad' })).toMatchObject(rejected('bearer_token', 'Token unknown to us'))
  expect(await client.history()).toHaveLength(2)
  const own = { auth_type: 'custom', custom_headers: { 'X-Other': 'x', 'X-API-Key': ada.key } }
  expect(await client.auth(own)).toMatchObject(accepted('custom'))
  expect(verifier.asked).toEqual(['bad', 'good', 'bad'].map(what => ({ Authorization: `Bearer sk-${what}` })))
})

test('[ASSIST-15] questions may need credentials, of any kind', async () => {
  await using world = await openWorld({ talks: { isProofRequired: true, authTypes: ['bearer_token'] } })
  const client = await AssistantClient.open(world)
  const question = { type: 'chat', message: '1+1' }
  expect(await client.ask(question)).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  expect(await client.history()).toEqual([])
  expect(await client.auth({ auth_type: 'api_key', api_key: 'x' })).toMatchObject(
    malformed('Unknown auth type: api_key'),
  )
  expect(await client.auth({ token: 'x' })).toMatchObject(accepted('bearer_token'))
  await client.chat('1+1')
  await client.ask({ type: 'logout' })
  expect(await client.ask(question)).toMatchObject({ type: 'error', message: TEXTS.authRequired })
})

test('[ASSIST-16] after logging out the connection is a guest’s, without history', async () => {
  await using world = await openWorld()
  const ada = await world.member('ada')
  await world.execute(ada, { type: 'password.set', old: null, password: 'correct horse' })
  const client = await AssistantClient.open(world)
  const basic = { auth_type: 'basic_auth', username: 'ada', password: 'correct horse' }
  await client.auth(basic)
  await client.chat('/repeat one')
  expect(await client.ask({ type: 'logout' })).toMatchObject({ type: 'logout_success', message: TEXTS.loggedOut })
  expect(await client.history()).toEqual([])
  await client.chat('/repeat two')
  const list = await world.execute(ada, { type: 'conversations.list', limit: 9, offset: 0 })
  expect(list).toMatchObject({ items: [{ title: '/repeat one' }], total: 1 })
  await client.auth(basic)
  expect(await client.history()).toEqual([])
  expect(await client.ask({ type: 'logout' })).toMatchObject({ type: 'logout_success' })
  expect(await client.ask({ type: 'logout' })).toMatchObject({ type: 'logout_success' })
})

test('[ASSIST-16] where guests may not talk, whoever logged out may not either', async () => {
  await using world = await openWorld({ settings: NO_GUESTS, verifier: verifierOf('sk-good') })
  const ada = await world.member('ada')
  const client = await AssistantClient.open(world)
  expect(await client.ask({ type: 'logout' })).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  for (const credentials of [{ auth_type: 'api_key', api_key: ada.key }, { token: 'sk-good' }]) {
    await client.auth(credentials)
    await client.chat('1+1')
    expect(await client.ask({ type: 'logout' })).toMatchObject({ type: 'logout_success' })
    expect(await client.ask({ type: 'history' })).toMatchObject({ type: 'error', message: TEXTS.authRequired })
  }
  world.pass(31)
  expect(await client.closed).toEqual({ code: 4401, reason: 'Authentication required' })
})

test('[ASSIST-17] a connection ends with the credential it was authenticated by', async () => {
  await using world = await openWorld()
  const ada = await world.member('ada')
  await world.execute(ada, { type: 'password.set', old: null, password: 'correct horse' })
  const [key, basic, guest] = await Promise.all([1, 2, 3].map(() => AssistantClient.open(world)))
  await key!.auth({ auth_type: 'api_key', api_key: ada.key })
  await basic!.auth({ auth_type: 'basic_auth', username: 'ada', password: 'correct horse' })
  await world.execute(ada, { type: 'password.set', old: 'correct horse', password: 'battery staple' })
  expect(await basic!.closed).toEqual({ code: 4401, reason: 'Authentication required' })
  await key!.chat('1+1')
  await world.execute('operator', { type: 'admin.delete', ref: 'ada' })
  expect(await key!.closed).toMatchObject({ code: 4401 })
  await guest!.chat('1+1')
})

test('[ASSIST-17] logging out of a connection leaves other connections of the person open', async () => {
  await using world = await openWorld()
  const ada = await world.member('ada')
  await world.execute(ada, { type: 'password.set', old: null, password: 'correct horse' })
  const [one, two] = await Promise.all([1, 2].map(() => AssistantClient.open(world)))
  const basic = { auth_type: 'basic_auth', username: 'ada', password: 'correct horse' }
  for (const client of [one!, two!]) await client.auth(basic)
  await one!.ask({ type: 'logout' })
  await one!.auth(basic)
  await one!.auth({ auth_type: 'api_key', api_key: ada.key })
  await one!.chat('1+1')
  await two!.chat('1+1')
})

test('[ASSIST-18] wrong passwords and rejected credentials are limited', async () => {
  const settings = { signInRate: { count: 2, seconds: 60 } }
  await using world = await openWorld({ settings, verifier: verifierOf('sk-good') })
  const ada = await world.member('ada')
  await world.execute(ada, { type: 'password.set', old: null, password: 'correct horse' })
  const client = await AssistantClient.open(world)
  const wrong = { auth_type: 'basic_auth', username: 'ada', password: 'wrong' }
  const late = 'Authentication failed: too many attempts, try again in 60 seconds'
  for (let n = 0; n < 2; n++) expect(await client.auth(wrong)).toMatchObject(rejected('basic_auth'))
  expect(await client.auth({ ...wrong, password: 'correct horse' })).toMatchObject(rejected('basic_auth', late))
  expect(await client.auth({ token: 'sk-good' })).toMatchObject(rejected('bearer_token', late))
  world.clock.advance(61_000)
  for (let n = 0; n < 3; n++) expect(await client.auth({ token: 'sk-good' })).toMatchObject(accepted('bearer_token'))
  for (let n = 0; n < 2; n++) await client.auth({ token: `sk-${n}` })
  expect(await client.auth({ token: 'sk-good' })).toMatchObject(rejected('bearer_token', late))
  // A key of this server is no guess.
  expect(await client.auth({ auth_type: 'api_key', api_key: ada.key })).toMatchObject(accepted('api_key'))
})

test('[ASSIST-11] viewers may read and not ask', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  const { key } = await world.member('eve', 'viewer')
  await client.auth({ auth_type: 'api_key', api_key: key })
  expect(await client.ask({ type: 'chat', message: '1+1' })).toMatchObject({
    ...{ type: 'error', message: 'The role viewer does not allow this' },
  })
})
