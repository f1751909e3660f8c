import { expect, test } from 'vitest'
import { shownAnswers } from './answers/counts.ts'
import { killAnswers } from './answers/siege.ts'
import { guide, model } from './answers/sources.ts'
import { shortened } from './checker/violation.ts'
import { seeded, seedOfThisRun } from './random.ts'
import { report } from './report.ts'

const KILLS = Number(process.env.PARLEY_FAULT_KILLS ?? 100)
/** Most time for those, in milliseconds. A slow machine must not turn this into a test of nothing. */
const TIME = 110_000
const FEWEST = Math.min(KILLS, 10)

test('[ROOMS-191] [ROOMS-193] kills in the middle of answers lose and change nothing that was shown, and all are told to their ends', {
  timeout: TIME * 3,
}, async () => {
  const seed = seedOfThisRun()
  const random = seeded(seed)
  // Side by side, since most of a round is waiting.
  const outcomes = await Promise.all(
    [model, guide, model].map(source =>
      killAnswers({ seed: random.below(2 ** 31), kills: Math.ceil(KILLS / 3), source, time: TIME }),
    ),
  )
  for (const outcome of outcomes) report(`answers (seed ${seed}): ${shownAnswers(outcome)}`)
  expect(shortened(outcomes.flatMap(({ violations }) => violations))).toBe('')
  expect(outcomes.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThanOrEqual(FEWEST)
  for (const { cut } of outcomes) expect(cut).toBeGreaterThan(0)
  const [told, guided] = outcomes
  expect(told?.ends.interrupted).toBeGreaterThan(0)
  expect(Object.keys(guided?.ends ?? {})).toEqual(['completed'])
})
