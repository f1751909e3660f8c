import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlidingWindows } from '../../src/core/window.ts'
import { TestClock } from '../world.ts'

test('[CORE-10] at most `count` in any `seconds`; a refused one says when and does not count', () => {
  const clock = new TestClock()
  const windows = new SlidingWindows({ count: 2, seconds: 10 }, clock)
  expect(windows.take('a')).toBe(0)
  clock.advance(4_000)
  expect(windows.take('a')).toBe(0)
  expect(windows.take('a')).toBe(6)
  expect(windows.take('b')).toBe(0)
  clock.advance(5_999)
  expect(windows.take('a')).toBe(1)
  clock.advance(1)
  expect(windows.take('a')).toBe(0)
  expect(windows.take('a')).toBe(4)
})

test('[CORE-10] no window of any length is ever overfull, and waiting as long as was said always helps', () => {
  const rate = fc.record({ count: fc.integer({ min: 1, max: 4 }), seconds: fc.integer({ min: 1, max: 5 }) })
  const steps = fc.array(fc.integer({ min: 0, max: 2_500 }), { maxLength: 60 })
  fc.assert(
    fc.property(rate, steps, (rate, steps) => {
      const clock = new TestClock()
      const windows = new SlidingWindows(rate, clock)
      const taken: number[] = []
      for (const step of steps) {
        clock.advance(step)
        const now = clock.now()
        const recent = taken.filter(at => at > now - rate.seconds * 1000).length
        const wait = windows.take('key')
        expect(wait === 0).toBe(recent < rate.count)
        if (wait === 0) taken.push(now)
        else {
          expect(wait).toBeLessThanOrEqual(rate.seconds)
          expect(taken.filter(at => at > now + (wait - rate.seconds) * 1000).length).toBeLessThan(rate.count)
        }
      }
    }),
    { seed: 1 },
  )
})

test('[CORE-10] with too many busy keys the one that was quiet longest is forgotten', () => {
  const clock = new TestClock()
  const windows = new SlidingWindows({ count: 1, seconds: 60 }, clock, 3)
  for (const key of ['a', 'b', 'c']) windows.take(key)
  expect(windows.take('a')).toBe(60)
  windows.take('d')
  expect(windows.take('a')).toBe(60)
  expect(windows.take('b')).toBe(0)
})

test('[CORE-10] an event that is taken back leaves its place to another', () => {
  const clock = new TestClock()
  const windows = new SlidingWindows({ count: 2, seconds: 10 }, clock)
  expect(windows.look('a')).toEqual({ left: 2, frees: 0 })
  windows.take('a')
  clock.advance(4_000)
  windows.take('a')
  expect(windows.look('a')).toEqual({ left: 0, frees: 6 })
  windows.giveBack('a')
  expect(windows.look('a')).toEqual({ left: 1, frees: 6 })
  expect(windows.take('a')).toBe(0)
  clock.advance(6_000)
  expect(windows.look('a')).toEqual({ left: 1, frees: 4 })
  windows.giveBack('nobody')
})
