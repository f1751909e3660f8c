import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openCutter } from '../../../packages/server/test/rooms/level2/follower/cutter.ts'
import { Follower } from '../../../packages/server/test/rooms/level2/follower/follower.ts'
import type { Violation } from '../checker/violation.ts'
import { within } from '../load/within.ts'
import { newPlace } from '../place.ts'
import type { Plant } from '../planted/plants.ts'
import { type Random, seeded } from '../random.ts'
import { startServer } from '../server.ts'
import { type MessageRow, readDatabase } from '../snapshot.ts'
import { Listener } from './listener.ts'
import { peopleOf } from './people.ts'

export interface RoomsSiege {
  readonly violations: readonly Violation[]
  readonly cuts: number
  readonly messages: number
  /** Events that clients of level 2 were shown, repeats left out. */
  readonly shown: number
  readonly repeats: number
  /** Milliseconds from dialling to having caught up, of clients that came back. */
  readonly catchUps: readonly number[]
}

const ROOM = 'kitchen'
/** Messages a second, in all. */
const RATE = 200
/** Longest time that a server works before it is killed, in milliseconds. */
const WORK = 1_500
const CATCH_UP = 30_000
const SPEAKERS = ['ann', 'ben', 'cleo', 'dora']
const LISTENERS = ['emil', 'flora']

/** Lets clients of both levels talk over lines that break anywhere, kills the server in between, and compares what they have at the end. */
export async function besiegeRooms({
  seed,
  kills,
  plant,
}: {
  seed: number
  kills: number
  plant?: Plant
}): Promise<RoomsSiege> {
  using place = await newPlace()
  const random = seeded(seed)
  const people = await peopleOf(place.server, [...SPEAKERS, ...LISTENERS])
  const options = { ...place.server, plant }
  let server = await startServer(options)
  await using defer = new AsyncDisposableStack()
  defer.defer(async () => void (await server.kill('SIGKILL')))
  const cut = () => ({ down: 2_000 + random.below(120_000), up: 1_000 + random.below(20_000) })
  const cutter = defer.use(await openCutter(place.server.port, cut))
  const at = `ws://127.0.0.1:${cutter.port}/api/v1/ws`
  const soon = () => 5 + random.below(30)
  const followers = people
    .slice(0, SPEAKERS.length)
    .map(({ key }) => defer.use(new Follower({ url: () => `${at}?v=2`, key, pause: soon })))
  const listeners = people.slice(SPEAKERS.length).map(({ token }) => {
    const query = new URLSearchParams({ token, room_id: ROOM, room_type: 'shared' })
    return defer.use(new Listener(() => `${at}?${query}`, soon))
  })
  await within(CATCH_UP, 'coming in', comeIn(followers))
  while (listeners.some(({ connections }) => connections === 0)) await pause(10)
  await pause(200)

  const speaking = speak(followers, random)
  for (let kill = 0; kill < kills; kill++) {
    await pause(WORK / 2 + random.below(WORK))
    await server.kill('SIGKILL')
    // For a documented client that is away the server keeps a hundred events and no more.
    speaking.isPaused = true
    server = await startServer(options)
    while (listeners.some(({ isConnected }) => !isConnected)) await pause(10)
    speaking.isPaused = false
  }
  await pause(WORK)
  speaking.stop()
  cutter.calm()
  const late: Violation[] = []
  const settled = within(CATCH_UP, 'catching up', Promise.all(followers.map(follower => follower.settled())))
  await settled.catch(error => late.push({ rule: 'ROOMS-190', what: String(error) }))
  for (const follower of followers) await within(CATCH_UP, 'a last resume', follower.resume()).catch(() => undefined)
  // Whoever has heard nothing new for so long will hear nothing more.
  await pause(500)
  const { messages } = readDatabase(join(place.server.directory, 'parley.db'))
  return {
    violations: [...late, ...wrong(followers, listeners, messages)],
    cuts: cutter.cuts,
    messages: messages.length,
    shown: sum(followers, ({ stays }) => sum(stays.all, ({ entries }) => entries.length)),
    repeats: sum(followers, ({ stays }) => stays.repeats) + sum(listeners, ({ repeats }) => repeats),
    catchUps: followers.flatMap(({ catchUps }) => catchUps),
  }
}

const sum = <T>(list: readonly T[], count: (one: T) => number): number => list.reduce((all, one) => all + count(one), 0)

/** Resolves when all are in the room. */
async function comeIn(followers: readonly Follower[]): Promise<void> {
  for (const follower of followers) {
    for (let isIn = false; !isIn; ) {
      await follower.settled()
      const answer = await follower.ask({ type: 'join_room', data: { room_id: ROOM, room_type: 'shared' } })
      isIn = answer?.type === 'join_room'
    }
  }
}

function speak(followers: readonly Follower[], random: Random) {
  let said = 0
  const speaking = { isPaused: false, stop: () => clearInterval(timer) }
  const timer = setInterval(() => {
    if (speaking.isPaused) return
    for (let i = 0; i < RATE / 100; i++) random.pick(followers).say(ROOM, `message ${++said}`, `m-${said}`)
  }, 10)
  return speaking
}

/** Compares what each client has with what the database has. */
function wrong(
  followers: readonly Follower[],
  listeners: readonly Listener[],
  messages: readonly MessageRow[],
): Violation[] {
  const violations: Violation[] = []
  const note = (what: string) => violations.push({ rule: 'ROOMS-190', what })
  const confirmed = followers.flatMap(follower => [...follower.confirmed])
  const stored = new Map(messages.map(message => [message.id, message]))
  for (const [name, { id, seq }] of confirmed) {
    if (stored.get(id)?.seq !== seq) note(`${name} was confirmed at ${seq}, and is at ${stored.get(id)?.seq}`)
  }
  if (stored.size !== confirmed.length)
    note(`${confirmed.length} messages were confirmed, and ${stored.size} are stored`)
  for (const follower of followers) {
    for (const fault of follower.faults) note(fault)
    for (const stay of follower.stays.all) {
      const ids = stay.entries.flatMap(({ id }) => id ?? [])
      const own = messages.filter(({ room, seq }) => room === stay.room && seq >= stay.first).map(({ id }) => id)
      if (own.join() !== ids.join()) note(`of ${own.length} messages from ${stay.first} on ${ids.length} were shown`)
    }
  }
  for (const { shown } of listeners) {
    const missing = messages.filter(({ id }) => !shown.has(id))
    if (missing.length > 0) note(`a documented client lacks ${missing.length}, such as ${missing[0]?.seq}`)
  }
  return violations
}
