import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openCutter } from '../../../packages/server/test/rooms/level2/follower/cutter.ts'
import { Follower } from '../../../packages/server/test/rooms/level2/follower/follower.ts'
import type { Violation } from '../checker/violation.ts'
import { within } from '../load/within.ts'
import { newPlace } from '../place.ts'
import type { Plant } from '../planted/plants.ts'
import { seeded } from '../random.ts'
import { personOf } from '../rooms/people.ts'
import { type Server, type ServerOptions, startServer } from '../server.ts'
import { different, judge, latest } from './judge.ts'
import type { Source } from './sources.ts'
import { type StoredRun, storedRuns } from './stored.ts'
import { Witness } from './witness.ts'

export interface AnswersOptions {
  readonly seed: number
  readonly kills: number
  readonly source: Source
  readonly plant?: Plant
  /** Begins no further round after so many milliseconds. */
  readonly time?: number
}

export interface KilledAnswers {
  readonly violations: readonly Violation[]
  readonly kills: number
  /** Answers of which somebody had seen a part when the server was killed. */
  readonly cut: number
  /** Runs by how they ended. */
  readonly ends: Readonly<Record<string, number>>
  /** Runs that answered again. */
  readonly again: number
  /** Steps shown to all clients together. */
  readonly shown: number
}

const ROOM = 'kitchen'
const CATCH_UP = 20_000
/** Questions of one round at the most, and answers that are asked again in it: one asker has eight at once. */
const QUESTIONS = 2
const AGAIN = 4

/** Kills the server in the middle of answers, again and again, with people watching who stay, come late, or lose their line. */
export async function killAnswers(options: AnswersOptions): Promise<KilledAnswers> {
  using place = await newPlace()
  await using source = await options.source(seeded(options.seed).fork())
  const scene = await openScene({ ...place.server, settings: source.settings, plant: options.plant }, options.seed)
  await using _ = scene
  const [ann, ben] = [await scene.register('ann'), await scene.register('ben')]
  await scene.join([
    [ann.key, 'ann'],
    [ann.key, "ann's other device"],
    [ben.key, 'ben'],
    [ben.key, 'ben, whose line breaks', true],
  ])
  const began = performance.now()
  let [kills, cut] = [0, 0]
  while (kills < options.kills && performance.now() - began < (options.time ?? Number.POSITIVE_INFINITY)) {
    if (source.again) await scene.again()
    for (let left = 1 + scene.random.below(QUESTIONS); left > 0; left--) scene.ask(source.question(scene.random))
    using late = scene.comesLate(ben.key)
    await scene.work()
    cut += scene.halfSeen()
    await scene.restart()
    kills++
    late.check()
    // Who was shown what is not stored may never come to an end.
    if (different(scene.runs(), scene.witnesses).length > 0) break
  }
  if (different(scene.runs(), scene.witnesses).length === 0) await scene.end(source.again)
  const runs = scene.runs()
  return {
    violations: [
      ...scene.faults.map(what => ({ rule: 'ROOMS-191' as const, what })),
      ...source.faults.map(what => ({ rule: 'ROOMS-193' as const, what })),
      ...judge(runs, scene.witnesses, source.expected),
      ...unfinished(runs),
    ],
    ...{ kills, cut, again: runs.filter(({ isAgain }) => isAgain).length },
    ends: Object.fromEntries(
      [...Map.groupBy(runs, ({ state }) => state ?? 'open')].map(([state, all]) => [state, all.length]),
    ),
    shown: scene.witnesses.reduce((sum, { shown }) => sum + shown, 0),
  }
}

const unfinished = (runs: readonly StoredRun[]): Violation[] =>
  latest(runs)
    .filter(({ state }) => state !== 'completed')
    .map(({ id, state, asked }) => ({
      rule: 'ROOMS-193',
      what: `${asked.slice(0, 60)} is answered by ${id}, which is ${state}`,
    }))

async function openScene(options: ServerOptions, seed: number) {
  const random = seeded(seed)
  const stack = new AsyncDisposableStack()
  let server: Server = await startServer(options)
  stack.defer(async () => void (await server.kill('SIGKILL')))
  const cutter = stack.use(await openCutter(options.port, () => ({ down: 3_000 + random.below(20_000), up: 100_000 })))
  const followers: Follower[] = []
  const witnesses: Witness[] = []
  const faults: string[] = []
  const runs = () => storedRuns(join(options.directory, 'parley.db'))
  let asked = 0

  function watch(key: string, name: string, port = options.port): Follower {
    const witness = new Witness(name)
    witnesses.push(witness)
    const url = () => `ws://127.0.0.1:${port}/api/v1/ws?v=2`
    return new Follower({ url, key, pause: () => 20, onStep: (type, data) => witness.see(type, data) })
  }

  const settled = (of: readonly Follower[]) =>
    within(CATCH_UP, 'coming back', Promise.all(of.map(follower => follower.settled()))).catch(error =>
      faults.push(String(error)),
    )

  /** Has broken answers go on, and those without text given anew: `most` of them. Answers how many there were. */
  async function again(most = AGAIN): Promise<number> {
    const broken = latest(runs()).filter(({ state }) => state !== null && state !== 'completed')
    for (const { id, answer } of broken.slice(0, most)) {
      const type = answer === null ? 'regenerate_run' : 'continue_run'
      const told = await followers[0]?.ask({ type, data: { run_id: uuid(id) } })
      if (told?.type === 'error') faults.push(`${type} was refused: ${JSON.stringify(told.data)}`)
    }
    return broken.length
  }

  return {
    ...{ random, faults, witnesses, runs, again },
    register: (name: string) => personOf(server.url, name),
    async join(all: readonly (readonly [key: string, name: string, isCut?: boolean])[]) {
      for (const [key, name, isCut] of all) {
        const follower = stack.use(watch(key, name, isCut ? cutter.port : options.port))
        followers.push(follower)
        await settled([follower])
        await follower.ask({ type: 'join_room', data: { room_id: ROOM, room_type: 'shared' } })
      }
    },
    ask: (question: string) => followers[0]?.say(ROOM, `@assistant ${question}`, `q-${++asked}`),
    /** Somebody who comes while answers are being told, and is gone after the next start. */
    comesLate(key: string) {
      let follower: Follower | undefined
      const timer = setTimeout(() => (follower = watch(key, `a late one, number ${asked}`)), random.below(300))
      const check = () => follower && faults.push(...follower.faults)
      return {
        check,
        [Symbol.dispose]() {
          clearTimeout(timer)
          follower?.[Symbol.dispose]()
        },
      }
    },
    /** Lets the server work for a while; mostly until after the first word of an answer. */
    async work() {
      const stepped = followers[2]?.stepped() ?? Promise.resolve()
      if (random.chance(0.8))
        await within(CATCH_UP, 'the first step', stepped).catch(error => faults.push(String(error)))
      await pause(random.below(random.pick([10, 100, 300])))
    },
    halfSeen: () => new Set(followers.flatMap(({ following }) => following)).size,
    async restart() {
      await server.kill('SIGKILL')
      server = await startServer(options)
      await settled(followers)
    },
    /** Lets everything come to its end, and everybody catch up. */
    async end(goesOn: boolean) {
      cutter.calm()
      await within(3 * CATCH_UP, 'the last answers', untilAnswered(goesOn ? again : undefined)).catch(error =>
        faults.push(String(error)),
      )
      await settled(followers)
      for (const follower of followers) {
        await within(CATCH_UP, 'a last resume', follower.resume()).catch(error => faults.push(String(error)))
        if (follower.following.length > 0) faults.push(`the end of ${follower.following} was shown to nobody`)
        faults.push(...follower.faults)
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }

  async function untilAnswered(goOn?: () => Promise<number>): Promise<void> {
    for (;;) {
      if (!runs().some(({ state }) => state === null) && ((await goOn?.()) ?? 0) === 0) return
      await pause(50)
    }
  }
}

const uuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
