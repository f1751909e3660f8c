import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RunStepContent } from '../../../src/core/run.ts'
import { Groups } from '../../../src/core/runs/groups.ts'
import { until } from '../../world.ts'
import { TestTimers } from './timers.ts'

const text = (text: string): RunStepContent => ({ type: 'text', text })

/** Groups whose writes a test ends. */
function scene() {
  const timers = new TestTimers()
  const writes: { readonly text: string; end(error?: Error): void }[] = []
  const failures: unknown[] = []
  const groups = new Groups({
    clock: timers,
    later: timers.later,
    write: steps =>
      new Promise<void>((resolve, reject) => {
        const written = steps.map(step => (step.type === 'text' ? step.text : '')).join('')
        writes.push({ text: written, end: error => (error ? reject(error) : resolve()) })
      }),
    failed: error => failures.push(error),
  })
  /** Adds a step and tells whether the next one may come before anything else happens. */
  const add = async (word: string): Promise<{ isThrough: boolean }> => {
    const state = { isThrough: false }
    void groups.add(text(word)).then(() => {
      state.isThrough = true
    })
    await turn()
    return state
  }
  return { timers, writes, failures, groups, add, texts: () => writes.map(write => write.text) }
}

test('[RUN-10] the first step is stored at once; those that follow are gathered for 40 ms', async () => {
  const { timers, writes, add, texts } = scene()
  expect((await add('a')).isThrough).toBe(true)
  expect(texts()).toEqual(['a'])
  expect(timers.set).toBe(0)
  writes[0]!.end()
  await add('b')
  timers.pass(39)
  await add('c')
  expect(texts()).toEqual(['a'])
  timers.pass(1)
  expect(texts()).toEqual(['a', 'bc'])
  writes[1]!.end()
  timers.pass(100)
  expect(timers.set).toBe(0)
  await add('d')
  expect(texts()).toEqual(['a', 'bc', 'd'])
})

test('[RUN-11] at most one group waits while another is stored', async () => {
  const { timers, writes, add, texts, groups } = scene()
  await add('a')
  expect((await add('b')).isThrough).toBe(true)
  timers.pass(50)
  await turn()
  const third = await add('c')
  expect(third.isThrough).toBe(false)
  expect(texts()).toEqual(['a'])
  writes[0]!.end()
  await until(() => third.isThrough || texts().length > 1)
  expect(texts()).toEqual(['a', 'bc'])
  await until(() => third.isThrough)
  const drained = groups.drained()
  writes[1]!.end()
  await drained
  expect(texts()).toEqual(['a', 'bc'])
})

test('[RUN-11] an agent that never pauses waits for the store after 256 steps', async () => {
  const { writes, add, groups, texts } = scene()
  await add('x')
  for (let i = 0; i < 255; i++) await groups.add(text('y'))
  const next = await add('z')
  expect(next.isThrough).toBe(false)
  writes[0]!.end()
  await until(() => next.isThrough)
  expect(texts()[1]).toBe(`${'y'.repeat(255)}z`)
})

test('[RUN-10] draining stores what is gathered without waiting for its time', async () => {
  const { timers, writes, add, groups, texts } = scene()
  await add('a')
  await add('b')
  const drained = groups.drained()
  writes[0]!.end()
  await until(() => writes.length === 2)
  expect(texts()).toEqual(['a', 'b'])
  expect(timers.set).toBe(0)
  writes[1]!.end()
  await drained
  await groups.drained()
})

test('[RUN-12] after a group that could not be stored nothing is written any more', async () => {
  const { writes, add, failures, groups, texts } = scene()
  await add('a')
  await add('b')
  writes[0]!.end(new Error('the disk is full'))
  await groups.drained()
  expect((await add('c')).isThrough).toBe(true)
  await groups.drained()
  expect(failures).toMatchObject([{ message: 'the disk is full' }])
  expect(texts()).toEqual(['a'])
})
