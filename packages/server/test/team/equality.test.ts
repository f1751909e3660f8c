import { expect, test } from 'vitest'
import { type Random, seeded } from '../../../../test/faults/random.ts'
import type { Broker } from '../../src/core/ports/broker.ts'
import type { Store } from '../../src/core/ports/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { openInTemporary } from '../stores/temporary.ts'
import type { WorldOptions } from '../world.ts'
import { ChanceTeam, turns } from './schedules/agent.ts'
import { type House, openHouse } from './schedules/house.ts'
import { type Habits, Watcher } from './schedules/watcher.ts'

/** Sessions that one server has at once. */
const SIDE_BY_SIDE = 25
const SEED = 20_260_101

const STAYS: Habits = { late: 0, cut: 0, again: 0, slow: 0 }

/** Who watches a session. The first one asks. */
const watchersOf = (random: Random): readonly Habits[] => [
  { ...STAYS, again: random.pick([0, 0, 0.1]) },
  random.pick([STAYS, { ...STAYS, cut: 0.15 }, { ...STAYS, slow: 0.3 }]),
  { ...STAYS, late: 1 + random.below(80), cut: random.pick([0, 0.1]), slow: random.pick([0, 0.2]) },
]

interface Schedules {
  readonly seed: number
  readonly sessions: number
  readonly store: Store
  readonly world?: WorldOptions
}

/** Plays sessions side by side on one server, which may be killed once. Answers what is wrong with what was shown in them. */
async function play({ seed, sessions, store, world = {} }: Schedules): Promise<readonly string[]> {
  const random = seeded(seed)
  const team = new ChanceTeam()
  await using house = await openHouse(store, () => random.below(4), { ...world, agents: team })
  const plays = Array.from({ length: sessions }, (_, i) => openPlay(house, `s-${i}`, random.fork()))
  const ended = Promise.all(plays.map(({ asked }) => asked))
  if (random.chance(0.5)) {
    await turns(20 + random.below(100))
    await house.kill()
  }
  await ended
  await house.quiet()
  return (await Promise.all(plays.map(one => one.judge(team)))).flat()
}

function openPlay(house: House, session: string, random: Random) {
  const watchers = watchersOf(random).map(habits => new Watcher(house, session, habits, random.fork()))
  return {
    asked: askIn(watchers, random),
    async judge(team: ChanceTeam): Promise<readonly string[]> {
      await Promise.all(watchers.map(watcher => watcher.settle()))
      const stored = await storedIn(house.world.store, session)
      await Promise.all(watchers.map(watcher => watcher.leave()))
      const wrong = watchers.flatMap(({ story }, i) => [
        ...story.faults.map(fault => `${session}: watcher ${i}: ${fault}`),
        ...differences(
          `${session}: watcher ${i}`,
          story.answers,
          stored.map(({ body }) => body),
        ),
        ...(story.isOpen ? [`${session}: watcher ${i} was not told of the end`] : []),
      ])
      const given = stored.filter(({ isWhole }) => isWhole)
      return [
        ...wrong,
        ...differences(
          `${session}: the team`,
          given.map(({ asked }) => team.whole.get(asked) ?? ''),
          given.map(({ body }) => body),
        ),
      ]
    },
  }
}

/** One to three questions, from different tabs, while earlier ones are answered. */
async function askIn(watchers: readonly Watcher[], random: Random): Promise<void> {
  const [first, second] = watchers
  await Promise.all([first?.there(), second?.there()])
  for (let left = 1 + random.below(3); left > 0; left--) {
    const question = `${random.below(1_000_000)}${random.chance(0.05) ? ' long' : ''}`
    await random.pick([first, second])?.say(question)
    await turns(random.below(40))
  }
}

function differences(who: string, had: readonly string[], wanted: readonly string[]): string[] {
  if (had.length === wanted.length && had.every((text, i) => text === wanted[i])) return []
  return [`${who} has ${JSON.stringify(had).slice(0, 500)} of ${JSON.stringify(wanted).slice(0, 500)}`]
}

/** The answers of a session that have a text, in order. */
async function storedIn(store: Store, session: string) {
  const [owner] = await store.sessionOwners(`agents/${session}`)
  const talk = owner && (await store.conversationOf(owner.id, `agents/${session}`))
  const rows = talk ? await store.log(talk.room, 0, 1_000) : []
  const sent = rows.flatMap(row => (row.type === 'message.sent' ? [row.message] : []))
  return Promise.all(
    sent
      .flatMap(({ run, body }) => (run ? [{ run, body }] : []))
      .map(async ({ run: id, body }) => {
        const [run] = await store.runs([id])
        const asked = sent.find(message => message.id === run?.question)?.body ?? ''
        return { body, asked, isWhole: run?.end?.state === 'completed' }
      }),
  )
}

test('[TEAM-60] whoever watches a session, however they come and go, has the texts that are stored: 1,000 schedules', {
  timeout: 60_000,
}, async () => {
  for (let batch = 0; batch < 1_000 / SIDE_BY_SIDE; batch++)
    expect(
      await play({ seed: SEED + batch, sessions: SIDE_BY_SIDE, store: openMemoryStore() }),
      `seed ${SEED + batch}`,
    ).toEqual([])
})

test('[TEAM-60] so it is with SQLite', async () => {
  const under = await openInTemporary()
  expect(await play({ seed: SEED, sessions: SIDE_BY_SIDE, store: under.store })).toEqual([])
})

/** Loses a step of some answers between the store and those who watch. */
const losing = (inner: Broker): Broker => ({
  ...inner,
  publish: events =>
    inner.publish(
      events.map(event =>
        event.type === 'run.moved' ? { ...event, steps: event.steps.filter(({ n }) => n !== 7) } : event,
      ),
    ),
})

/** Goes on one step too late behind a position. */
const hasty = (inner: Store): Store => ({
  ...inner,
  runSteps: (run, after, limit) => inner.runSteps(run, after > 0 ? after + 1 : 0, limit),
})

test('[TEAM-60] a chunk that is lost, and a restored session that goes on one step too late, are found', async () => {
  const given = { seed: SEED, sessions: SIDE_BY_SIDE }
  const lost = await play({ ...given, store: openMemoryStore(), world: { broker: losing } })
  expect(lost.join('\n')).toMatch(/chunk \d+ came behind \d+/)
  const late = await play({ ...given, store: hasty(openMemoryStore()) })
  expect(late.join('\n')).toMatch(/chunk \d+ came behind \d+/)
})
