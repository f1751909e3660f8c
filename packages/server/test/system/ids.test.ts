import { expect, test } from 'vitest'
import { createIds } from '../../src/system/ids.ts'

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('[OPS-20] ids are UUIDs of version 7 and begin with the time', () => {
  const id = createIds(() => 0x0192_3456_789a).uuid()
  expect(id).toMatch(VERSION_7)
  expect(id.startsWith('01923456-789a-7')).toBe(true)
})

test('[OPS-20] ids grow while the clock stands, also past the counter of a millisecond', () => {
  const { uuid } = createIds(() => 1_700_000_000_000)
  const made = Array.from({ length: 10_000 }, uuid)
  expect(made).toEqual([...made].sort())
  expect(new Set(made).size).toBe(made.length)
  for (const id of made) expect(id).toMatch(VERSION_7)
})

test('[OPS-20] ids grow when the clock is set back', () => {
  let now = 1_700_000_000_000
  const { uuid } = createIds(() => now)
  const before = uuid()
  now -= 3_600_000
  const after = uuid()
  now += 3_600_001
  expect([before, after, uuid()].sort()).toEqual([before, after, expect.any(String)])
  expect(after > before).toBe(true)
})

test('[OPS-20] ids of two processes in one millisecond differ', () => {
  const one = createIds(() => 1)
  const other = createIds(() => 1)
  expect(one.uuid()).not.toBe(other.uuid())
})

test('secrets have the length asked for and do not repeat', () => {
  const { secret } = createIds()
  expect(secret(32)).toMatch(/^[0-9a-f]{64}$/)
  expect(secret(32)).not.toBe(secret(32))
})
