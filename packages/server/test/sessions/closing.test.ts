import { expect, test } from 'vitest'
import { openWorld, until } from '../world.ts'
import { OPCODE, RawClient } from './raw.ts'
import { gatedStore, heldKeys } from './stores.ts'

const NORMAL = Buffer.from([0x03, 0xe8])

test('[SESS-35] after a client’s goodbye nothing is written but ours: no push, no answer', async () => {
  const store = gatedStore()
  await using world = await openWorld({ store })
  const { key } = await world.member('alice')
  const alice = await RawClient.open(world.port, `/ws?api_key=${key}`)
  const bob = await world.connect(await world.member('bob'))
  using _shut = store.shut()
  alice.send(OPCODE.text, '{"content":"last words"}')
  await until(() => store.waiting === 1)
  alice.send(OPCODE.close, NORMAL)
  expect(await alice.next()).toEqual({ opcode: OPCODE.close, payload: NORMAL })
  store.open()
  expect(await bob.next()).toMatchObject({ content: 'last words' })
  await bob.say('too late for alice')
  alice.socket.end()
  expect(await alice.rest()).toEqual([])
})

test('[SESS-35] after a frame that breaks the protocol nothing is written but the goodbye', async () => {
  const store = gatedStore()
  await using world = await openWorld({ store })
  const { key } = await world.member('alice')
  const alice = await RawClient.open(world.port, `/ws?api_key=${key}`)
  const bob = await world.connect(await world.member('bob'))
  using _shut = store.shut()
  alice.send(OPCODE.text, '{"content":"last words"}')
  await until(() => store.waiting === 1)
  alice.send(OPCODE.text, 'x'.repeat(262_145))
  const goodbye = await alice.next()
  expect(goodbye?.opcode).toBe(OPCODE.close)
  expect(goodbye?.payload.readUInt16BE()).toBe(1009)
  store.open()
  await bob.next()
  await bob.say('too late for alice')
  alice.socket.end()
  expect(await alice.rest()).toEqual([])
})

test('[SESS-35] a client that does not answer the goodbye is cut off', async () => {
  await using world = await openWorld({ sessions: { closeSeconds: 0.05 } })
  const { user, key } = await world.member('alice')
  const alice = await RawClient.open(world.port, `/ws?api_key=${key}`)
  await world.execute('operator', { type: 'admin.delete', ref: user.id })
  expect((await alice.next())?.payload.readUInt16BE()).toBe(1008)
  expect(await alice.rest()).toEqual([])
  await until(() => world.sessions.counts.sockets === 0)
})

test('[SESS-36] what a client sent before its goodbye is done, though it waited for earlier frames', async () => {
  await using world = await openWorld()
  const [alice, zoe] = [await world.member('alice'), await world.member('zoe')]
  const names = ['bob', 'carol', 'dave']
  for (const name of names) await world.member(name)
  const [a, z] = [await world.connect(alice), await world.connect(zoe)]
  // The first message to somebody makes a room, so what comes after it waits.
  for (const to_username of names) a.send({ content: 'hello', to_username })
  for (let i = 0; i < 5; i++) a.send({ content: `to all ${i}` })
  a.ws.close(1000)
  expect((await z.take(5)).map(frame => frame.content)).toEqual([
    'to all 0',
    'to all 1',
    'to all 2',
    'to all 3',
    'to all 4',
  ])
  await a.closed
})

test('[SESS-36] what a client sent is not done once we ended its connection', async () => {
  const store = gatedStore()
  await using world = await openWorld({ store })
  const alice = await world.member('alice')
  const a = await world.connect(alice)
  using _shut = store.shut()
  a.send({ content: 'first' })
  a.send({ type: 'mark_all_read' }) // waits for the message
  a.send({ content: 'second' }) // waits for the mark
  await until(() => store.waiting === 1)
  const deleted = world.execute('operator', { type: 'admin.delete', ref: alice.user.id })
  store.open()
  await deleted
  expect(await a.closed).toMatchObject({ code: 1008 })
  const { items } = await world.store.history({ of: { scope: 'lobby' }, since: null, limit: 9, offset: 0 })
  expect(items.map(message => message.body)).toEqual(['first'])
})

test('[SESS-50] a server that stops confirms what it accepted, then tells everyone to come back', async () => {
  const store = gatedStore()
  await using world = await openWorld({ store })
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  const [a, b] = [await world.connect(alice), await world.connect(bob)]
  using _shut = store.shut()
  a.send({ content: 'before' })
  await until(() => store.waiting === 1)
  const drained = world.sessions.drain()
  expect(await world.knock(`/ws?api_key=${alice.key}`)).toMatchObject({ status: 503 })
  await a.nothingYet()
  store.open()
  expect(await a.next()).toMatchObject({ type: 'message_sent' })
  expect(await b.next()).toMatchObject({ content: 'before' })
  for (const client of [a, b]) expect(await client.closed).toMatchObject({ code: 1012 })
  await drained
  expect(world.sessions.counts).toMatchObject({ sockets: 0, users: 0 })
})

test('[SESS-50] it stops also while clients keep sending', async () => {
  const store = gatedStore()
  await using world = await openWorld({ store })
  const a = await world.connect(await world.member('alice'))
  let sent = 0
  const talk = async () => {
    for (;;) {
      a.send({ content: `message ${sent++}` })
      if (sent > 2) await a.next()
    }
  }
  const talking = talk().catch(() => 'cut off')
  await until(() => sent > 20)
  await world.sessions.drain()
  expect(await talking).toBe('cut off')
  expect(await a.closed).toMatchObject({ code: 1012 })
})

test('[SESS-50] it stops although a client does not answer', async () => {
  await using world = await openWorld({ sessions: { stopSeconds: 0.05 } })
  const { key } = await world.member('alice')
  const alice = await RawClient.open(world.port, `/ws?api_key=${key}`)
  await world.sessions.drain()
  expect((await alice.next())?.payload.readUInt16BE()).toBe(1012)
})

test('[SESS-50] one whose key is being looked up when it stops is refused', async () => {
  const keys = heldKeys()
  await using world = await openWorld({ store: keys.store })
  const { key } = await world.member('alice')
  keys.hold()
  const refusal = world.knock(`/ws?api_key=${key}`)
  await until(() => keys.asked.length === 1)
  await world.sessions.drain()
  keys.release()
  expect(await refusal).toMatchObject({ status: 503 })
})
