import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Attempt,
  DELIVERY_LIMITS,
  Deliveries,
  type DeliveryLimits,
  type Ending,
} from '../../src/outbound/deliveries.ts'
import { ownTime } from './time.ts'

const parcel = (name: string, bytes = 1) => ({ name, bytes })

interface Call {
  readonly to: string
  readonly name: string
  readonly signal: AbortSignal
  /** Ends the attempt and lets what follows from that happen. */
  end(result: Attempt): Promise<void>
}

/** Deliveries whose attempts end when the test says so. */
function post(limits: Partial<DeliveryLimits> = {}) {
  const time = ownTime()
  const calls: Call[] = []
  const endings: [string, Ending][] = []
  const deliveries = new Deliveries<string, { name: string; bytes: number }>({
    attempt(to, { name }, signal) {
      const { promise, resolve } = Promise.withResolvers<Attempt>()
      const end = async (result: Attempt) => {
        calls.splice(calls.indexOf(call), 1)
        resolve(result)
        await turn()
      }
      const call = { to, name, signal, end }
      calls.push(call)
      return promise
    },
    ended: (to, ending) => void endings.push([to, ending]),
    clock: time.clock,
    after: time.after,
    limits: { ...DELIVERY_LIMITS, ...limits },
  })
  const underWay = () => calls.map(({ to, name }) => `${to} ${name}`)
  return { deliveries, time, calls, endings, underWay }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

test('[OUT-22] a failed attempt is made again after 1 s and after 2 s more, and then no more', async () => {
  const { deliveries, time, calls, endings } = post()
  deliveries.add('ada', parcel('hello'))
  await calls[0]?.end('failed')
  expect(time.waits()).toEqual([1_000])
  time.pass(999)
  expect(calls).toEqual([])
  time.pass(1)
  await calls[0]?.end('failed')
  expect(time.waits()).toEqual([2_000])
  time.pass(2_000)
  expect(endings).toEqual([])
  await calls[0]?.end('failed')
  expect(endings).toEqual([['ada', 'failed']])
  expect(time.waits()).toEqual([])
  expect([calls.length, deliveries.queued, deliveries.bytes]).toEqual([0, 0, 0])
})

test.each(['delivered', 'refused', 'unwanted'] as const)('[OUT-22] %s is final', async ending => {
  const { deliveries, time, calls, endings } = post()
  deliveries.add('ada', parcel('hello'))
  await calls[0]?.end(ending)
  expect(endings).toEqual([['ada', ending]])
  expect(time.waits()).toEqual([])
})

test('[OUT-23] a receiver gets one delivery at a time, in order, the retries of one before the next', async () => {
  const { deliveries, time, calls, underWay } = post()
  for (const name of ['one', 'two', 'three']) deliveries.add('ada', parcel(name))
  expect(underWay()).toEqual(['ada one'])
  await calls[0]?.end('failed')
  expect(underWay()).toEqual([])
  time.pass(1_000)
  expect(underWay()).toEqual(['ada one'])
  await calls[0]?.end('delivered')
  expect(underWay()).toEqual(['ada two'])
  await calls[0]?.end('delivered')
  expect(underWay()).toEqual(['ada three'])
})

test('[OUT-24] receivers do not wait for each other', async () => {
  const { deliveries, calls, underWay } = post()
  deliveries.add('dead', parcel('one'))
  deliveries.add('ada', parcel('one'))
  deliveries.add('dead', parcel('two'))
  deliveries.add('ada', parcel('two'))
  expect(underWay()).toEqual(['dead one', 'ada one'])
  await calls[1]?.end('delivered')
  expect(underWay()).toEqual(['dead one', 'ada two'])
})

test('[OUT-24] with all calls taken receivers get them in turn', async () => {
  const { deliveries, calls, underWay } = post({ calls: 1 })
  for (const name of ['one', 'two']) for (const to of ['ada', 'bob', 'cid']) deliveries.add(to, parcel(name))
  const seen: string[] = []
  for (let call = calls[0]; call; call = calls[0]) {
    seen.push(...underWay())
    await call.end('delivered')
  }
  expect(seen).toEqual(['ada one', 'bob one', 'cid one', 'ada two', 'bob two', 'cid two'])
})

test.each(['failed', 'slow'] as const)('[OUT-24] receivers that %s last time never take all calls', async how => {
  const { deliveries, time, calls, underWay } = post({ calls: 4, slowCalls: 2 })
  const dead = ['a', 'b', 'c', 'd']
  for (const to of dead) deliveries.add(to, parcel('one'))
  if (how === 'slow') time.pass(2_001)
  for (const call of [...calls]) await call.end(how === 'slow' ? 'delivered' : 'failed')
  for (const to of dead) deliveries.add(to, parcel('two'))
  if (how === 'failed') time.pass(1_000)
  expect(underWay()).toHaveLength(2)
  deliveries.add('ada', parcel('one'))
  deliveries.add('bob', parcel('one'))
  expect(underWay().slice(2)).toEqual(['ada one', 'bob one'])
  await calls[0]?.end('delivered')
  expect(underWay()).toHaveLength(4)
})

test('[OUT-24] a receiver that was slow and is prompt again counts as prompt', async () => {
  const { deliveries, time, calls, underWay } = post({ calls: 2, slowCalls: 1 })
  for (const to of ['ada', 'bob']) deliveries.add(to, parcel('one'))
  time.pass(3_000)
  for (const call of [...calls]) await call.end('delivered')
  for (const to of ['ada', 'bob']) deliveries.add(to, parcel('two'))
  expect(underWay()).toEqual(['ada two'])
  await calls[0]?.end('delivered')
  expect(underWay()).toEqual(['bob two'])
  deliveries.add('ada', parcel('three'))
  expect(underWay()).toEqual(['bob two', 'ada three'])
})

test('[OUT-25] in a full queue the oldest that is not under way makes room', async () => {
  const { deliveries, calls, endings, underWay } = post({ deliveries: 3 })
  for (const name of ['one', 'two', 'three']) deliveries.add('ada', parcel(name))
  deliveries.add('bob', parcel('four'))
  expect(endings).toEqual([['ada', 'crowded_out']])
  expect(deliveries.queued).toBe(3)
  await calls[0]?.end('delivered')
  expect(underWay()).toEqual(['bob four', 'ada three'])
})

test('[OUT-25] a delivery that waits for its next attempt makes room like any other', async () => {
  const { deliveries, time, calls, endings, underWay } = post({ deliveries: 2 })
  deliveries.add('ada', parcel('one'))
  await calls[0]?.end('failed')
  deliveries.add('ada', parcel('two'))
  deliveries.add('bob', parcel('three'))
  expect(endings).toEqual([['ada', 'crowded_out']])
  expect(time.waits()).toEqual([])
  expect(underWay().sort()).toEqual(['ada two', 'bob three'])
})

test('[OUT-25] bytes are counted once per message, and the oldest make room for them too', async () => {
  const { deliveries, calls, endings } = post({ bytes: 100, calls: 2 })
  const shared = parcel('shared', 60)
  for (const to of ['a', 'b', 'c']) deliveries.add(to, shared)
  expect(deliveries.bytes).toBe(60)
  deliveries.add('d', parcel('large', 41))
  // Two of the shared one are under way and stay; dropping the third frees nothing, so the new one can't stay either.
  expect(endings).toEqual([
    ['c', 'crowded_out'],
    ['d', 'crowded_out'],
  ])
  expect(deliveries.bytes).toBe(60)
  await calls[0]?.end('delivered')
  expect(deliveries.bytes).toBe(60)
  await calls[0]?.end('delivered')
  expect(deliveries.bytes).toBe(0)
})

test('[OUT-25] a delivery that waited too long is dropped', async () => {
  const { deliveries, time, calls, endings, underWay } = post({ age: 60_000, calls: 1 })
  deliveries.add('ada', parcel('one'))
  deliveries.add('bob', parcel('two'))
  time.pass(30_000)
  deliveries.add('bob', parcel('three'))
  time.pass(30_001)
  await calls[0]?.end('delivered')
  expect(endings).toEqual([
    ['ada', 'delivered'],
    ['bob', 'expired'],
  ])
  expect(underWay()).toEqual(['bob three'])
})

test('[OUT-25] whatever happens the queue stays within its limits, and every delivery ends once', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), to: fc.nat(6), bytes: fc.integer({ min: 1, max: 40 }) }),
    fc.record({
      do: fc.constant('end' as const),
      call: fc.nat(5),
      result: fc.constantFrom<Attempt>('delivered', 'failed', 'failed', 'refused', 'unwanted'),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 999, 2_500, 20_000) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async steps => {
      const limits = { deliveries: 8, bytes: 100, age: 30_000, calls: 3, slowCalls: 2 }
      const { deliveries, time, calls, endings } = post(limits)
      let added = 0
      for (const step of steps) {
        if (step.do === 'add') deliveries.add(`user ${step.to}`, parcel(String(++added), step.bytes))
        if (step.do === 'end') await calls[step.call]?.end(step.result)
        if (step.do === 'pass') time.pass(step.ms)
        expect(deliveries.queued).toBe(added - endings.length)
        expect(deliveries.queued).toBeLessThanOrEqual(limits.deliveries)
        expect(deliveries.bytes).toBeLessThanOrEqual(limits.bytes)
        expect(calls.length).toBeLessThanOrEqual(limits.calls)
        expect(new Set(calls.map(({ to }) => to)).size).toBe(calls.length)
      }
      for (let rounds = 0; deliveries.queued > 0 && rounds < 1_000; rounds++) {
        await calls[0]?.end('delivered')
        time.pass(1_000)
      }
      expect([deliveries.queued, deliveries.bytes, endings.length]).toEqual([0, 0, added])
    }),
    { numRuns: 200 },
  )
})

test('[OUT-29] draining waits for what is queued', async () => {
  const { deliveries, time, calls } = post()
  await deliveries.drained(1_000)
  for (const name of ['one', 'two']) deliveries.add('ada', parcel(name))
  let drained = false
  const done = deliveries.drained(5_000).then(() => (drained = true))
  await calls[0]?.end('delivered')
  expect(drained).toBe(false)
  await calls[0]?.end('delivered')
  await done
  expect(time.waits()).toEqual([])
})

test('[OUT-29] after the time for draining the rest is abandoned, calls under way are cut off, and nothing new is taken', async () => {
  const { deliveries, time, calls, endings } = post({ calls: 1 })
  deliveries.add('resting', parcel('one'))
  await calls[0]?.end('failed')
  deliveries.add('ada', parcel('one'))
  deliveries.add('bob', parcel('two'))
  const done = deliveries.drained(500)
  time.pass(500)
  await done
  expect(endings).toEqual([
    ['resting', 'abandoned'],
    ['ada', 'abandoned'],
    ['bob', 'abandoned'],
  ])
  expect(calls[0]?.signal.aborted).toBe(true)
  await calls[0]?.end('failed')
  deliveries.add('cid', parcel('three'))
  expect([calls.length, endings.length, deliveries.queued, deliveries.bytes]).toEqual([0, 3, 0, 0])
  expect(time.waits()).toEqual([])
})
