import { expect, test } from 'vitest'
import { shownAnswers } from './answers/counts.ts'
import { killAnswers } from './answers/siege.ts'
import { model } from './answers/sources.ts'
import { fallBehind } from './behind.ts'
import { shortened } from './checker/violation.ts'
import { shown } from './counts.ts'
import { seedOfThisRun } from './random.ts'
import { report } from './report.ts'
import { besiege, killed } from './siege.ts'

test('[DUR-1 to DUR-8] a few kills under load lose nothing that was acknowledged', { timeout: 60_000 }, async () => {
  const seed = seedOfThisRun()
  const { violations, counts } = await besiege({ seed, ends: 3, end: killed })
  report(`kill -9 (seed ${seed}): ${shown(counts)}; ${violations.length} violations`)
  expect(shortened(violations)).toBe('')
})

test('[ROOMS-191] [ROOMS-193] a few kills in the middle of answers lose and change nothing that was shown', {
  timeout: 60_000,
}, async () => {
  const seed = seedOfThisRun()
  const outcome = await killAnswers({ seed, kills: 5, source: model })
  report(`answers (seed ${seed}): ${shownAnswers(outcome)}`)
  expect(shortened(outcome.violations)).toBe('')
  expect(outcome.cut).toBeGreaterThan(0)
})

test('[DUR-7] a reader that lets its socket fill up is caught up from the log', { timeout: 60_000 }, async () => {
  const { violations, shown, slow } = await fallBehind()
  report(`slow reader: ${slow} fell behind, shown ${shown} messages; ${violations.length} violations`)
  expect(slow).toBe(1)
  expect(shortened(violations)).toBe('')
})
