import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureAssistant } from '../../src/agents/voices.ts'
import { unseen } from './contract.ts'
import { told, toNobody } from './people.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
beforeAll(async () => {
  site = await openSite()
  await ensureAssistant(site.core)
  ann = await site.person('ann')
  ben = await site.person('ben')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const ask = (as: Person, method: string, path: string, body?: object) => site.ask(method, path, { key: as.key, body })
const get = (as: Person, path: string) => ask(as, 'GET', `/api/v1${path}`)
const make = (room_id: string, room_type: string, as = ann) =>
  ask(as, 'POST', '/api/v1/ws/rooms', { room_id, room_type })
const join = (as: Person, room: string) => ask(as, 'POST', `/api/v1/ws/rooms/${room}/join`)

const say = (as: Person, label: string, body: string) =>
  site.as(as, { type: 'message.send', to: { at: 'room', ref: { by: 'label', label }, unknown: 'refuse' }, body })

/** A question to the assistant without a room, and the conversation it began or goes on with. */
async function question(as: Person, body: string, conversation: number | null = null): Promise<number> {
  const sent = await site.as(as, { type: 'message.send', to: { at: 'conversation' }, body, conversation })
  return sent.message.conversation ?? 0
}

const shownAt = () => new Date(site.clock.now()).toISOString()

/** Waits for the answers that are being produced. */
async function answered(): Promise<void> {
  while (site.core.context.runs.active > 0) await new Promise(resolve => setImmediate(resolve))
}

it("[HTTP-107] one's rooms come with the newest activity first, and with what is unread", async () => {
  await make('one', 'shared')
  await make('two', 'shared')
  await join(ben, 'one')
  site.clock.advance(1_000)
  await say(ben, 'one', 'hello')
  const { body } = await get(ann, '/rooms')
  expect(body).toMatchObject({ total: 3, unread_total: 1 })
  const own = body.rooms.filter((room: { room_id: string }) => room.room_id !== 'lobby')
  expect(own).toMatchObject([
    { room_id: 'one', unread: 1, ordinal: 1, participants_count: 2, last_activity: shownAt() },
    { room_id: 'two', unread: 0, ordinal: 0, participants_count: 1 },
  ])
  expect((await get(ann, '/rooms?limit=1&offset=1')).body.rooms).toEqual([body.rooms[1]])
  expect((await get(ann, '/rooms?limit=0')).body.rooms).toHaveLength(1)
  expect((await get(ann, '/rooms?limit=x')).status).toBe(422)
  expect((await get(ben, '/rooms')).body.rooms).not.toContainEqual(expect.objectContaining({ room_id: 'two' }))
})

it('[HTTP-108] messages of a room come in their order: the newest, or those before, after or around one', async () => {
  await make('talk', 'shared')
  for (let i = 1; i <= 7; i++) await say(ann, 'talk', `m${i}`)
  const page = async (query: string) => {
    const { body } = await get(ann, `/rooms/talk/messages${query}`)
    return [body.messages.map((one: { content: string }) => one.content).join(' '), body.more_before, body.more_after]
  }
  expect(await page('')).toEqual(['m1 m2 m3 m4 m5 m6 m7', false, false])
  expect(await page('?limit=2')).toEqual(['m6 m7', true, false])
  expect(await page('?limit=2&before=6')).toEqual(['m4 m5', true, true])
  expect(await page('?limit=2&after=2')).toEqual(['m3 m4', true, true])
  expect(await page('?limit=4&around=4')).toEqual(['m2 m3 m4 m5', true, true])
  expect((await get(ann, '/rooms/talk/messages?before=1&after=1')).status).toBe(422)
  const { body } = await get(ann, '/rooms/talk/messages?limit=1')
  expect(body.messages[0]).toMatchObject({ role: 'user', username: 'ann', ordinal: 7, content: 'm7', run: null })
})

it('[HTTP-108] to others than its members a room is shut; who comes to a private one reads from then on', async () => {
  await make('secret', 'private')
  await say(ann, 'secret', 'early')
  expect(told(await get(ben, '/rooms/secret/messages'))).toEqual([403, 'Access denied'])
  expect(told(await get(ben, '/rooms/nowhere/messages'))).toEqual([404, 'Room not found'])
  await join(ben, 'secret')
  await say(ann, 'secret', 'late')
  const said = async (as: Person) => {
    const { body } = await get(as, '/rooms/secret/messages')
    return body.messages
      .filter((one: { role: string }) => one.role === 'user')
      .map((m: { content: string }) => m.content)
  }
  expect([await said(ann), await said(ben)]).toEqual([['early', 'late'], ['late']])
})

it('[HTTP-108] rooms without an id are named as frames name them, and are there for their own people alone', async () => {
  await site.as(ann, { type: 'message.send', to: { at: 'direct', name: 'ben' }, body: 'psst' })
  const pair = [ann.user.id, ben.user.id].toSorted().join(':')
  const cat = await site.person('cat')
  for (const [as, name] of [
    [ann, `dm:${ben.user.id}`],
    [ben, `dm:${ann.user.id}`],
    [ann, `dm:${pair}`],
    [ben, encodeURIComponent(`dm:${pair}`)],
  ] as const) {
    expect((await get(as, `/rooms/${name}/messages`)).body.messages).toMatchObject([{ content: 'psst' }])
  }
  expect((await get(ann, `/rooms/dm:${pair}/members`)).body.participants_count).toBe(2)
  expect((await get(cat, `/rooms/dm:${pair}/messages`)).status).toBe(404)
  const number = await question(ann, 'who are you?')
  await answered()
  expect((await get(ann, `/rooms/conversation:${number}/messages`)).body.messages[0].content).toBe('who are you?')
  expect((await get(ben, `/rooms/conversation:${number}/messages`)).status).toBe(404)
  // Nobody looks after such a room, or goes into it.
  for (const as of [ann, ben]) {
    expect((await ask(as, 'GET', `/api/v1/ws/rooms/dm:${pair}`)).status).toBe(404)
    expect((await join(as, `dm:${pair}`)).status).toBe(404)
    expect((await join(as, `conversation:${number}`)).status).toBe(404)
  }
})

it("[HTTP-109] one's own conversations are listed, the latest first", async () => {
  const dan = await site.person('dan')
  const first = await question(dan, 'first line\nsecond')
  site.clock.advance(1_000)
  await make('dens', 'private', dan)
  await say(dan, 'dens', 'in a room')
  await answered()
  const { body } = await get(dan, '/conversations')
  expect(body.total).toBe(2)
  expect(body.conversations).toMatchObject([
    { room_id: 'dens', title: 'in a room' },
    { number: first, room_id: `conversation:${first}`, title: 'first line' },
  ])
  expect((await get(dan, '/conversations?limit=1&offset=1')).body.conversations).toEqual([body.conversations[1]])
  expect((await get(dan, '/conversations?offset=x')).status).toBe(422)
})

it('[HTTP-109] a conversation shows its messages, of a private room only its own', async () => {
  const eve = await site.person('eve')
  await make('eves', 'private', eve)
  const [one, two] = [await say(eve, 'eves', 'one'), await say(eve, 'eves', 'two')]
  await answered()
  const page = (number: number | null, query = '') => get(eve, `/conversations/${number}/messages${query}`)
  const { body } = await page(one.message.conversation)
  expect(body.messages).toMatchObject([{ content: 'one' }, { role: 'assistant' }])
  expect((await page(two.message.conversation, '?limit=1')).body).toMatchObject({ more_before: true })
  expect((await page(one.message.conversation, '?around=1&before=1')).status).toBe(422)
})

it('[HTTP-109] the conversation of a room is shown to who is in it, until they leave; others know none of it', async () => {
  await make('all', 'shared')
  const { conversation } = (await say(ann, 'all', 'hello')).message
  const show = (as: Person) => get(as, `/conversations/${conversation}/messages`)
  expect(told(await show(ben))).toEqual([404, 'Conversation not found'])
  await join(ben, 'all')
  expect((await show(ben)).body.messages).toMatchObject([{ content: 'hello' }])
  await ask(ben, 'POST', '/api/v1/ws/rooms/all/leave')
  expect((await show(ben)).status).toBe(404)
  expect((await ask(ann, 'PATCH', `/api/v1/conversations/${conversation}`, { title: 'x' })).status).toBe(404)
  const fay = await site.person('fay')
  await make('fays', 'private')
  await join(fay, 'fays')
  const own = (await say(fay, 'fays', 'mine')).message.conversation
  expect((await get(fay, `/conversations/${own}/messages`)).status).toBe(200)
  expect((await get(ann, `/conversations/${own}/messages`)).status).toBe(404)
  await ask(ann, 'DELETE', `/api/v1/ws/rooms/fays/members/${fay.user.id}`)
  expect((await get(fay, `/conversations/${own}/messages`)).status).toBe(404)
  for (const number of ['x', '0', '1e3', '-1', '9'.repeat(15)])
    expect((await get(fay, `/conversations/${number}/messages`)).status).toBe(404)
})

it('[HTTP-109] its owner gives a title, takes it away, and deletes it', async () => {
  const number = await question(ann, 'what is up?')
  const path = `/api/v1/conversations/${number}`
  const title = (as: Person, body: object) => ask(as, 'PATCH', path, body)
  expect((await title(ann, { title: ' Up ' })).body).toMatchObject({ number, title: 'Up' })
  expect((await title(ann, { title: null })).body).toMatchObject({ number, title: null })
  expect((await get(ann, '/conversations')).body.conversations).toContainEqual(
    expect.objectContaining({ number, title: null }),
  )
  const { status, body } = await title(ann, { title: '  ' })
  expect([status, body.error.details]).toEqual([
    422,
    [{ loc: ['body'], msg: 'Title must not be empty', type: 'value_error' }],
  ])
  for (const wrong of [{}, { title: '' }, { title: 'x'.repeat(201) }, { title: 1 }])
    expect((await title(ann, wrong)).status).toBe(422)
  expect((await title(ann, { title: 'x'.repeat(300_000) })).status).toBe(413)
  expect((await title(ben, { title: 'x' })).status).toBe(404)
  expect((await ask(ben, 'DELETE', path)).status).toBe(404)
  expect((await ask(ann, 'DELETE', path)).body).toEqual({ message: 'Conversation deleted' })
  expect((await ask(ann, 'DELETE', path)).status).toBe(404)
  expect((await get(ann, `/conversations/${number}/messages`)).status).toBe(404)
  expect((await get(ann, `/rooms/conversation:${number}/messages`)).status).toBe(404)
})

const FAMILIES = ['What was said', 'Talks with the assistant'] as const

it.each(FAMILIES)('[HTTP-10] all of it needs a credential: %s', async name =>
  expect(await toNobody(site, name)).toEqual([401]),
)

it.each(FAMILIES)('[HTTP-12] every documented answer was seen: %s', name => expect(unseen(name)).toEqual([]))
