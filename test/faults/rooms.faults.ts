import { expect, test } from 'vitest'
import { shortened } from './checker/violation.ts'
import { seedOfThisRun } from './random.ts'
import { report } from './report.ts'
import { besiegeRooms } from './rooms/siege.ts'
import { killUploads } from './rooms/uploads.ts'

test('[ROOMS-190] whatever line breaks and however often the server is killed, all clients have the same log', async () => {
  const seed = seedOfThisRun()
  const kills = 5
  const { violations, cuts, messages, shown, repeats, catchUps } = await besiegeRooms({ seed, kills })
  const sorted = catchUps.toSorted((a, b) => a - b)
  const [half = 0, longest = 0] = [sorted[sorted.length >> 1], sorted.at(-1)]
  report(
    `rooms (seed ${seed}): ${kills} kills, ${cuts} lines cut, ${messages} messages, ${shown} events shown, ${repeats} again; ` +
      `${catchUps.length} times caught up in ${Math.round(half)} ms (median), ${Math.round(longest)} ms (longest); ` +
      `${violations.length} violations`,
  )
  expect(shortened(violations)).toBe('')
  expect(cuts).toBeGreaterThan(10)
  expect(messages).toBeGreaterThan(500)
})

test('[ROOMS-192] a kill at any moment of an upload leaves a whole file or an upload that goes on', async () => {
  const seed = seedOfThisRun()
  const { violations, kills, there } = await killUploads({ seed, rounds: 2 })
  report(
    `uploads (seed ${seed}): ${kills} kills, after ${there} of which the file was there; ${violations.length} violations`,
  )
  expect(shortened(violations)).toBe('')
})
