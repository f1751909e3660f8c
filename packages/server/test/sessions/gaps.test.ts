import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CoreEvent, isRoomEvent } from '../../src/core/events.ts'
import type { Broker } from '../../src/core/ports/broker.ts'
import type { Store } from '../../src/core/ports/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { type Frame, openWorld } from '../world.ts'

type Fate = 'pass' | 'lose' | 'repeat' | 'late'

/** A broker that does to each room event what the next fate says; `late` ones come behind those of the next batch. */
function unreliable(next: () => Fate): (inner: Broker) => Broker {
  let late: CoreEvent[] = []
  const meet = (event: CoreEvent): readonly CoreEvent[] => {
    const fate = isRoomEvent(event) ? next() : 'pass'
    if (fate === 'late') late.push(event)
    return fate === 'pass' ? [event] : fate === 'repeat' ? [event, event] : []
  }
  return inner => ({
    subscribe: inner.subscribe,
    publish(events) {
      const behind = late
      late = []
      inner.publish([...events.flatMap(meet), ...behind])
    },
  })
}

/** Alice, who writes, and bob, who reads, and the fates of what alice writes next. */
async function scene(store: Store = openMemoryStore()) {
  const fates: Fate[] = []
  const world = await openWorld({
    store,
    broker: unreliable(() => fates.shift() ?? 'pass'),
    sessions: { heartbeatSeconds: 10_000, staleSeconds: 10_000 },
  })
  const a = await world.connect(await world.member('alice'))
  const b = await world.connect(await world.member('bob'))
  return { world, fates, a, b }
}

const contents = (frames: readonly Frame[]): unknown[] => frames.map(frame => frame.content)

test('[SESS-20] a lost event is read from the log before the next one is shown', async () => {
  const { world: opened, fates, a, b } = await scene()
  await using _world = opened
  fates.push('pass', 'lose', 'lose', 'pass')
  for (const content of ['1', '2', '3', '4']) await a.say(content)
  expect(contents(await b.take(4))).toEqual(['1', '2', '3', '4'])
  await b.quiet()
})

test('[SESS-20] a lost event with none behind it is shown within two seconds', async () => {
  const { world: opened, fates, a, b } = await scene()
  await using world = opened
  await a.say('direct', 'bob')
  await b.next()
  fates.push('lose', 'lose')
  await a.say('to all')
  await a.say('to bob', 'bob')
  await b.quiet()
  world.pass(2)
  expect(new Set(contents(await b.take(2)))).toEqual(new Set(['to all', 'to bob']))
  world.pass(2)
  await b.quiet()
})

test('[SESS-20] what is lost while the log is being read is found too', async () => {
  const log = heldReads(openMemoryStore())
  const { world: opened, fates, a, b } = await scene(log.store)
  await using _world = opened
  fates.push('pass', 'lose', 'pass', 'lose', 'pass')
  log.hold()
  for (const content of ['1', '2', '3', '4', '5']) await a.say(content)
  expect(await b.next()).toMatchObject({ content: '1' })
  await b.nothingYet()
  log.release()
  expect(contents(await b.take(4))).toEqual(['2', '3', '4', '5'])
  await b.quiet()
})

test('[SESS-20] when the log cannot be read nothing is skipped: the next sweep shows it', async () => {
  const store = openMemoryStore()
  let broken = true
  const log: Store['log'] = (...args) => (broken ? Promise.reject(new Error('cannot read')) : store.log(...args))
  const { world: opened, fates, a, b } = await scene({ ...store, log })
  await using world = opened
  fates.push('lose', 'pass')
  await a.say('1')
  await a.say('2')
  await b.quiet()
  broken = false
  world.pass(2)
  expect(contents(await b.take(2))).toEqual(['1', '2'])
  expect(world.faults.splice(0)).toHaveLength(1)
  await b.quiet()
})

/** A store whose log can be read only when the test says so. What is read is what was there when it was asked for. */
function heldReads(store: Store) {
  let waiting: (() => void)[] | undefined
  const log: Store['log'] = async (...args) => {
    const rows = await store.log(...args)
    if (waiting) await new Promise<void>(resolve => waiting?.push(resolve))
    return rows
  }
  return {
    store: { ...store, log },
    hold() {
      waiting = []
    },
    release() {
      const all = waiting ?? []
      waiting = undefined
      for (const resolve of all) resolve()
    },
  }
}

const fate = fc.constantFrom<Fate>('pass', 'lose', 'repeat', 'late')

test('[SESS-20] whatever is lost, repeated or late: every reader sees every message once and each room in order', async () => {
  const { world: opened, fates, a, b } = await scene()
  await using world = opened
  const c = await world.connect(await world.member('carol'))
  // A direct room is followed from its first message on.
  await a.say('first', 'bob')
  await b.next()
  const script = fc.array(fc.tuple(fc.constantFrom('lobby', 'direct'), fate), { minLength: 1, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(script, async script => {
      fates.push(...script.map(([, fate]) => fate))
      const lines = script.map(([place], i) => `${place} ${i}`)
      for (const line of lines) a.send({ content: line, ...(line.startsWith('direct') && { to_username: 'bob' }) })
      await a.take(lines.length)
      world.pass(2)
      const [lobby, direct] = ['lobby', 'direct'].map(place => lines.filter(line => line.startsWith(place)))
      const heard = contents(await b.take(lines.length)).map(String)
      expect(heard.filter(line => line.startsWith('lobby'))).toEqual(lobby)
      expect(heard.filter(line => line.startsWith('direct'))).toEqual(direct)
      expect(contents(await c.take(lobby?.length ?? 0))).toEqual(lobby)
      for (const client of [a, b, c]) await client.quiet()
    }),
    { seed: 1, numRuns: 100 },
  )
})
