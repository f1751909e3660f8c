import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'

test('[OPS-44] docs/operations.md explains every metric of ours, with its labels, and no other', async () => {
  const metrics = createMetrics()
  metrics.watch(() => ({
    counts: { users: 0, waitingBytes: 0, behind: 0 },
    backlog: 0,
    deliveries: 0,
    searchLag: () => 0,
  }))
  const made = [...(await metrics.text()).body.matchAll(/^# TYPE (parley_\w+)/gm)].map(([, name]) => name)
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter(line => line.startsWith('| `parley_'))
  const explained = rows.flatMap(row => [...row.split('|')[1]!.matchAll(/parley_\w+/g)].map(([name]) => name))
  expect(explained.toSorted()).toEqual(made.toSorted())
})
