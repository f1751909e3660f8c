import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Follower } from '../../src/stores/sqlite/search/follower.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A follower whose slices take 8 ms each and leave what `behind` says, and the times at which they began. */
function follow(behind: (slice: number) => boolean | Error) {
  const slices: number[] = []
  const faults: unknown[] = []
  const began = Date.now()
  const slice = async () => {
    slices.push(Date.now() - began)
    const isBehind = behind(slices.length)
    if (isBehind instanceof Error) throw isBehind
    return { isBehind, took: 8, forget: null, remade: null }
  }
  const options = {
    forget: async () => undefined,
    onRemade: () => undefined,
    onFault: (fault: unknown) => faults.push(fault),
  }
  return { follower: new Follower(slice, options), slices, faults }
}

test('[SEARCH-44] after each slice it rests for as long as that took, then looks every few seconds', async () => {
  const { follower, slices } = follow(slice => slice < 3)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(slices).toEqual([])
  follower.wake()
  follower.wake()
  await vi.advanceTimersByTimeAsync(3_100)
  expect(slices.map(at => at - 10_000)).toEqual([50, 58, 66, 3_066])
  follower.wake()
  await vi.advanceTimersByTimeAsync(51)
  expect(slices).toHaveLength(5)
  await follower.stop()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(slices).toHaveLength(5)
})

test('[SEARCH-44] who waits has it go on without a rest, through faults, which are told once', async () => {
  const { follower, slices, faults } = follow(slice => (slice < 3 ? new Error('the disk is full') : slice < 6))
  const caught = follower.caughtUp()
  await vi.advanceTimersByTimeAsync(6_100)
  await caught
  // The clock counts a timer without a delay as a millisecond.
  expect(slices).toEqual([0, 3_000, 6_000, 6_001, 6_002, 6_003])
  expect(faults).toHaveLength(1)
  await follower.stop()
  await expect(follower.caughtUp()).rejects.toMatchObject({ code: 'closed' })
})
