import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unseen } from './contract.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
let admin: Person
let eye: Person

beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  ben = await site.person('ben')
  admin = await site.person('admin', 'admin')
  eye = await site.person('eye', 'viewer')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const create = (body: object, as: Person = ann) => site.ask('POST', '/bots', { key: as.key, body })
const UNKNOWN = '00000000-0000-7000-8000-000000000000'

describe('making bots', () => {
  it('[HTTP-50] a bot belongs to who made it and speaks with its own key', async () => {
    const { status, body } = await create({ username: 'helper', emoji: '🤖', webhook_url: 'https://hooks.example/' })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(String),
      username: 'helper',
      api_key: expect.stringMatching(/^[0-9a-f]{64}$/),
      created_by_id: ann.user.id,
      created_by: 'ann',
      emoji: '🤖',
      webhook_url: 'https://hooks.example/',
    })
    const sent = await site.ask('POST', '/messages', { key: body.api_key, body: { content: 'beep' } })
    expect(sent.body).toMatchObject({ from_username: 'helper', from_user_emoji: '🤖', from_user_bot: true })
  })

  it('[HTTP-50] the list holds the caller’s own, with their keys', async () => {
    const { body: made } = await create({ username: 'lone' }, ben)
    const { body } = await site.ask('GET', '/bots/me', { key: ben.key })
    expect(body).toEqual([{ ...made, created_at: expect.any(String) }])
    expect((await site.ask('GET', '/bots/me', { key: eye.key })).body).toEqual([])
  })

  it('[HTTP-51] refuses what the contract says', async () => {
    const { body: bot } = await create({ username: 'bot' })
    const text = (role: string) => `Your role '${role}' does not have permission to create or manage bots`
    const refusals = [
      [await create({ username: 'x' }, eye), 403, text('viewer')],
      [await create({ username: 'x' }, { ...ann, key: bot.api_key }), 403, text('bot')],
      [await create({ username: 'BEN' }), 409, 'Username BEN already exists'],
    ] as const
    for (const [answer, status, detail] of refusals) expect([answer.status, answer.body]).toEqual([status, { detail }])
    expect((await create({})).body.detail[0].loc).toEqual(['body', 'username'])
    expect((await create({ username: 'y', webhook_url: 'http://169.254.0.1' })).status).toBe(422)
  })
})

describe('changing bots', () => {
  const bot = async () => (await create({ username: `bot-${Math.random()}`, emoji: 'x' })).body

  it('[HTTP-52] the owner and admins change it; absent and null stay, an empty emoji clears', async () => {
    const { id } = await bot()
    const patch = async (body: object, as: Person = ann) =>
      (await site.ask('PATCH', `/bots/${id}`, { key: as.key, body })).body
    expect(await patch({ emoji: 'y' })).toMatchObject({ emoji: 'y', webhook_url: null })
    expect(await patch({ webhook_url: 'https://a.example/' }, admin)).toMatchObject({
      emoji: 'y',
      webhook_url: 'https://a.example/',
    })
    expect(await patch({ emoji: null, webhook_url: null })).toMatchObject({
      emoji: 'y',
      webhook_url: 'https://a.example/',
    })
    expect(await patch({ emoji: '' })).toMatchObject({ emoji: null })
    expect((await site.ask('PATCH', `/bots/${id}`, { key: ann.key, body: { emoji: 5 } })).status).toBe(422)
  })

  it('[HTTP-52] a new key kills the old one', async () => {
    const { id, api_key } = await bot()
    const { body } = await site.ask('POST', `/bots/${id}/regenerate-api-key`, { key: ann.key })
    expect((await site.ask('GET', '/users/me', { key: body.api_key })).status).toBe(200)
    expect((await site.ask('GET', '/users/me', { key: api_key })).status).toBe(401)
  })

  it('[HTTP-52] deleting ends its key and keeps its messages', async () => {
    const { id, api_key, username } = await bot()
    await site.ask('POST', '/messages', { key: api_key, body: { content: 'last words' } })
    const { status, text } = await site.ask('DELETE', `/bots/${id}`, { key: ann.key })
    expect([status, text]).toEqual([204, ''])
    expect((await site.ask('GET', '/users/me', { key: api_key })).status).toBe(401)
    const page = await site.ask('GET', '/messages?limit=1', { key: ann.key })
    expect(page.body.messages[0]).toMatchObject({ from_username: username, content: 'last words' })
  })

  it('[HTTP-53] others get 403, unknown bots and people 404, a malformed id 400 on change', async () => {
    const { id } = await bot()
    const asks = [
      ['PATCH', '', {}],
      ['DELETE', '', undefined],
      ['POST', '/regenerate-api-key', undefined],
    ] as const
    for (const [method, end, body] of asks) {
      const ask = (ref: string, as?: Person) => site.ask(method, `/bots/${ref}${end}`, { key: as?.key, body })
      const other = await ask(id, ben)
      expect([other.status, other.body.detail]).toEqual([403, 'You can only manage your own bots'])
      for (const ref of [UNKNOWN, ann.user.id]) {
        expect([(await ask(ref, ann)).status, (await ask(ref, ann)).body.detail]).toEqual([404, 'Bot not found'])
      }
      expect((await ask('no-uuid', ann)).status).toBe(method === 'PATCH' ? 400 : 404)
      expect((await ask(id)).status).toBe(401)
    }
  })
})

it('[HTTP-13] a large body is 413; without a credential these are 401', async () => {
  const body = { pad: 'x'.repeat(300_000) }
  expect((await create(body)).status).toBe(413)
  expect((await site.ask('PATCH', `/bots/${UNKNOWN}`, { key: ann.key, body })).status).toBe(413)
  expect((await site.ask('POST', '/bots', { body: {} })).status).toBe(401)
  expect((await site.ask('GET', '/bots/me')).status).toBe(401)
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Bots')).toEqual([]))
