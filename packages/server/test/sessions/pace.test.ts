import { expect, test } from 'vitest'
import { Pace } from '../../src/sessions/pace.ts'
import { TestClock } from '../world.ts'

test('[SESS-37] a second of bytes may come at once, then no more than the rate', () => {
  const clock = new TestClock()
  const pace = new Pace(clock, 1_000)
  expect(pace.take(1_000)).toBe(0)
  expect(pace.take(500)).toBe(500)
  clock.advance(500)
  expect(pace.take(250)).toBe(250)
  clock.advance(60_000)
  // Silence is not saved up for longer than a second.
  expect(pace.take(1_000)).toBe(0)
  expect(pace.take(100)).toBe(100)
})
