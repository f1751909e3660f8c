import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unseen } from './contract.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
let said: string
let whispered: string

beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  ben = await site.person('ben')
  await site.person('cat')
  const send = async (body: object) => (await site.ask('POST', '/messages', { key: ann.key, body })).body.id
  said = await send({ content: 'hello' })
  whispered = await send({ content: 'psst', to_username: 'cat' })
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const create = async (body: object, as: Person = ann) => {
  site.clock.advance(1000)
  return site.ask('POST', '/conversations', { key: as.key, body })
}
const UNKNOWN = '00000000-0000-7000-8000-000000000000'

describe('making', () => {
  it('[HTTP-60] takes a title, a description and messages; all may be missing', async () => {
    const { status, body } = await create({ title: 't', description: 'd', message_ids: [said, whispered] })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      title: 't',
      description: 'd',
      message_ids: [said, whispered],
      created_by_username: 'ann',
    })
    expect((await create({})).body).toMatchObject({ title: null, description: null, message_ids: [] })
    expect((await create({ title: null, message_ids: null })).status).toBe(201)
  })

  it('[HTTP-60] a message the caller cannot see is 404', async () => {
    for (const id of [UNKNOWN, whispered]) {
      const { status, body } = await create({ message_ids: [id] }, ben)
      expect([status, body.detail]).toEqual([404, `Message ${id} not found`])
    }
  })

  it.each([
    [{ title: '' }, ['body', 'title']],
    [{ title: 'x'.repeat(201) }, ['body', 'title']],
    [{ description: '' }, ['body', 'description']],
    [{ message_ids: ['msg_1'] }, ['body', 'message_ids', 0]],
    [{ message_ids: 'x' }, ['body', 'message_ids']],
    [[], ['body']],
  ])('[HTTP-60] %j is 422', async (given, loc) => {
    const { status, body } = await create(given)
    expect([status, body.detail[0].loc]).toEqual([422, loc])
  })
})

describe('listing', () => {
  it('[HTTP-61] newest first, with the numbers in both places', async () => {
    const dan = await site.person('dan')
    for (const title of ['1', '2', '3']) await create({ title }, dan)
    const { body } = await site.ask('GET', '/conversations?limit=2', { key: dan.key })
    expect(body.conversations.map(({ title }: { title: string }) => title)).toEqual(['3', '2'])
    expect(body).toMatchObject({ total: 3, limit: 2, offset: 0 })
    expect(body.pagination).toEqual({ total: 3, limit: 2, offset: 0, has_more: true })
    expect((await site.ask('GET', '/conversations?limit=100', { key: dan.key })).body.conversations).toHaveLength(3)
  })

  it.each(['limit=0', 'limit=101', 'limit=x', 'offset=-1'])('[HTTP-61] %s is 422', async query => {
    const { status, body } = await site.ask('GET', `/conversations?${query}`, { key: ann.key })
    expect([status, body.detail[0].loc]).toEqual([422, ['query', query.split('=')[0]]])
  })
})

describe('one', () => {
  it('[HTTP-62] its owner sees, changes and deletes it; absent and null stay', async () => {
    const { body } = await create({ title: 't', description: 'd', message_ids: [said] })
    const path = `/conversations/${body.id}`
    expect((await site.ask('GET', path, { key: ann.key })).body).toEqual(body)
    const patch = async (change: object) => (await site.ask('PATCH', path, { key: ann.key, body: change })).body
    expect(await patch({ title: 'new', description: null })).toEqual({ ...body, title: 'new' })
    expect(await patch({ message_ids: [] })).toEqual({ ...body, title: 'new', message_ids: [] })
    expect((await site.ask('DELETE', path, { key: ann.key })).status).toBe(204)
    expect((await site.ask('GET', path, { key: ann.key })).status).toBe(404)
  })

  it('[HTTP-63] others get 403 in words for what they tried, admins too', async () => {
    const admin = await site.person('admin', 'admin')
    const { body } = await create({})
    for (const other of [ben, admin]) {
      const ask = (method: string) =>
        site.ask(method, `/conversations/${body.id}`, { key: other.key, ...(method === 'PATCH' && { body: {} }) })
      for (const [method, verb] of [
        ['GET', 'view'],
        ['PATCH', 'update'],
        ['DELETE', 'delete'],
      ] as const) {
        const answer = await ask(method)
        expect([answer.status, answer.body.detail]).toEqual([403, `You can only ${verb} your own conversations`])
      }
    }
  })

  it('[HTTP-63] an unknown one is 404, without a credential 401', async () => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? {} : undefined
      for (const id of [UNKNOWN, 'x']) {
        const answer = await site.ask(method, `/conversations/${id}`, { key: ann.key, body })
        expect([answer.status, answer.body.detail]).toEqual([404, `Conversation ${id} not found`])
      }
      expect((await site.ask(method, '/conversations/x', { body })).status).toBe(401)
    }
    const { body } = await create({})
    const unknown = { key: ann.key, body: { message_ids: [UNKNOWN] } }
    expect((await site.ask('PATCH', `/conversations/${body.id}`, unknown)).body.detail).toBe(
      `Message ${UNKNOWN} not found`,
    )
  })

  it('[HTTP-64] viewers see everybody’s only where everybody trusts everybody', async () => {
    for (const selfAssignedRoles of [true, false]) {
      await using other = await openSite({ settings: { selfAssignedRoles } })
      const { key } = await other.person('owner')
      const viewer = await other.person('viewer', 'viewer')
      const { body } = await other.ask('POST', '/conversations', { key, body: {} })
      const one = await other.ask('GET', `/conversations/${body.id}`, { key: viewer.key })
      const list = await other.ask('GET', '/conversations', { key: viewer.key })
      expect([one.status, list.body.total]).toEqual(selfAssignedRoles ? [200, 1] : [403, 0])
    }
  })
})

it('[HTTP-13] a large or malformed body is refused; without a credential these are 401', async () => {
  const body = { title: 'x'.repeat(300_000) }
  expect((await create(body)).status).toBe(413)
  expect((await site.ask('PATCH', `/conversations/${UNKNOWN}`, { key: ann.key, body })).status).toBe(413)
  expect((await site.ask('PATCH', `/conversations/${UNKNOWN}`, { key: ann.key, body: { title: 1 } })).status).toBe(422)
  expect((await site.ask('POST', '/conversations', { body: {} })).status).toBe(401)
  expect((await site.ask('GET', '/conversations')).status).toBe(401)
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Conversations')).toEqual([]))
