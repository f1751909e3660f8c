import { expect, test } from 'vitest'
import { StoreFailed } from '../../src/core/ports/store.ts'
import { openWorld, until } from '../world.ts'
import { gatedStore } from './stores.ts'

async function scene() {
  const store = gatedStore()
  const world = await openWorld({ store })
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  return { store, world, alice, a: await world.connect(alice), b: await world.connect(bob) }
}

test('[SESS-3] nothing is confirmed or pushed before the commit that holds it', async () => {
  const { store, world: opened, a, b } = await scene()
  await using world = opened
  const direct = await b.say('earlier', 'alice')
  await a.next()
  using _shut = store.shut()
  a.send({ content: 'in the room' })
  a.send({ content: 'to bob', to_username: 'bob' })
  a.send({ type: 'mark_read', message_id: direct.id })
  a.send({ type: 'ping' })
  await until(() => store.waiting === 1)
  world.pass(4)
  for (const client of [a, b]) await client.nothingYet()
  store.open()
  expect(await a.take(4)).toMatchObject([
    { type: 'message_sent' },
    { type: 'message_sent' },
    { type: 'marked_read' },
    { type: 'pong' },
  ])
  const heard = await b.take(3)
  expect(heard.filter(frame => !frame.type)).toMatchObject([{ content: 'in the room' }, { content: 'to bob' }])
  expect(heard.filter(frame => frame.type)).toMatchObject([{ type: 'read_receipt', message_id: direct.id }])
})

test('[SESS-3] one client’s commit that takes long keeps no other from reading', async () => {
  const { store, world: opened, a, b } = await scene()
  await using _world = opened
  using _shut = store.shut()
  a.send({ content: 'slow' })
  await until(() => store.waiting === 1)
  expect(await b.ask({ type: 'get_messages' })).toMatchObject({ messages: [] })
  await b.quiet()
  store.open()
  await a.next()
})

test('[SESS-4] a commit that fails stores and pushes nothing; everyone in it hears so, and the next one works', async () => {
  const { store, world: opened, a, b } = await scene()
  await using world = opened
  const earlier = await b.say('earlier', 'alice')
  await a.next()
  using _shut = store.shut()
  a.send({ content: 'lost' })
  await until(() => store.waiting === 1)
  a.send({ content: 'lost too', to_username: 'bob' })
  a.send({ type: 'mark_read', message_id: earlier.id })
  b.send({ content: 'lost of bob' })
  for (const client of [a, b]) await client.nothingYet()
  store.refuse(new StoreFailed('disk_full'))
  await until(() => store.waiting === 1)
  store.refuse(new StoreFailed('io_error'))
  const failed = { type: 'error', error: 'Could not store the message' }
  expect(await a.take(3)).toEqual([failed, failed, failed])
  expect(await b.next()).toEqual(failed)
  store.open()
  for (const client of [a, b]) await client.quiet()
  expect(await a.ask({ type: 'get_messages' })).toMatchObject({ messages: [] })
  expect(await a.ask({ type: 'get_direct_messages' })).toMatchObject({ messages: [{ id: earlier.id }] })
  expect(await a.ask({ type: 'get_unread_count' })).toMatchObject({ total_unread: 1 })
  expect(world.faults.splice(0)).toMatchObject([{ code: 'disk_full' }, { code: 'io_error' }])
  const after = await a.say('works again')
  expect(await b.next()).toEqual(after)
})

test('[SESS-4] a failing commit of a question is an error, and the connection goes on', async () => {
  const { store, world: opened, a } = await scene()
  await using world = opened
  using _shut = store.shut()
  a.send({ type: 'create_conversation', title: 'lost' })
  await until(() => store.waiting === 1)
  store.refuse(new StoreFailed('io_error'))
  expect(await a.next()).toEqual({ type: 'error', error: 'Could not store the message' })
  expect(await a.ask({ type: 'get_conversations' })).toMatchObject({ conversations: [] })
  world.faults.splice(0)
})

test('[SESS-4] when the store cannot be read the question is answered with an error, and the fault is told', async () => {
  const store = gatedStore()
  const broken = new Error('cannot read')
  const world = await openWorld({ store: { ...store, unreadCounts: () => Promise.reject(broken) } })
  await using _world = world
  const alice = await world.connect(await world.member('alice'))
  expect(await alice.ask({ type: 'get_unread_count' })).toEqual({ type: 'error', error: 'Internal server error' })
  await alice.quiet()
  expect(world.faults.splice(0)).toMatchObject([{ err: broken }])
})

test('[SESS-5] over the limit of waiting writes a message is refused with a time to come back', async () => {
  const { store, world: opened, a, alice } = await scene()
  await using world = opened
  using _shut = store.shut()
  a.send({ content: 'first' })
  await until(() => store.waiting === 1)
  const flood = Array.from({ length: 10_000 }, (_, i) =>
    world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body: String(i) }),
  )
  a.send({ content: 'one too many' })
  await a.nothingYet()
  store.open()
  const answers = await a.take(2)
  expect(answers[0]).toMatchObject({ type: 'message_sent' })
  expect(answers[1]).toEqual({ type: 'error', error: 'Server is busy, try again in 1 s' })
  await Promise.all(flood)
})
