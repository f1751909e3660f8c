import { expect, test } from 'vitest'
import type { Broker } from '../../src/core/ports/broker.ts'
import type { Store } from '../../src/core/ports/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { type Frame, openWorld, type TestClient, testSessionSettings, until, type World } from '../world.ts'

/** 30 KB on the wire. */
const LONG = '漢'.repeat(9_990)
/** The most one write of a turn has: what is joined to 64 KiB, or the longest frame there is here. */
const SEGMENT = 64 * 1024

type Turn = 'behind' | 'caught_up' | 'closed'

async function scene(store: Store = openMemoryStore()) {
  const turns: Turn[] = []
  const world = await openWorld({ store, observer: { slow: (_, turn) => turns.push(turn) } })
  const [alice, bob, carol] = [await world.member('alice'), await world.member('bob'), await world.member('carol')]
  const b = await world.connect(bob)
  const socket = world.sockets.at(-1)
  const [a, c] = [await world.connect(alice), await world.connect(carol)]
  return { world, turns, a, b, c, waiting: () => socket?.writableLength ?? 0 }
}

/** Alice talks until bob, who does not read, falls behind, and then a little more. Returns what she said. */
async function overwhelm(world: World, a: TestClient, each: (said: Frame) => Promise<void> | void = () => undefined) {
  const said: Frame[] = []
  const say = async () => {
    const message = await a.say(`${said.length} ${LONG}`)
    said.push(message)
    await each(message)
  }
  while (world.sessions.counts.behind === 0) await say()
  for (let more = 0; more < 20; more++) await say()
  return said
}

const ids = (frames: readonly Frame[]): unknown[] => frames.map(frame => frame.id)

test('[SESS-10] a reader that stops reading falls behind; others are shown everything as before', async () => {
  const { world: opened, turns, a, b, c } = await scene()
  await using world = opened
  b.ws.pause()
  await overwhelm(world, a, async said => expect(await c.next()).toEqual(said))
  expect(turns).toEqual(['behind'])
  expect(world.sessions.counts.behind).toBe(1)
})

test('[SESS-11] when it reads on it gets every message once and in order from the log, and is live again', async () => {
  const { world: opened, turns, a, b } = await scene()
  await using world = opened
  b.ws.pause()
  const said = await overwhelm(world, a)
  b.ws.resume()
  expect(ids(await b.take(said.length))).toEqual(ids(said))
  await until(() => world.sessions.counts.behind === 0)
  expect(turns).toEqual(['behind', 'caught_up'])
  const after = await a.say('after')
  expect(await b.next()).toEqual(after)
  await b.quiet()
})

test('[SESS-11] messages of several rooms are caught up in the order they were stored', async () => {
  const { world: opened, a, b, c } = await scene()
  await using world = opened
  b.ws.pause()
  const said = await overwhelm(world, a)
  await c.take(said.length)
  for (let i = 0; i < 30; i++) {
    said.push(await a.say(`a to bob ${i}`, 'bob'))
    said.push(await c.say(`c to bob ${i}`, 'bob'))
    said.push(await a.say(`to all ${i}`))
    await c.next()
    world.clock.advance(i % 2)
  }
  b.ws.resume()
  expect(ids(await b.take(said.length))).toEqual(ids(said))
  await b.quiet()
})

test('[SESS-11] it may fall behind again and again', async () => {
  const { world: opened, a, b } = await scene()
  await using world = opened
  for (let round = 0; round < 3; round++) {
    b.ws.pause()
    const said = await overwhelm(world, a)
    b.ws.resume()
    expect(ids(await b.take(said.length))).toEqual(ids(said))
    await b.quiet()
    await until(() => world.sessions.counts.behind === 0)
  }
})

test('[SESS-12] what waits for it stays under the soft limit and one write', async () => {
  const { world: opened, a, b, waiting } = await scene()
  await using world = opened
  const most = testSessionSettings.outbox.soft + SEGMENT
  let max = 0
  const measure = () => {
    max = Math.max(max, waiting())
  }
  b.ws.pause()
  const said = await overwhelm(world, a, measure)
  expect(max).toBeGreaterThan(testSessionSettings.outbox.soft)
  b.ws.resume()
  while (said.length > 0) {
    expect((await b.next()).id).toBe(said.shift()?.id)
    measure()
  }
  expect(max).toBeLessThanOrEqual(most)
})

test('[SESS-13] stuck for 30 s: closed with 1013, which it is told when it reads again', async () => {
  const { world: opened, turns, a, b, c } = await scene()
  await using world = opened
  b.ws.pause()
  const said = await overwhelm(world, a)
  await c.take(said.length)
  world.pass(29)
  expect(turns).toEqual(['behind'])
  world.pass(1)
  expect(turns).toEqual(['behind', 'closed'])
  b.ws.resume()
  expect(await b.closed).toEqual({ code: 1013, reason: 'Reading too slowly: reconnect and resume' })
  await until(() => world.sessions.counts.sockets === 2)
  await c.next()
  await c.quiet()
})

test('[SESS-13] one that keeps reading, however slowly, is not given up', async () => {
  const { world: opened, turns, a, b } = await scene()
  await using world = opened
  b.ws.pause()
  const said = await overwhelm(world, a)
  world.pass(29)
  b.ws.resume()
  expect(ids(await b.take(said.length))).toEqual(ids(said))
  world.pass(29)
  expect(turns).toEqual(['behind', 'caught_up'])
})

test('[SESS-14] typing, receipts and heartbeats are dropped for it', async () => {
  const { world: opened, a, b, c } = await scene()
  await using world = opened
  const mine = await b.say('mine')
  await a.next()
  await c.next()
  b.ws.pause()
  const said = await overwhelm(world, a)
  await c.take(said.length)
  c.send({ type: 'typing' })
  await c.ask({ type: 'mark_read', message_id: mine.id })
  world.pass(29)
  b.ws.resume()
  const frames = await b.take(said.length)
  expect(ids(frames)).toEqual(ids(said))
  await b.quiet()
})

test('[SESS-11] an event found in the log while it catches up is not shown twice', async () => {
  const store = openMemoryStore()
  let lose = false
  const reads: (() => void)[] = []
  let hold = false
  const log: Store['log'] = async (...args) => {
    const rows = await store.log(...args)
    if (hold) await new Promise<void>(resolve => reads.push(resolve))
    return rows
  }
  const broker = (inner: Broker): Broker => ({
    subscribe: inner.subscribe,
    publish: events => (lose ? undefined : inner.publish(events)),
  })
  await using world = await openWorld({ store: { ...store, log }, broker })
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  const [a, b] = [await world.connect(alice), await world.connect(bob)]
  b.ws.pause()
  const said = await overwhelm(world, a)
  lose = true
  said.push(await a.say('lost'))
  lose = false
  hold = true
  b.ws.resume()
  await until(() => reads.length === 1)
  world.pass(2)
  await until(() => reads.length === 2)
  hold = false
  // The sweep goes first: it shows the lost event to others in the very turn in which the slow reader reads it itself.
  for (const resolve of reads.reverse()) resolve()
  expect(ids(await b.take(said.length))).toEqual(ids(said))
  await b.quiet()
})

test('[SESS-11] a message that is committed but not published yet is pushed, not read from the log as well', async () => {
  const store = openMemoryStore()
  const commits: (() => void)[] = []
  let hold = false
  const commit: Store['commit'] = async writes => {
    const outcomes = await store.commit(writes)
    if (hold) await new Promise<void>(resolve => commits.push(resolve))
    return outcomes
  }
  const { world: opened, a, b, c } = await scene({ ...store, commit })
  await using world = opened
  b.ws.pause()
  const said = await overwhelm(world, a)
  await c.take(said.length)
  hold = true
  a.send({ content: 'late' })
  await until(() => commits.length === 1)
  b.ws.resume()
  expect(ids(await b.take(said.length))).toEqual(ids(said))
  await until(() => world.sessions.counts.behind === 0)
  hold = false
  for (const resolve of commits) resolve()
  expect((await b.next()).content).toBe('late')
  await b.quiet()
})

test('[SESS-15] one that asks and does not read the answer is told to come back, too', async () => {
  const { world: opened, turns, a, b } = await scene()
  await using world = opened
  for (let i = 0; i < 20; i++) await a.say(`${i} ${LONG}`)
  await b.take(20)
  b.ws.pause()
  while (world.sessions.counts.waitingBytes <= testSessionSettings.outbox.soft) {
    b.send({ type: 'get_messages', limit: 1_000 })
    await new Promise(resolve => setImmediate(resolve))
  }
  world.pass(30)
  expect(turns).toEqual([])
  world.pass(30)
  expect(turns).toEqual(['closed'])
  b.ws.resume()
  expect((await b.closed).code).toBe(1013)
})

test('[SESS-15] one that reads its answers, however slowly, is not given up', async () => {
  const { world: opened, turns, a, b } = await scene()
  await using world = opened
  for (let i = 0; i < 20; i++) await a.say(`${i} ${LONG}`)
  await b.take(20)
  for (let round = 0; round < 3; round++) {
    b.ws.pause()
    while (world.sessions.counts.waitingBytes <= testSessionSettings.outbox.soft) {
      b.send({ type: 'get_messages', limit: 1_000 })
      await new Promise(resolve => setImmediate(resolve))
    }
    world.pass(30)
    b.ws.resume()
    await until(() => world.sessions.counts.waitingBytes === 0)
  }
  world.pass(30)
  expect(turns).toEqual([])
})
