import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shortened, type Violation } from './checker/violation.ts'
import { shown } from './counts.ts'
import { fillDisk } from './disk/full.ts'
import { type Image, openImage, whyNoImage } from './disk/image.ts'
import { powerCut } from './disk/power-cut.ts'
import { firstStart } from './first-start.ts'
import { seeded, seedOfThisRun } from './random.ts'
import { leaveOut, report } from './report.ts'
import { freePort } from './server.ts'
import { besiege } from './siege.ts'

const none = whyNoImage()

const placeOn = async (image: Image) => ({ directory: join(image.mountpoint, 'data'), port: await freePort() })

test('[DUR-11] power cuts under load lose nothing that was acknowledged', async context => {
  if (none) return leaveOut(context, none.why, none.expected)
  using image = openImage(256)
  const seed = seedOfThisRun()
  const { violations, counts } = await besiege({ seed, ends: 12, end: powerCut(image), place: await placeOn(image) })
  report(`power cuts on ext4 (seed ${seed}): ${shown(counts)}; ${violations.length} violations`)
  expect(shortened(violations)).toBe('')
})

test('[DUR-11] [DUR-14] a power cut in a first start, or right after its first answer, loses nothing', async context => {
  if (none) return leaveOut(context, none.why, none.expected)
  using image = openImage(64)
  const seed = seedOfThisRun()
  const random = seeded(seed)
  const violations: Violation[] = []
  const rounds = 6
  for (let round = 0; round < rounds; round++) {
    const place = { directory: join(image.mountpoint, `data-${round}`), port: await freePort() }
    violations.push(...(await firstStart(place, random, powerCut(image))))
  }
  report(`power cuts in and after ${rounds} first starts (seed ${seed}): ${violations.length} violations`)
  expect(shortened(violations)).toBe('')
})

test('a server that commits without waiting for the disk is caught by a power cut', async context => {
  if (none) return leaveOut(context, none.why, none.expected)
  using image = openImage(256)
  const siege = {
    seed: seedOfThisRun(),
    ends: 5,
    end: powerCut(image),
    place: await placeOn(image),
    hunting: 'DUR-1',
  } as const
  const { violations } = await besiege({ ...siege, plant: 'commits without waiting for the disk' })
  report(`power cut, planted "commits without waiting for the disk": ${violations.length} violations`)
  expect(violations.map(violation => violation.rule)).toContain('DUR-1')
})

test('[DUR-12] on a full disk sends are refused, nothing acknowledged is lost, and a freed disk is used again', async context => {
  if (none) return leaveOut(context, none.why, none.expected)
  using image = openImage(48)
  const { violations, acknowledged, errors } = await fillDisk(image)
  report(
    `full disk: ${acknowledged.join(' + ')} messages acknowledged before, until and after it was full, ` +
      `${errors.length} refused; ${violations.length} violations`,
  )
  expect(shortened(violations)).toBe('')
  expect(new Set(errors)).toEqual(new Set(['Could not store the message']))
})
