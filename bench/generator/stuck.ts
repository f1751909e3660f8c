import { setTimeout as sleep } from 'node:timers/promises'
import { gatherCrowd } from './crowd.ts'
import { feed } from './feed.ts'
import { type Guest, seatGuest } from './guest.ts'
import type { Reading, Result, StuckPlan } from './plan.ts'
import { measured, warmUp } from './traffic.ts'
import { startWatch } from './watch.ts'

/** How long a server has to give up its stuck readers, from when they stop reading. */
const GIVE_UP_LIMIT_MS = 60_000
const POLL_MS = 20

/** The load of a room with guests in it who may not read: what everyone else notices, and what becomes of them. */
export async function stuck(plan: StuckPlan): Promise<Result> {
  const { when } = plan.reading
  const crowd = await gatherCrowd(plan)
  const first = plan.targets.length - 1 - plan.guests
  const places = Array.from({ length: plan.guests }, (_, guest) => first + guest)
  const guests = await Promise.all(places.map(place => seatGuest(plan, place)))
  const watch = startWatch(plan)

  const paused = performance.now()
  if (when !== 'always') for (const guest of guests) guest.pause()
  const givenUp = when === 'given up' ? resumeOnceGivenUp() : undefined
  await feed(plan, places)
  await warmUp(crowd, plan)
  watch.clear()
  const result = await measured(crowd, plan)
  const numbers = watch.numbers()

  const toldAfter = await givenUp
  const resumed = performance.now()
  if (when === 'after') for (const guest of guests) guest.resume()
  const due = plan.backlog.messages + crowd.ledger.totals.sent
  await Promise.all(guests.map(guest => guest.arrived(due)))
  const seconds = toldAfter ?? (performance.now() - resumed) / 1000
  await watch.stop()
  crowd.disperse()
  for (const guest of guests) guest.leave()

  const missing = when === 'given up' ? 0 : guests.reduce((total, guest) => total + due - guest.received(), 0)
  const unnoticed = when === 'after' && (numbers.slowReaders ?? plan.guests) < plan.guests
  return {
    ...result,
    lost: result.lost + missing,
    faults: [
      ...result.faults,
      ...new Set(guests.flatMap(guest => [...faultsOf(guest, plan.reading, due), ...disorder(guest)])),
      ...(unnoticed ? ['the server did not see that guests stopped reading'] : []),
    ],
    numbers: { ...result.numbers, ...numbers },
    remarks: when === 'always' ? [] : [remark(guests, due, seconds)],
  }

  /** Seconds from the pause until the server had given up all guests, who read again from then on. */
  async function resumeOnceGivenUp(): Promise<number> {
    while (watch.givenUp() < guests.length && performance.now() - paused < GIVE_UP_LIMIT_MS) await sleep(POLL_MS)
    for (const guest of guests) guest.resume()
    return (performance.now() - paused) / 1000
  }

  /** Whoever got all has to have seen the room's messages in the same order as the others. */
  function disorder(guest: Guest): string[] {
    const agrees = guest.received() < due || guest.order() === crowd.ledger.order()
    return agrees ? [] : ['a guest saw another order']
  }
}

function faultsOf(guest: Guest, reading: Reading, due: number): string[] {
  const ending = guest.ending()
  if (reading.when === 'given up') {
    const told = ending === `closed by the server with ${reading.told}`
    return [...guest.faults(), ...(told ? [] : [`a guest that was given up: ${ending ?? 'told nothing'}`])]
  }
  const missing = due - guest.received()
  return [
    ...guest.faults(),
    ...(missing === 0 ? [] : [`a guest got ${Math.abs(missing)} messages too ${missing > 0 ? 'few' : 'many'}`]),
    ...(ending === undefined ? [] : [`a guest's ${ending}`]),
  ]
}

function remark(guests: readonly Guest[], due: number, seconds: number): string {
  const got = Math.min(...guests.map(guest => guest.received()))
  const ending = guests[0]?.ending()
  const after = `${seconds.toFixed(2)} s`
  if (ending === undefined) return `${got} of ${due} messages within ${after} of reading again, told nothing`
  return `${ending} after ${after}, with ${got} of ${due} messages before`
}
