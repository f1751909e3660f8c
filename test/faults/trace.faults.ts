import { expect, test } from 'vitest'
import { shortened } from './checker/violation.ts'
import { leaveOut, report } from './report.ts'
import { traced, whyNoTrace } from './trace/tracing.ts'

const why = whyNoTrace()

test('[DUR-10] every acknowledgement follows a sync of the log that follows its rows', async context => {
  if (why) return leaveOut(context, why)
  const { told, violations } = await traced()
  report(`strace: ${told} messages told to clients; ${violations.length} before they were synced`)
  expect(shortened(violations)).toBe('')
  expect(told).toBeGreaterThan(100)
})

test.for(['commits without waiting for the disk', 'acknowledges before the commit'] as const)(
  'a server that %s is caught by DUR-10',
  async (plant, context) => {
    if (why) return leaveOut(context, why)
    const { told, violations } = await traced(plant)
    report(`strace, planted "${plant}": ${told} told, ${violations.length} before they were synced`)
    expect(violations.length).toBeGreaterThan(told / 2)
  },
)
