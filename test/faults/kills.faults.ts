import { expect, test } from 'vitest'
import { shortened, type Violation } from './checker/violation.ts'
import { type Counts, shown, sum } from './counts.ts'
import { firstStart } from './first-start.ts'
import { newPlace } from './place.ts'
import { seeded, seedOfThisRun } from './random.ts'
import { report } from './report.ts'
import { retry } from './retry/retrying.ts'
import { besiege, killed } from './siege.ts'
import { stopped } from './stop.ts'

/** Kills in all, unless the time runs out first. */
const KILLS = Number(process.env.PARLEY_FAULT_KILLS ?? 100)
/** Time for them, in milliseconds; a siege that began before its end goes on. */
const TIME = 100_000
/** Kills of one siege: what it stored is read again after each. */
const A_SIEGE = 10
/** A slow machine must not turn this into a test of nothing. */
const FEWEST = Math.min(KILLS, 10)

test('[DUR-1 to DUR-8] kills under load lose nothing that was acknowledged', { timeout: TIME * 2 }, async () => {
  const seed = seedOfThisRun()
  const random = seeded(seed)
  const violations: Violation[] = []
  const all: Counts[] = []
  const began = performance.now()
  for (let left = KILLS; left > 0 && performance.now() - began < TIME; left -= A_SIEGE) {
    const ends = Math.min(left, A_SIEGE)
    const outcome = await besiege({ seed: random.below(2 ** 31), ends, end: killed })
    violations.push(...outcome.violations)
    all.push(outcome.counts)
  }
  const total = sum(all)
  report(`kill -9 (seed ${seed}): ${shown(total)}; ${violations.length} violations`)
  expect(shortened(violations)).toBe('')
  expect(total.ends).toBeGreaterThanOrEqual(FEWEST)
})

test('[DUR-9] whatever is killed, a repeat of a named message never makes a second one', async () => {
  const seed = seedOfThisRun()
  const kills = 15
  const { violations, messages, repeats } = await retry({ seed, kills })
  report(
    `repeats (seed ${seed}): ${kills} kills, ${messages} messages, ${repeats} sent again; ${violations.length} violations`,
  )
  expect(shortened(violations)).toBe('')
  expect(repeats).toBeGreaterThan(0)
})

test('[DUR-14] a first start that is killed halfway can be repeated', async () => {
  const seed = seedOfThisRun()
  const random = seeded(seed)
  const violations: Violation[] = []
  const rounds = 8
  for (let round = 0; round < rounds; round++) {
    using place = await newPlace()
    violations.push(...(await firstStart(place.server, random, killed)))
  }
  report(`kills in and after ${rounds} first starts (seed ${seed}): ${violations.length} violations`)
  expect(shortened(violations)).toBe('')
})

test('[DUR-13] a server told to stop under load keeps what it acknowledged and tells its clients to come back', async () => {
  const seed = seedOfThisRun()
  const { violations, counts } = await besiege({ seed, ends: 8, end: stopped })
  report(`SIGTERM (seed ${seed}): ${shown(counts)}; ${violations.length} violations`)
  expect(shortened(violations)).toBe('')
})
