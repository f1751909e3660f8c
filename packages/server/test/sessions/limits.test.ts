import { expect, test } from 'vitest'
import { type Frame, openWorld, testSessionSettings, until } from '../world.ts'
import { clientFrame, OPCODE, RawClient } from './raw.ts'
import { gatedStore } from './stores.ts'

const LONG = '漢'.repeat(10_000)
const BIG_FRAME = 262_144

test('[SESS-30] a client with 512 messages in flight is not read until they are stored; then all are served in order', async () => {
  const store = gatedStore()
  await using world = await openWorld({ store })
  const a = await world.connect(await world.member('alice'))
  const socket = world.sockets[0]
  using _shut = store.shut()
  const contents = Array.from({ length: 12_000 }, (_, i) => `message ${i}`)
  for (const content of contents) a.send({ content })
  await until(() => socket?.isPaused() === true)
  await until(() => store.waiting === 1)
  // What had been read by then, 64 KiB in one piece, is not thrown away: a few thousand of the shortest frames.
  expect(world.core.backlog).toBeGreaterThan(500)
  expect(world.core.backlog).toBeLessThan(3_500)
  store.open()
  const answers = await a.take(contents.length)
  expect(answers.map(answer => (answer.message as Frame).content)).toEqual(contents)
  await a.quiet()
})

test('[SESS-30] a client with 64 questions waiting is not read until they are answered; then all are in order', async () => {
  const store = gatedStore()
  await using world = await openWorld({ store })
  const a = await world.connect(await world.member('alice'))
  const socket = world.sockets[0]
  using _shut = store.shut()
  a.send({ content: 'first' })
  const names = Array.from({ length: 3_000 }, (_, i) => `nobody ${i}`)
  for (const username of names) a.send({ type: 'get_user_profile', username })
  await until(() => socket?.isPaused() === true)
  store.open()
  await a.next()
  const answers = await a.take(names.length)
  expect(answers.map(answer => answer.error)).toEqual(names.map(name => `User ${name} not found`))
})

test('[SESS-31] a client that reads is served however much it asks for at once', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const a = await world.connect(alice)
  for (let i = 0; i < 50; i++) {
    await world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body: LONG })
  }
  for (let i = 0; i < 20; i++) a.send({ type: 'get_messages', limit: 1_000 })
  for (const answer of await a.take(20)) expect(answer.messages).toHaveLength(50)
  for (let i = 0; i < 400; i++) a.send({ content: LONG })
  for (const answer of await a.take(400)) expect(answer.type).toBe('message_sent')
  await a.quiet()
})

test('[SESS-31] for one that does not read no further answers are made, and it is not read; when it reads all come', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  for (let i = 0; i < 10; i++) {
    await world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body: LONG })
  }
  const a = await world.connect(alice)
  const socket = world.sockets[0]
  a.ws.pause()
  const asked = 200
  for (let i = 0; i < asked; i++) a.send({ type: 'get_messages' })
  await until(() => socket?.isPaused() === true && (socket?.writableLength ?? 0) > testSessionSettings.outbox.soft)
  const answer = 10 * 31_000
  for (let turn = 0; turn < 20; turn++) {
    expect(world.sessions.counts.waitingBytes).toBeLessThan(testSessionSettings.outbox.soft + answer)
    await new Promise(resolve => setImmediate(resolve))
  }
  a.ws.resume()
  for (const answer of await a.take(asked)) expect(answer.messages).toHaveLength(10)
})

test('[SESS-31] one that asks and never reads is given up as stale', async () => {
  await using world = await openWorld({ sessions: { closeSeconds: 0.05 } })
  const alice = await world.member('alice')
  for (let i = 0; i < 10; i++) {
    await world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body: LONG })
  }
  const a = await world.connect(alice)
  const socket = world.sockets[0]
  a.ws.pause()
  for (let i = 0; i < 200; i++) a.send({ type: 'get_messages' })
  await until(() => socket?.isPaused() === true)
  world.pass(120)
  await until(() => world.sessions.counts.sockets === 0)
})

test('[SESS-32] more than 600 bad frames in a minute: closed with 1008; good ones do not count', async () => {
  await using world = await openWorld()
  const a = await world.connect(await world.member('alice'))
  for (let minute = 0; minute < 3; minute++) {
    for (let i = 0; i < 600; i++) a.send('rubbish')
    for (let i = 0; i < 100; i++) a.send({ type: 'ping' })
    const answers = await a.take(700)
    expect(answers.filter(answer => answer.error === 'Invalid JSON')).toHaveLength(600)
    world.clock.advance(60_000)
    for (let second = 0; second < 60; second++) world.sessions.tick()
    expect(await a.take(2)).toMatchObject([{ type: 'ping' }, { type: 'ping' }])
  }
  for (let i = 0; i < 601; i++) a.send('rubbish')
  await a.take(600)
  expect(await a.closed).toEqual({ code: 1008, reason: 'Too many bad frames' })
})

test('[SESS-33] a frame of 256 KiB is read, a longer one closes with 1009', async () => {
  await using world = await openWorld()
  const a = await world.connect(await world.member('alice'))
  const fill = (length: number) => `{"type":"ping","x":"${'x'.repeat(length - 22)}"}`
  expect(await a.ask(fill(BIG_FRAME))).toEqual({ type: 'pong' })
  a.send(fill(BIG_FRAME + 1))
  expect(await a.closed).toMatchObject({ code: 1009 })
  await until(() => world.sessions.counts.sockets === 0)
})

test('[SESS-33] the length counts over all parts of a fragmented message', async () => {
  await using world = await openWorld()
  const a = await world.connect(await world.member('alice'))
  for (let part = 0; part < 3; part++) a.ws.send('x'.repeat(100_000), { fin: false })
  expect(await a.closed).toMatchObject({ code: 1009 })
})

test('[SESS-34] text that is no UTF-8 closes with 1007', async () => {
  await using world = await openWorld()
  const a = await world.connect(await world.member('alice'))
  a.ws.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false })
  expect(await a.closed).toMatchObject({ code: 1007 })
})

test('[SESS-34] a binary frame is an error of the protocol, and the connection goes on', async () => {
  await using world = await openWorld()
  const a = await world.connect(await world.member('alice'))
  a.ws.send(Buffer.from('{"type":"ping"}'), { binary: true })
  expect(await a.next()).toEqual({ type: 'error', error: 'Invalid JSON' })
  await a.quiet()
})

test.each([
  ['an unmasked frame', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
  ['a reserved bit', clientFrame(OPCODE.text | 0x40, '{}'), 1002],
  ['an unknown opcode', clientFrame(3, '{}'), 1002],
  ['a part of nothing', clientFrame(0, '{}'), 1002],
  ['a ping that is too long', clientFrame(OPCODE.ping, 'x'.repeat(126)), 1002],
  ['a close with a code of nobody', clientFrame(OPCODE.close, Buffer.from([0x03, 0xec])), 1002],
])('[SESS-34] %s closes with 1002', async (_, bytes, code) => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  const a = await RawClient.open(world.port, `/ws?api_key=${key}`)
  a.socket.write(bytes)
  const frame = await a.next()
  expect(frame?.opcode).toBe(OPCODE.close)
  expect(frame?.payload.readUInt16BE()).toBe(code)
  a.socket.end()
  expect(await a.rest()).toEqual([])
  await until(() => world.sessions.counts.sockets === 0)
})

test('[SESS-34] a message in parts, with a ping between them, is one message', async () => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  const a = await RawClient.open(world.port, `/ws?api_key=${key}`)
  const [first, second] = [clientFrame(OPCODE.text, '{"type":'), clientFrame(0, '"ping"}')]
  first[0] = OPCODE.text
  a.socket.write(Buffer.concat([first, clientFrame(OPCODE.ping, 'between'), second]))
  expect(await a.next()).toEqual({ opcode: OPCODE.pong, payload: Buffer.from('between') })
  expect(await a.next()).toMatchObject({ opcode: OPCODE.text, payload: Buffer.from('{"type":"pong"}') })
})

test('[SESS-34] one that sends pings and reads no pongs is cut off before they cost memory', async () => {
  await using world = await openWorld()
  const { key } = await world.member('alice')
  const a = await RawClient.open(world.port, `/ws?api_key=${key}`)
  const pings = Buffer.concat(Array.from({ length: 500 }, () => clientFrame(OPCODE.ping, Buffer.alloc(125))))
  a.socket.pause()
  while (world.sessions.counts.sockets > 0) {
    expect(world.sessions.counts.waitingBytes).toBeLessThan(testSessionSettings.outbox.soft)
    a.socket.write(pings)
    await new Promise(resolve => setImmediate(resolve))
  }
})
