import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Search } from '../../src/core/ports/search.ts'
import { StoreFailed } from '../../src/core/ports/store.ts'
import { openMemorySearch } from '../../src/stores/memory/search.ts'
import { unseen } from './contract.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  ben = await site.person('ben')
})
afterAll(() => site[Symbol.asyncDispose]())

const find = (as: Person, query: string) => site.ask('GET', `/api/v1/search?${query}`, { key: as.key })
const make = (label: string, kind: 'shared' | 'private' | 'group') =>
  site.as(ann, { type: 'room.make', label, name: null, kind })
const say = (as: Person, label: string, body: string) =>
  site.as(as, { type: 'message.send', to: { at: 'room', ref: { by: 'label', label }, unknown: 'refuse' }, body })

it('[HTTP-117] messages are found by their words in what the caller may read, newest first, in pages', async () => {
  await make('found', 'group')
  await say(ann, 'lobby', 'Where is the Café?')
  site.clock.advance(60_000)
  const since = new Date(site.clock.now()).toISOString()
  for (const n of [1, 2, 3]) await say(ann, 'found', `The cafe ${n}`)
  const { body } = await find(ann, 'q=caf%C3%A9&limit=2')
  expect(body.results).toMatchObject([
    { room_id: 'found', message: { content: 'The cafe 3', username: 'ann' }, excerpt: 'The cafe 3', hits: [[4, 8]] },
    { room_id: 'found', message: { content: 'The cafe 2' } },
  ])
  expect(body.results[0].room).toBe(site.core.context.directory.peekLabelled('found')?.id)
  const rest = (await find(ann, `q=caf%C3%A9&limit=2&before=${body.next}`)).body
  expect(rest.results.map((one: { excerpt: string }) => one.excerpt)).toEqual(['The cafe 1', 'Where is the Café?'])
  expect(rest.next).toBeNull()
  expect((await find(ben, 'q=cafe')).body.results).toMatchObject([{ room_id: 'lobby' }])
  const total = async (query: string) => (await find(ann, `q=cafe&${query}`)).body.results.length
  expect(await total('room_id=lobby')).toBe(1)
  expect(await total('sender=ann')).toBe(4)
  expect(await total(`sender=${ben.user.id}`)).toBe(0)
  expect(await total(`from=${since}`)).toBe(3)
  expect(await total(`until=${since}`)).toBe(1)
})

it('[HTTP-117] what is asked badly, of others, or of nobody is refused', async () => {
  await make('closed', 'group')
  const statuses = async (queries: readonly string[]) =>
    Promise.all(queries.map(async one => (await find(ben, one)).status))
  expect(
    await statuses(['', 'q=', `q=${'x'.repeat(201)}`, 'q=x&from=yesterday', 'q=x&before=-1', 'q=x&limit=no']),
  ).toEqual(Array(6).fill(422))
  expect(await statuses(['q=x&room_id=closed', 'q=x&room_id=nowhere', 'q=x&sender=nobody'])).toEqual([403, 404, 404])
  expect(await statuses([`q=x&limit=1000`, 'q=%00', 'q=*', `q=${'%F0%9F%8E%89'.repeat(200)}`])).toEqual(
    Array(4).fill(200),
  )
  expect((await site.ask('GET', '/api/v1/search?q=x')).status).toBe(401)
})

it('[HTTP-117] the frame says the same, with the id of the question', async () => {
  const client = await site.rooms(ann, { v: '2' })
  client.send({ type: 'search', data: { query: 'cafe', limit: 1 }, room_id: 'found', message_id: 's1' })
  const asked = await client.expect('search_results')
  const { body } = await find(ann, 'q=cafe&room_id=found&limit=1')
  expect(asked).toMatchObject({ message_id: 's1', room_id: 'found', data: body })
  client.send({ type: 'search', data: { query: '' }, message_id: 's2' })
  expect(await client.expect('error')).toMatchObject({ message_id: 's2', data: { code: 'INVALID_MESSAGE' } })
})

it('[HTTP-118] who searches too often waits, on both ways in alike', async () => {
  await using site = await openSite({ settings: { searchRate: { count: 2, seconds: 60 } } })
  const cay = await site.person('cay')
  const find = () => site.ask('GET', '/api/v1/search?q=x', { key: cay.key })
  const client = await site.rooms(cay, { v: '2' })
  expect((await find()).status).toBe(200)
  client.send({ type: 'search', data: { query: 'x' }, message_id: 's1' })
  await client.expect('search_results')
  expect(await find()).toMatchObject({ status: 429, body: { error: { retry_after: 60 } } })
  client.send({ type: 'search', data: { query: 'x' }, message_id: 's2' })
  expect(await client.expect('error')).toMatchObject({ data: { code: 'RATE_LIMIT', retry_after: 60 } })
  site.clock.advance(60_000)
  expect((await find()).status).toBe(200)
})

it('[HTTP-118] where more is searched for than is found in time, it says so', async () => {
  const busy: Search['find'] = () => Promise.reject(new StoreFailed('busy'))
  await using crowded = await openSite({ search: store => ({ ...openMemorySearch(store), find: busy }) })
  const { key } = await crowded.person('dan')
  const answer = await crowded.ask('GET', '/api/v1/search?q=x', { key })
  expect(answer).toMatchObject({ status: 503, body: { error: { message: 'Server is busy', retry_after: 1 } } })
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Search')).toEqual([]))
