import { expect, test, vi } from 'vitest'
import { type Frame, openWorld, type TestClient, type World } from '../world.ts'

const COUNT = { type: 'get_unread_count' }

async function counts(client: TestClient): Promise<[room: unknown, direct: unknown]> {
  const answer = await client.ask(COUNT)
  expect(answer.total_unread).toBe(Number(answer.unread_room_messages) + Number(answer.unread_direct_messages))
  return [answer.unread_room_messages, answer.unread_direct_messages]
}

async function twoPeople(world: World) {
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  return { alice, bob, a: await world.connect(alice), b: await world.connect(bob) }
}

/** Messages of alice as bob gets them. */
async function hear(a: TestClient, b: TestClient, contents: readonly string[], toUsername?: string): Promise<Frame[]> {
  for (const content of contents) await a.say(content, toUsername)
  return b.take(contents.length)
}

test('[TB-40] own messages are never unread; a direct message is unread for its recipient only', async () => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  const carol = await world.connect(await world.member('carol'))
  await hear(a, b, ['one', 'two'])
  await hear(a, b, ['psst'], 'bob')
  await carol.take(2)
  expect(await counts(a)).toEqual([0, 0])
  expect(await counts(b)).toEqual([2, 1])
  expect(await counts(carol)).toEqual([2, 0])
})

test('[TB-40] whoever comes later starts with nothing unread', async () => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  await hear(a, b, ['one', 'two'])
  const carol = await world.connect(await world.member('carol'))
  expect(await counts(carol)).toEqual([0, 0])
  await a.say('three')
  await carol.next()
  expect(await counts(carol)).toEqual([1, 0])
})

test('[TB-40] counts come on request only, and a deleted message is not unread', async () => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  const [first] = await hear(a, b, ['one', 'two'])
  await b.quiet()
  const root = await world.connect(await world.member('root', 'admin'))
  expect(await root.ask({ type: 'delete_message', message_id: first?.id })).toEqual({
    type: 'message_deleted',
    message_id: first?.id,
  })
  await b.quiet()
  expect(await counts(b)).toEqual([1, 0])
})

test('[TB-41] a mark is confirmed, and every connection of the author hears of it once', async () => {
  await using world = await openWorld()
  const { alice, a, b } = await twoPeople(world)
  const a2 = await world.connect(alice)
  const [message] = await hear(a, b, ['one'])
  const mark = { type: 'mark_read', message_id: message?.id }
  expect(await b.ask(mark)).toEqual({ type: 'marked_read', message_id: message?.id, status: 'success' })
  const receipt = { type: 'read_receipt', message_id: message?.id, read_by: 'bob', read_at: '2026-01-01T00:00:00.000Z' }
  for (const client of [a, a2]) expect(await client.next()).toEqual(receipt)
  expect(await b.ask(mark)).toEqual({ type: 'marked_read', message_id: message?.id, status: 'success' })
  await b.ask({ type: 'mark_all_read' })
  for (const client of [a, a2, b]) await client.quiet()
  expect(await counts(b)).toEqual([0, 0])
})

test('[TB-41] one receipt for each reader of a room message, none for a mark of one’s own', async () => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  const viewer = await world.connect(await world.member('viewer', 'viewer'))
  const bot = await world.connect(await world.member('bot', 'bot'))
  const message = await a.say('all of you')
  for (const reader of [b, viewer, bot]) {
    await reader.next()
    await reader.ask({ type: 'mark_read', message_id: message.id })
  }
  expect((await a.take(3)).map(frame => frame.read_by)).toEqual(['bob', 'viewer', 'bot'])
  expect(await a.ask({ type: 'mark_read', message_id: message.id })).toMatchObject({ status: 'success' })
  await a.quiet()
})

test('[TB-42] mark_all_read: one receipt for each message newly read, and their number', async () => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  const carol = await world.connect(await world.member('carol'))
  const room = await hear(a, b, ['one', 'two'])
  const direct = await hear(a, b, ['psst'], 'bob')
  await carol.take(2)
  await carol.say('three')
  await a.next()
  await b.next()
  await b.ask({ type: 'mark_read', message_id: room[0]?.id })
  expect(await a.next()).toMatchObject({ message_id: room[0]?.id })
  expect(await b.ask({ type: 'mark_all_read' })).toEqual({
    type: 'marked_all_read',
    marked_as_read: 3,
    status: 'success',
  })
  const receipts = await a.take(2)
  expect(new Set(receipts.map(frame => frame.message_id))).toEqual(new Set([room[1]?.id, direct[0]?.id]))
  expect(await carol.next()).toMatchObject({ type: 'read_receipt', read_by: 'bob' })
  expect(await b.ask({ type: 'mark_all_read' })).toMatchObject({ marked_as_read: 0 })
  for (const client of [a, b, carol]) await client.quiet()
})

test('[TB-43] mark_room_read leaves direct messages, mark_direct_read those of others', async () => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  const carol = await world.connect(await world.member('carol'))
  await hear(a, b, ['one', 'two'])
  await carol.take(2)
  await hear(a, b, ['from alice', 'again'], 'bob')
  await hear(carol, b, ['from carol'], 'bob')
  expect(await counts(b)).toEqual([2, 3])
  expect(await b.ask({ type: 'mark_room_read' })).toEqual({ type: 'marked_read', status: 'marked_read', count: 2 })
  expect(await counts(b)).toEqual([0, 3])
  const marked = await b.ask({ type: 'mark_direct_read', from_username: 'alice' })
  expect(marked).toEqual({ type: 'marked_read', status: 'marked_read', from_username: 'alice', count: 2 })
  expect(await counts(b)).toEqual([0, 1])
  expect((await a.take(4)).map(frame => frame.type)).toEqual(Array(4).fill('read_receipt'))
  for (const client of [a, carol]) await client.quiet()
})

test('[TB-43] mark_direct_read works for somebody who is deleted, whose messages still carry the name', async () => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  await hear(a, b, ['one', 'two'], 'bob')
  await world.execute('operator', { type: 'admin.delete', ref: 'alice' })
  expect(await b.ask({ type: 'mark_direct_read', from_username: 'Alice' })).toMatchObject({ count: 2 })
  expect(await counts(b)).toEqual([0, 0])
})

test.each(['nobody', 'carol', 'bob'])('[TB-43] mark_direct_read of %s, who wrote nothing, counts 0', async name => {
  await using world = await openWorld()
  const { a, b } = await twoPeople(world)
  await world.member('carol')
  await hear(a, b, ['psst'], 'bob')
  const answer = await b.ask({ type: 'mark_direct_read', from_username: name })
  expect(answer).toEqual({ type: 'marked_read', status: 'marked_read', from_username: name, count: 0 })
  await a.quiet()
})

test('[TB-44] one mark names the newest 1,000 messages, in stored order, and the count names all', async () => {
  await using world = await openWorld()
  const { alice, a, b } = await twoPeople(world)
  const sent = Array.from({ length: 1_100 }, (_, i) =>
    world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body: `message ${i}` }),
  )
  const ids = (await Promise.all(sent)).map(({ message }) => message.id)
  await b.take(ids.length)
  expect(await b.ask({ type: 'mark_room_read' })).toMatchObject({ count: 1_100 })
  expect((await a.take(1_000)).map(frame => frame.message_id)).toEqual(ids.slice(100))
  await a.quiet()
})

test('[TB-44] receipts are spread: no write to a socket holds more than 256 of them', async () => {
  await using world = await openWorld()
  const { alice, a, b } = await twoPeople(world)
  const [socket] = world.sockets
  if (!socket) throw new Error('alice is not connected')
  const write = vi.spyOn(socket, 'write')
  const send = { type: 'message.send', to: { at: 'lobby' }, body: 'one of many' } as const
  await Promise.all(Array.from({ length: 1_000 }, () => world.execute(alice, send)))
  await b.take(1_000)
  await b.ask({ type: 'mark_all_read' })
  await a.take(1_000)
  const sizes = write.mock.calls.map(([bytes]) => String(bytes).split('"read_receipt"').length - 1)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(1_000)
  expect(Math.max(...sizes)).toBe(256)
})

test('[TB-45] receipts are live: none is kept for an author who is away', async () => {
  await using world = await openWorld()
  const { alice, a, b } = await twoPeople(world)
  const [message] = await hear(a, b, ['one'])
  a.ws.close()
  await a.closed
  await b.ask({ type: 'mark_read', message_id: message?.id })
  await (await world.connect(alice)).quiet()
  const receipts = await world.execute(alice, { type: 'message.receipts', id: String(message?.id) })
  expect(receipts).toMatchObject([{ reader: { name: 'bob' }, at: Date.parse('2026-01-01T00:00:00Z') }])
})
