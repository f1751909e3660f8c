import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunStep, RunStepContent } from '../../../src/core/run.ts'
import { Retracing } from '../../../src/core/runs/retracing.ts'

const text = (text: string): RunStepContent => ({ type: 'text', text })
const tool = (detail: unknown): RunStepContent => ({ type: 'tool', call: 'c', name: 'n', state: 'started', detail })
const stored = (...steps: readonly RunStepContent[]): RunStep[] =>
  steps.map((step, index) => ({ ...step, n: index + 1, at: 5 }))

/** What is new of what an agent gives; `different` from where it is not what was stored. */
function retrace(before: readonly RunStepContent[], given: readonly RunStepContent[]) {
  const retracing = new Retracing(stored(...before))
  const found: RunStepContent[] = []
  for (const step of given) {
    const added = retracing.take(step)
    if (!added) return { found, ends: 'different' }
    found.push(...added)
  }
  return { found, ends: retracing.isDone ? 'done' : 'less' }
}

/** A text cut into steps at these places. */
const cut = (whole: string, places: readonly number[]): RunStepContent[] => {
  const at = [0, ...places.map(place => place % (whole.length + 1)).sort((a, b) => a - b), whole.length]
  return at.slice(1).map((end, i) => text(whole.slice(at[i], end)))
}

test('[RUN-17] text counts by what it says, however it is cut, and what comes behind it is new', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.nat(99)), fc.array(fc.nat(99)), (begun, rest, once, again) => {
      const { found, ends } = retrace(cut(begun, once), cut(begun + rest, again))
      expect(ends).toBe('done')
      expect(found.map(step => (step.type === 'text' ? step.text : '')).join('')).toBe(rest)
    }),
  )
})

test('[RUN-17] other steps have to be the same, in the same place', () => {
  const before = [text('a'), text('b'), tool({ q: 1 }), text('c')]
  expect(retrace(before, [text('ab'), tool({ q: 1 }), text('cd'), tool(2)])).toEqual({
    found: [text('d'), tool(2)],
    ends: 'done',
  })
  expect(retrace(before, [text('ab'), tool({ q: 2 })]).ends).toBe('different')
  expect(retrace(before, [text('a'), tool({ q: 1 })]).ends).toBe('different')
  expect(retrace(before, [text('abc'), tool({ q: 1 })]).ends).toBe('different')
  expect(retrace(before, [text('ax')]).ends).toBe('different')
  expect(retrace(before, [text('ab'), tool({ q: 1 })])).toEqual({ found: [], ends: 'less' })
  expect(retrace([], [text('a'), tool(1)])).toEqual({ found: [text('a'), tool(1)], ends: 'done' })
})
