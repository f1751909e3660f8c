import { expect, test } from 'vitest'
import { Chores } from '../../src/core/chores.ts'

test('[CORE-70] work in slices ends with the server after the slice it is at, and a fault of it is told', async () => {
  const faults: unknown[] = []
  const chores = new Chores(error => faults.push(error))
  const gate = Promise.withResolvers<boolean>()
  const done: string[] = []
  chores.start(async () => done.push('a') < 3)
  chores.start(() => {
    done.push('b')
    return gate.promise
  })
  const broken = new Error('no')
  chores.start(() => Promise.reject(broken))
  const stopped = chores.stop()
  gate.resolve(true)
  await stopped
  expect(faults).toEqual([broken])
  expect(done.filter(slice => slice === 'b')).toHaveLength(1)
  chores.start(async () => done.push('c') > 0)
  expect(done).not.toContain('c')
})
