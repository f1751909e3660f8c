import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { Follower } from '../../../packages/server/test/rooms/level2/follower/follower.ts'
import type { Violation } from '../checker/violation.ts'
import { within } from '../load/within.ts'
import { newPlace } from '../place.ts'
import { seeded } from '../random.ts'
import { startServer } from '../server.ts'
import { peopleOf } from './people.ts'

export interface KilledRuns {
  readonly violations: readonly Violation[]
  readonly kills: number
  /** Answers that the kills interrupted. */
  readonly interrupted: number
}

const CATCH_UP = 20_000
/** So many words that saying them back takes several transactions. */
const WORDS = 1_900

/** Kills the server while an answer is being produced, again and again, with somebody watching who comes back. */
export async function killRuns({ seed, kills }: { seed: number; kills: number }): Promise<KilledRuns> {
  using place = await newPlace()
  const random = seeded(seed)
  const [ann, ben] = await peopleOf(place.server, ['ann', 'ben'])
  if (!ann || !ben) throw new Error('nobody there')
  let server = await startServer(place.server)
  await using defer = new AsyncDisposableStack()
  defer.defer(async () => void (await server.kill('SIGKILL')))
  const url = () => `ws://127.0.0.1:${place.server.port}/api/v1/ws?v=2`
  const watchers = [ann, ann, ben].map(({ key }) => defer.use(new Follower({ url, key, pause: () => 20 })))
  const [asker] = watchers
  const violations: Violation[] = []
  const note = (what: string) => violations.push({ rule: 'ROOMS-191', what })
  for (const watcher of watchers) {
    await within(CATCH_UP, 'connecting', watcher.settled())
    await watcher.ask({ type: 'join_room', data: { room_id: 'kitchen', room_type: 'shared' } })
  }
  for (let kill = 0; kill < kills; kill++) {
    const words = Array.from({ length: WORDS }, () => String(random.below(1_000))).join(' ')
    asker?.say('kitchen', `@assistant /repeat ${words}`, `run-${kill}`)
    await within(CATCH_UP, 'the first step', watchers[2]?.stepped() ?? Promise.resolve())
    // An answer is over within milliseconds: every other time nothing is waited for.
    if (random.below(2) === 1) await pause(random.below(20))
    await server.kill('SIGKILL')
    server = await startServer(place.server)
    const settled = Promise.all(watchers.map(watcher => watcher.settled()))
    await within(CATCH_UP, 'coming back', settled).catch(error => note(String(error)))
    for (const watcher of watchers)
      await within(CATCH_UP, 'a resume', watcher.resume()).catch(error => note(String(error)))
  }
  for (const { faults } of watchers) for (const fault of faults) note(fault)
  for (const { answers } of watchers)
    if (answers !== kills) note(`${answers} of ${kills} answers were the text of their steps`)
  const ends = endsOf(join(place.server.directory, 'parley.db'))
  if (ends.length !== kills || ends.some(end => end === null))
    note(`of ${kills} runs ${ends.length} have an end: ${ends.join()}`)
  return { violations, kills, interrupted: ends.filter(end => end === 'interrupted').length }
}

/** How the runs of a database ended. */
function endsOf(path: string): readonly (string | null)[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    // The column is named as in the migration that made it.
    return db
      .prepare('SELECT state FROM runs')
      .all()
      .map(({ state }) => state as string | null)
  } finally {
    db.close()
  }
}
