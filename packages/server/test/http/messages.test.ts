import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unseen } from './contract.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
let eye: Person
let bot: Person

beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  ben = await site.person('ben')
  eye = await site.person('eye', 'viewer')
  bot = await site.person('bot', 'bot')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const send = async (from: Person, content: string, to?: string) => {
  site.clock.advance(1000)
  return site.ask('POST', '/messages', { key: from.key, body: { content, ...(to && { to_username: to }) } })
}
const get = (path: string, as: Person) => site.ask('GET', path, { key: as.key })

describe('sending', () => {
  it('[HTTP-20] a room message is answered with 201 and everything about it', async () => {
    const { status, body } = await send(ann, '  hello\n')
    expect(status).toBe(201)
    expect(body).toMatchObject({ from_username: 'ann', to_username: null, content: '  hello\n', message_type: 'room' })
  })

  it('[HTTP-20] a direct message names both, found by a name in any case', async () => {
    const { body } = await send(ann, 'psst', 'BEN')
    expect(body).toMatchObject({ to_user_id: ben.user.id, to_username: 'ben', message_type: 'direct' })
  })

  it('[HTTP-20] null for the recipient means the room', async () => {
    const answer = await site.ask('POST', '/messages', {
      key: ann.key,
      body: { content: 'x', to_username: null, extra: 1 },
    })
    expect(answer.body.message_type).toBe('room')
  })

  it('[HTTP-21] is refused with the documented status and text', async () => {
    const refusals = [
      [await send(eye, 'x'), 403, "Your role 'viewer' does not have permission to send room messages"],
      [await send(bot, 'x', 'ann'), 403, "Your role 'bot' does not have permission to send direct messages"],
      [await send(ann, 'x', 'nobody'), 404, 'User nobody not found'],
      [await send(ann, 'x', 'eye'), 400, 'Cannot send messages to viewer user eye'],
      [
        await site.ask('POST', '/messages', { body: { content: 'x' } }),
        401,
        'Invalid or missing authentication credentials',
      ],
    ] as const
    for (const [answer, status, detail] of refusals) {
      expect([answer.status, answer.body]).toEqual([status, { detail }])
    }
  })

  it('[HTTP-21] 401 says how to come in', async () => {
    const { headers } = await site.ask('POST', '/messages', { key: 'junk', body: { content: 'x' } })
    expect(headers['www-authenticate']).toBe('Bearer')
  })

  it('[HTTP-11] counts characters as people do: 10,000 emoji fit, one more does not', async () => {
    expect((await send(ann, '😀'.repeat(10_000))).status).toBe(201)
    expect((await send(ann, '😀'.repeat(10_001))).body.detail).toEqual([
      { loc: ['body', 'content'], msg: 'String should have at most 10000 characters', type: 'string_too_long' },
    ])
  })

  it('[HTTP-11] says what is missing or of the wrong type, and where', async () => {
    const { status, body } = await site.ask('POST', '/messages', { key: ann.key, body: { to_username: 5 } })
    expect(status).toBe(422)
    expect(body.detail).toEqual([
      { loc: ['body', 'content'], msg: 'Field required', type: 'missing' },
      { loc: ['body', 'to_username'], msg: 'Input should be a valid string', type: 'string_type' },
    ])
    expect((await send(ann, '')).body.detail[0].type).toBe('string_too_short')
  })

  it('[HTTP-15] a rate limit says when to come back', async () => {
    await using limited = await openSite({ settings: { messageRate: { count: 1, seconds: 60 } } })
    const { key } = await limited.person('ann')
    await limited.ask('POST', '/messages', { key, body: { content: 'one' } })
    const { status, headers, body } = await limited.ask('POST', '/messages', { key, body: { content: 'two' } })
    expect([status, headers['retry-after'], body.detail]).toEqual([429, '60', 'Rate limit exceeded, try again in 60 s'])
  })

  it('[HTTP-15] a busy server says when to come back', async () => {
    await using busy = await openSite()
    const { key } = await busy.person('ann')
    busy.core.context.commits.add = (_, waiter) => waiter.failed({ code: 'busy', retryAfter: 1 })
    const { status, headers, body } = await busy.ask('POST', '/messages', { key, body: { content: 'x' } })
    expect([status, headers['retry-after'], body.detail]).toEqual([503, '1', 'Server is busy, try again in 1 s'])
  })
})

describe('reading', () => {
  it('[HTTP-22] the room comes newest first, in pages that say whether more follows', async () => {
    await using quiet = await openSite()
    const { key } = await quiet.person('ann')
    for (const content of ['1', '2', '3']) await quiet.ask('POST', '/messages', { key, body: { content } })
    const page = async (query: string) => {
      const { body } = await quiet.ask('GET', `/messages?${query}`, { key })
      return [body.messages.map((message: { content: string }) => message.content), body.pagination]
    }
    expect(await page('')).toEqual([['3', '2', '1'], { total: 3, offset: 0, limit: 50, has_more: false }])
    expect(await page('limit=2')).toEqual([['3', '2'], { total: 3, offset: 0, limit: 2, has_more: true }])
    expect(await page('limit=2&offset=2')).toEqual([['1'], { total: 3, offset: 2, limit: 2, has_more: false }])
    expect(await page('limit=999999&since=')).toEqual([
      ['3', '2', '1'],
      { total: 3, offset: 0, limit: 1000, has_more: false },
    ])
    expect(await page('limit=0')).toEqual([['3'], { total: 3, offset: 0, limit: 1, has_more: true }])
  })

  it('[HTTP-22] the direct messages are those sent or received by the caller', async () => {
    await send(ann, 'to ben', 'ben')
    await send(ben, 'to ann', 'ann')
    const { body } = await get('/messages/direct?limit=2', ann)
    expect(body.messages.map((message: { content: string }) => message.content)).toEqual(['to ann', 'to ben'])
    expect((await get('/messages/direct', eye)).body.messages).toEqual([])
  })

  it('[HTTP-23] `since` means strictly later, in any way to write a time', async () => {
    const { body } = await send(ann, 'mark')
    await send(ann, 'after')
    const instant: string = body.timestamp
    const zoned = instant.replace('Z', '+00:00')
    for (const since of [instant, encodeURIComponent(zoned), zoned, instant.replace('Z', '')]) {
      const page = await get(`/messages?since=${since}`, ben)
      expect(page.body.messages.map((message: { content: string }) => message.content)).toEqual(['after'])
    }
  })

  it('[HTTP-23] a `since` that is no time is 400', async () => {
    for (const path of ['/messages', '/messages/direct']) {
      const { status, body } = await get(`${path}?since=yesterday`, ben)
      expect([status, body.detail]).toEqual([400, 'Invalid timestamp format. Use ISO 8601 format.'])
    }
  })

  it('[HTTP-11] a page that is no number, or before the beginning, is 422', async () => {
    for (const path of ['/messages', '/messages/direct', '/messages/unread', '/messages/direct/unread']) {
      const { status, body } = await get(`${path}?limit=ten&offset=-1`, ben)
      expect(status).toBe(422)
      expect(body.detail).toEqual([
        { loc: ['query', 'limit'], msg: 'Input should be a valid integer', type: 'int_parsing' },
        { loc: ['query', 'offset'], msg: 'Input should be greater than or equal to 0', type: 'greater_than_equal' },
      ])
    }
  })
})

describe('unread', () => {
  it('[HTTP-24] lists oldest first, counts, and marks one or all, again without harm', async () => {
    await using quiet = await openSite()
    const from = await quiet.person('from')
    const { key } = await quiet.person('reader')
    const ids: string[] = []
    for (const to of [null, null, 'reader']) {
      const { body } = await quiet.ask('POST', '/messages', { key: from.key, body: { content: 'x', to_username: to } })
      ids.push(body.id)
    }
    const list = async (path: string) =>
      (await quiet.ask('GET', path, { key })).body.map(({ id }: { id: string }) => id)
    const count = async () => (await quiet.ask('GET', '/messages/unread/count', { key })).body
    expect(await list('/messages/unread?limit=50&offset=0')).toEqual(ids.slice(0, 2))
    expect(await list('/messages/direct/unread')).toEqual(ids.slice(2))
    expect(await count()).toEqual({ unread_room_messages: 2, unread_direct_messages: 1, total_unread: 3 })
    for (let i = 0; i < 2; i++) {
      const marked = await quiet.ask('POST', `/messages/${ids[1]}/read`, { key })
      expect([marked.status, marked.text]).toEqual([204, ''])
      expect((await count()).unread_room_messages).toBe(1)
    }
    const all = { marked_as_read: 2, messages_marked_read: 2 }
    expect((await quiet.ask('POST', '/messages/mark-all-read', { key })).body).toEqual(all)
    expect((await count()).total_unread).toBe(0)
  })

  it('[HTTP-24] a message the caller cannot see is unknown', async () => {
    const { body } = await send(ann, 'secret', 'ben')
    for (const id of [body.id, 'msg_1', '00000000-0000-7000-8000-000000000000']) {
      const answer = await site.ask('POST', `/messages/${id}/read`, { key: bot.key })
      expect([answer.status, answer.body.detail]).toEqual([404, `Message ${id} not found`])
    }
  })

  it('[HTTP-25] receipts are for the author and admins', async () => {
    const admin = await site.person('root', 'admin')
    const { body } = await send(ann, 'read me')
    await site.ask('POST', `/messages/${body.id}/read`, { key: ben.key })
    for (const reader of [ann, admin]) {
      const { body: receipts } = await get(`/messages/${body.id}/receipts`, reader)
      expect(receipts).toMatchObject([{ username: 'ben' }])
    }
    expect((await get(`/messages/${body.id}/receipts`, ben)).status).toBe(404)
  })
})

it('[HTTP-10] without a credential every one of these is 401', async () => {
  const posts = ['/messages/x/read', '/messages/mark-all-read']
  const gets = ['/messages', '/messages/direct', '/messages/unread', '/messages/direct/unread', '/messages/x/receipts']
  for (const path of posts) expect((await site.ask('POST', path)).status).toBe(401)
  for (const path of [...gets, '/messages/unread/count']) expect((await site.ask('GET', path)).status).toBe(401)
  const large = { content: 'x'.repeat(300_000) }
  expect((await site.ask('POST', '/messages', { key: ann.key, body: large })).status).toBe(413)
})

it('[HTTP-12] every documented answer was seen', () => {
  expect([...unseen('Messages'), ...unseen('Read state')]).toEqual([])
})
