import { LOGOS } from '@parley/protocol/token-bowl/limits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unseen } from './contract.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let eye: Person
let bot: Person

beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  eye = await site.person('eye', 'viewer')
  bot = await site.person('bot', 'bot', ann)
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const get = (path: string, as: Person = ann) => site.ask('GET', path, { key: as.key })
const patch = (path: string, body: unknown, as: Person = ann) => site.ask('PATCH', path, { key: as.key, body })
const names = (users: readonly { username: string }[]) => users.map(({ username }) => username)

describe('looking at users', () => {
  it('[HTTP-30] the list leaves viewers out and shows no secret', async () => {
    const { body } = await get('/users', eye)
    expect(names(body)).toEqual(['ann', 'bot'])
    expect(body[1]).toEqual({
      id: bot.user.id,
      username: 'bot',
      role: 'bot',
      logo: null,
      emoji: null,
      bot: true,
      viewer: false,
    })
  })

  it('[HTTP-30] online are those with an open socket', async () => {
    expect((await get('/users/online')).body).toEqual([])
    site.core.context.presence.enter(ann.user.id)
    expect(names((await get('/users/online')).body)).toEqual(['ann'])
    site.core.context.presence.leave(ann.user.id, true, 0)
  })

  it('[HTTP-30] oneself comes with the key', async () => {
    const { body } = await get('/users/me')
    expect(body).toMatchObject({ username: 'ann', api_key: ann.key, email: null, admin: false })
  })

  it('[HTTP-31] one user is found by UUID and by name, whatever characters it has', async () => {
    const odd = await site.person('a/b ü%?')
    for (const ref of [
      odd.user.id,
      odd.user.id.toUpperCase(),
      encodeURIComponent('a/b ü%?'),
      encodeURIComponent('A/B Ü%?'),
    ]) {
      expect((await get(`/users/${ref}`)).body.id).toBe(odd.user.id)
    }
    for (const ref of ['nobody', '%zz', '__proto__', '00000000-0000-7000-8000-000000000000']) {
      expect((await get(`/users/${ref}`)).status).toBe(404)
    }
    expect((await get('/users/nobody')).body).toEqual({ detail: 'User nobody not found' })
  })

  it('[HTTP-31] fixed paths are nobody’s name', async () => {
    await expect(site.person('me')).rejects.toThrow('name_invalid')
    await expect(site.person('online')).rejects.toThrow('name_invalid')
    expect((await get('/users/me')).body.username).toBe('ann')
    expect((await get('/users/online')).body).toEqual([])
  })
})

describe('changing oneself', () => {
  it('[HTTP-32] a new name shows in old messages', async () => {
    const carl = await site.person('carl')
    await site.ask('POST', '/messages', { key: carl.key, body: { content: 'x' } })
    const { status, body } = await patch('/users/me/username', { username: 'karl' }, carl)
    expect([status, body.username, body.api_key]).toEqual([200, 'karl', carl.key])
    expect((await get('/messages?limit=1')).body.messages[0].from_username).toBe('karl')
  })

  it('[HTTP-32] a name that is taken, in any case, is 409', async () => {
    const { status, body } = await patch('/users/me/username', { username: 'BOT' })
    expect([status, body.detail]).toEqual([409, 'Username BOT already exists'])
  })

  it.each(['', 'x'.repeat(51), 'assistant', ' edge', 'zero\u200bwidth', 'line\nbreak'])(
    '[HTTP-32] what is no name is 422 at the name: %j',
    async username => {
      const { status, body } = await patch('/users/me/username', { username })
      expect([status, body.detail[0].loc]).toEqual([422, ['body', 'username']])
    },
  )

  it('[HTTP-33] a webhook is set, and cleared by null and by nothing', async () => {
    const url = 'https://hooks.example/x'
    const message = 'Webhook URL updated successfully'
    for (const cleared of [{}, { webhook_url: null }]) {
      expect((await patch('/users/me/webhook', { webhook_url: url })).body).toEqual({ message, webhook_url: url })
      expect((await get('/users/me')).body.webhook_url).toBe(url)
      expect((await patch('/users/me/webhook', cleared)).body).toEqual({ message, webhook_url: '' })
      expect((await get('/users/me')).body.webhook_url).toBe(null)
    }
  })

  it.each([
    'ftp://hooks.example',
    'no url',
    `https://hooks.example/${'x'.repeat(2_083)}`,
    'http://169.254.169.254/',
    5,
  ])('[HTTP-33] what this server would not call is 422: %j', async webhook_url => {
    const { status, body } = await patch('/users/me/webhook', { webhook_url })
    expect([status, body.detail[0].loc]).toEqual([422, ['body', 'webhook_url']])
  })

  it('[HTTP-34] a logo from the list is set, and cleared by null and by nothing', async () => {
    const { status, body: logos } = await site.ask('GET', '/logos')
    expect([status, logos]).toEqual([200, [...LOGOS]])
    const message = 'Logo updated successfully'
    for (const cleared of [{}, { logo: null }]) {
      expect((await patch('/users/me/logo', { logo: logos[0] })).body).toEqual({ message, logo: logos[0] })
      expect((await patch('/users/me/logo', cleared)).body).toEqual({ message, logo: '' })
    }
    expect((await patch('/users/me/logo', { logo: '../../etc/passwd' })).status).toBe(422)
  })

  it('[HTTP-34] a bot has no logo', async () => {
    const { status, body } = await patch('/users/me/logo', { logo: LOGOS[0] }, bot)
    expect(status).toBe(422)
    expect(body.detail).toEqual([{ loc: ['body', 'logo'], msg: 'A bot has an emoji, not a logo', type: 'value_error' }])
  })

  it('[HTTP-35] a new key works and the old one is dead at once', async () => {
    const dora = await site.person('dora')
    const { body } = await site.ask('POST', '/users/me/regenerate-api-key', { key: dora.key })
    expect(body).toEqual({
      message: 'API key regenerated successfully',
      api_key: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect((await get('/users/me', dora)).status).toBe(401)
    expect((await site.ask('GET', '/users/me', { key: body.api_key })).body.username).toBe('dora')
  })

  it('[HTTP-36] a viewer changes nothing, and is told which permission is missing', async () => {
    for (const [path, body] of [
      ['/users/me/username', { username: 'x' }],
      ['/users/me/webhook', {}],
      ['/users/me/logo', {}],
    ] as const) {
      const answer = await patch(path, body, eye)
      const detail = "Your role 'viewer' does not have permission to update the profile"
      expect([answer.status, answer.body]).toEqual([403, { detail }])
    }
  })
})

it('[HTTP-10] without a credential every one of these is 401; a large body is 413', async () => {
  for (const path of ['/users', '/users/online', '/users/me', '/users/ann']) {
    expect((await site.ask('GET', path)).status).toBe(401)
  }
  for (const path of ['/users/me/username', '/users/me/webhook', '/users/me/logo']) {
    expect((await site.ask('PATCH', path, { body: {} })).status).toBe(401)
    expect((await patch(path, { pad: 'x'.repeat(300_000) })).status).toBe(413)
  }
  expect((await site.ask('POST', '/users/me/regenerate-api-key')).status).toBe(401)
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Users')).toEqual([]))
