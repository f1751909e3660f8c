import { setTimeout as pause } from 'node:timers/promises'
import { type Cast, castOf, told } from './cast.ts'
import type { Violation } from './checker/violation.ts'
import { check, checkReturned, headsOf, type Watched } from './checker.ts'
import { type Counts, noCounts } from './counts.ts'
import { examine } from './examine.ts'
import { type Life, noteSending, noteStored } from './history.ts'
import { ask } from './load/actor.ts'
import { openReturner, type Returner } from './load/returner.ts'
import { within } from './load/within.ts'
import { newPlace } from './place.ts'
import type { Plant } from './planted/plants.ts'
import { type Random, seeded } from './random.ts'
import { type Server, type ServerOptions, spawnServer, startServer } from './server.ts'

/** How a server goes. */
export interface End {
  /** Leaves the data as the next server is to find them. */
  run(server: Server): Promise<void>
  /** The close code that its clients are to see. */
  readonly closes: number
}

export interface SiegeOptions {
  readonly seed: number
  /** How many servers go in the middle of their work. */
  readonly ends: number
  readonly end: End
  /** Default: a new one, which is removed afterwards. */
  readonly place?: ServerOptions
  readonly plant?: Plant
  /** Stops at the first violation of this rule. */
  readonly hunting?: Violation['rule']
}

export interface Outcome {
  readonly violations: readonly Violation[]
  readonly counts: Counts
}

/** Longest time that a server works before it goes, in milliseconds. */
const WORK = 400
/** Time that a server needs to start, roughly: some go in the middle of it. */
const START = 400
/** Longest time in which a client that came back has to have caught up, in milliseconds. */
const CATCH_UP = 10_000
const GONE = 10_000

/** A connection that ended without a goodbye. */
export const CUT_OFF = 1006

export const killed: End = { run: async server => void (await server.kill('SIGKILL')), closes: CUT_OFF }

/**
 * Lets clients of all kinds work with the real server, ends it at a random moment, starts it on the same data and
 * port, compares what it has with what the clients were told and shown; and so on.
 */
export async function besiege(options: SiegeOptions): Promise<Outcome> {
  if (options.place) return siege(options, options.place)
  using place = await newPlace()
  return await siege(options, place.server)
}

async function siege({ seed, ends, end, plant, hunting }: SiegeOptions, place: ServerOptions): Promise<Outcome> {
  const random = seeded(seed)
  const counts = noCounts()
  const violations: Violation[] = []
  const cast = await castOf(place, random)
  const faulty = { ...place, plant }
  let server = await startServer(faulty)
  await using defer = new AsyncDisposableStack()
  defer.defer(async () => void (await server.kill('SIGKILL')))
  const returners: Returner[] = []
  for (const [member, pace] of cast.returning) {
    returners.push(defer.use(await openReturner(server.url, member, pace)))
  }

  let snapshot = await examine(server, place.directory, cast)
  const start = headsOf(snapshot)
  while (counts.ends < ends && !violations.some(({ rule }) => rule === hunting)) {
    const watched = { lives: await work(server, cast, random, end), heads: headsOf(snapshot) }
    counts.ends++
    server = await restarted(faulty, random, counts)
    snapshot = await examine(server, place.directory, cast)
    violations.push(...check(cast.history, snapshot, watched), ...wronglyClosed(watched.lives, end))
    counts.delivered += shownTo(watched.lives)
  }
  violations.push(...(await lastWords(server, cast, returners)))
  const lives = returners.map(({ life }) => life)
  violations.push(...checkReturned(await examine(server, place.directory, cast), { lives, heads: start }))
  counts.delivered += shownTo(lives)
  counts.returns += returners.reduce((sum, { connections }) => sum + connections - 1, 0)
  return { violations, counts: { ...counts, ...told(cast) } }
}

const wronglyClosed = (lives: readonly Life[], { closes }: End): Violation[] =>
  lives
    .filter(({ closed }) => closed !== closes)
    .map(({ user, closed }) => ({
      rule: 'DUR-13',
      what: `the connection of ${user} ended with ${closed}, not ${closes}`,
    }))

const shownTo = (lives: readonly Life[]): number => lives.reduce((sum, { shown }) => sum + shown.length, 0)

/** One life of the server. Returns what its clients were shown. */
async function work(server: Server, cast: Cast, random: Random, end: End): Promise<Watched['lives']> {
  const acting = await Promise.all(cast.actors.map(actor => actor.enter(server.url)))
  const works = Promise.all(acting.map(({ work }) => work()))
  await pause(random.below(WORK))
  await end.run(server)
  await within(GONE, 'noticing that the server is gone', works)
  return acting.flatMap(({ life }) => life ?? [])
}

/** Starts it again; now and then it is killed in the middle of its start first. */
async function restarted(options: ServerOptions, random: Random, counts: Counts): Promise<Server> {
  while (random.chance(0.1)) {
    const server = spawnServer(options)
    await pause(random.below(START))
    await server.kill('SIGKILL')
    counts.endsAtStart++
  }
  return startServer(options)
}

/** A last message to the room and to each client that came back: whoever has both has everything, or will never have it. */
async function lastWords({ url }: Server, { history, members }: Cast, returners: readonly Returner[]) {
  const late: Violation[] = []
  const [speaker] = members
  if (!speaker) return late
  const say = async (to: string | null, key: string) => {
    const body = `${key} are last words`
    noteSending(history, { sender: speaker.name, to, body })
    const { body: stored } = await ask(url, 'POST', '/messages', speaker.key, { content: body, to_username: to })
    noteStored(history, (stored as { id: string }).id, body) // the contract of POST /messages
  }
  const given = returners.flatMap(({ member: { name }, given }) => [given('room', CATCH_UP), given(name, CATCH_UP)])
  await say(null, 'room')
  for (const { member } of returners) await say(member.name, member.name)
  for (const one of await Promise.allSettled(given)) {
    if (one.status === 'rejected') late.push({ rule: 'DUR-8', what: String(one.reason) })
  }
  return late
}
