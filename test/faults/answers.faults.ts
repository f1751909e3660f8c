import { expect, test } from 'vitest'
import { shownAnswers } from './answers/counts.ts'
import { killAnswers } from './answers/siege.ts'
import { guide, model } from './answers/sources.ts'
import { shortened } from './checker/violation.ts'
import { seedOfThisRun } from './random.ts'
import { report } from './report.ts'

const KILLS = Number(process.env.PARLEY_FAULT_KILLS ?? 100)
/** Most time for those, in milliseconds. A slow machine must not turn this into a test of nothing. */
const TIME = 110_000
const FEWEST = Math.min(KILLS, 10)

test('[ROOMS-191] [ROOMS-193] kills in the middle of answers lose and change nothing that was shown, and all are told to their ends', {
  timeout: TIME * 3,
}, async () => {
  const seed = seedOfThisRun()
  const by = { model: Math.ceil(KILLS * 0.75), guide: Math.floor(KILLS * 0.25) }
  const outcomes = [
    await killAnswers({ seed, kills: by.model, source: model, time: TIME * 0.8 }),
    await killAnswers({ seed, kills: by.guide, source: guide, time: TIME * 0.2 }),
  ]
  for (const outcome of outcomes) report(`answers (seed ${seed}): ${shownAnswers(outcome)}`)
  expect(shortened(outcomes.flatMap(({ violations }) => violations))).toBe('')
  expect(outcomes.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThanOrEqual(FEWEST)
  expect(outcomes[0]?.ends.interrupted ?? 0).toBeGreaterThan(0)
  for (const { cut } of outcomes) expect(cut).toBeGreaterThan(0)
  expect(Object.keys(outcomes[1]?.ends ?? {})).toEqual(['completed'])
})
