import { expect, test } from 'vitest'
import { model } from './answers/sources.ts'
import { seeded, seedOfThisRun } from './random.ts'
import { report } from './report.ts'
import { killTeams } from './teams/siege.ts'

const KILLS = Math.min(Number(process.env.PARLEY_FAULT_KILLS ?? 50), 50)
/** Servers that are killed side by side, since most of a round is waiting. */
const BESIDE = 3
/** Most time, in milliseconds. A slow machine must not turn this into a test of nothing. */
const TIME = 45_000

test('[TEAM-62] kills in the middle of answers of teams: what was shown is stored, and whoever comes back has all of it', {
  timeout: TIME * 3,
}, async () => {
  const seed = seedOfThisRun()
  const random = seeded(seed)
  const outcomes = await Promise.all(
    Array.from({ length: BESIDE }, () =>
      killTeams({ seed: random.below(2 ** 31), kills: Math.ceil(KILLS / BESIDE), source: model, time: TIME }),
    ),
  )
  for (const { kills, cut, interrupted, completed, faults } of outcomes)
    report(
      `teams (seed ${seed}): ${kills} kills, ${cut} times somebody was being shown an answer; ${interrupted} interrupted, ` +
        `${completed} completed; ${faults.length} violations`,
    )
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([])
  expect(outcomes.every(({ kills, cut, interrupted }) => kills > 0 && cut > 0 && interrupted > 0)).toBe(true)
})
