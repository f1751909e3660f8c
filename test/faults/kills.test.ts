import { expect, test } from 'vitest'
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

test('[DUR-7] a reader that lets its socket fill up is caught up from the log', { timeout: 60_000 }, async () => {
  const { violations, shown, slow } = await fallBehind()
  report(`slow reader: ${slow} fell behind, shown ${shown} messages; ${violations.length} violations`)
  expect(slow).toBe(1)
  expect(shortened(violations)).toBe('')
})
