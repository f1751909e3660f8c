import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { OpenSource, Source } from '../answers/sources.ts'
import { type StoredRun, storedRuns, textOf } from '../answers/stored.ts'
import { within } from '../load/within.ts'
import { newPlace } from '../place.ts'
import { type Random, seeded } from '../random.ts'
import { startServer } from '../server.ts'
import { Witness } from './witness.ts'

export interface TeamsOptions {
  readonly seed: number
  readonly kills: number
  readonly source: Source
  /** Begins no further round after so many milliseconds. */
  readonly time: number
}

export interface KilledTeams {
  /** What is wrong, in words. */
  readonly faults: readonly string[]
  readonly kills: number
  /** Answers that somebody was being shown when the server was killed. */
  readonly cut: number
  readonly interrupted: number
  readonly completed: number
}

const SESSIONS = ['one', 'two', 'three']
const PATIENCE = 20_000

/** Kills the server while teams answer in sessions with two tabs, again and again; both come back, and a third that was never there. */
export async function killTeams({ seed, kills: most, source: open, time }: TeamsOptions): Promise<KilledTeams> {
  const random = seeded(seed)
  using place = await newPlace()
  await using source = await open(random.fork())
  const options = { ...place.server, settings: source.settings }
  let server = await startServer(options)
  await using defer = new AsyncDisposableStack()
  defer.defer(async () => void (await server.kill('SIGKILL')))
  const witnesses = SESSIONS.flatMap(session => [0, 1].map(() => new Witness(place.server.port, session)))
  const runs = () => storedRuns(join(place.server.directory, 'parley.db'))
  await comeAll(witnesses)
  const [faults, began]: [string[], number] = [[], performance.now()]
  let [kills, cut] = [0, 0]
  for (; kills < most && performance.now() - began < time && faults.length === 0; kills++) {
    const asked = ask(witnesses, source, random)
    await within(PATIENCE, 'a first word', Promise.race(asked))
    await pause(random.below(200))
    cut += witnesses.filter(({ story }) => story.isOpen).length
    await server.kill('SIGKILL')
    await Promise.all(witnesses.map(witness => witness.gone()))
    const before = witnesses.map(({ story }) => story.answers)
    server = await startServer(options)
    const late = SESSIONS.map(session => new Witness(place.server.port, session))
    await comeAll([...witnesses, ...late])
    faults.push(...judge(source, [...witnesses, ...late], runs(), before))
    await Promise.all(late.map(witness => witness.leave()))
  }
  await Promise.all(witnesses.map(witness => witness.leave()))
  const ended = (state: string) => runs().filter(run => run.state === state).length
  return { faults, kills, cut, interrupted: ended('interrupted'), completed: ended('completed') }
}

const comeAll = (all: readonly Witness[]) =>
  within(PATIENCE, 'coming back', Promise.all(all.map(witness => witness.come())))

/** One question a session, of either tab; sometimes a second one waits behind it. Resolve when something is shown of the answers. */
function ask(witnesses: readonly Witness[], source: OpenSource, random: Random): readonly Promise<void>[] {
  return SESSIONS.map(session => {
    const tabs = witnesses.filter(witness => witness.session === session)
    const shown = random.pick(tabs).next()
    for (let left = random.chance(0.3) ? 2 : 1; left > 0; left--)
      random.pick(tabs).ask(`${session}: ${source.question(random)}`)
    return shown
  })
}

type Texts = readonly string[]

/** What is wrong with what is stored after a start, and with what clients have of it. Pure. */
function judge(
  source: OpenSource,
  witnesses: readonly Witness[],
  runs: readonly StoredRun[],
  before: readonly Texts[],
) {
  const untold = witnesses.flatMap((witness, i) => {
    const stored = runs.flatMap(({ asked, answer }) => (asked.startsWith(witness.session) && answer ? [answer] : []))
    return compare(witness, stored, before[i] ?? [])
  })
  return [...runs.flatMap(run => wrongIn(run, source.expected(run.asked))), ...untold]
}

function compare({ session, story }: Witness, stored: Texts, before: Texts): string[] {
  const [had, has, is] = [before, story.answers, stored].map(texts => JSON.stringify(texts).slice(-600))
  return [
    ...story.faults.map(fault => `${session}: ${fault}`),
    ...(JSON.stringify(story.answers) === JSON.stringify(stored) ? [] : [`${session}: ${has} is not ${is}`]),
    ...(story.isOpen ? [`${session}: an answer has no end`] : []),
    ...(before.every((text, at) => stored[at]?.startsWith(text)) ? [] : [`${session}: ${had} was shown, not ${is}`]),
  ]
}

function wrongIn(run: StoredRun, whole: string): string[] {
  const answer = run.answer ?? ''
  return [
    ...(run.state === null ? [`${run.id} has no end`] : []),
    ...(textOf(run) === answer ? [] : [`${run.id} is not what its steps say`]),
    ...((run.state === 'completed' ? answer === whole : whole.startsWith(answer)) ? [] : [`${run.id} tells ${answer}`]),
  ]
}
