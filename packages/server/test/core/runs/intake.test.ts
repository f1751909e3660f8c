import { expect, test } from 'vitest'
import type { RunStepContent } from '../../../src/core/run.ts'
import { ANSWER_MAX, Intake } from '../../../src/core/runs/intake.ts'

const text = (text: string): RunStepContent => ({ type: 'text', text })
const tool = (detail: unknown): RunStepContent => ({ type: 'tool', call: 'c', name: 'n', state: 'started', detail })
const wordsOf = (steps: readonly RunStepContent[]): string =>
  steps.map(step => (step.type === 'text' ? step.text : `<${step.type}>`)).join('|')

test('[RUN-13] texts are kept as they came, one step each, without the empty ones', () => {
  const intake = new Intake()
  expect(intake.take(text('a '))).toEqual([text('a ')])
  expect(intake.take(text(''))).toEqual([])
  expect(intake.take(text('\0 🤖\n'))).toEqual([text('\0 🤖\n')])
  expect(intake.rest()).toEqual([])
})

test('[RUN-13] a character cut between two steps is whole in the second; one that stays cut becomes a sign for that', () => {
  const intake = new Intake()
  const [first, second] = ['🤖'.slice(0, 1), '🤖'.slice(1)]
  expect(wordsOf(intake.take(text(`a${first}`)))).toBe('a')
  expect(wordsOf(intake.take(text(`${second}b`)))).toBe('🤖b')
  expect(wordsOf(intake.take(text(first)))).toBe('')
  expect(wordsOf(intake.take({ type: 'switch', from: 'a', to: 'b', reason: '' }))).toBe('\ufffd|<switch>')
  expect(wordsOf(intake.take(text(`${second}c${first}`)))).toBe('\ufffdc')
  expect(wordsOf(intake.rest())).toBe('\ufffd')
  expect(wordsOf(intake.rest())).toBe('')
})

test('[RUN-14] what exceeds 200,000 characters is left out, and never half of a character stays', () => {
  const intake = new Intake()
  intake.take(text('x'.repeat(ANSWER_MAX - 3)))
  expect(wordsOf(intake.take(text('yy')))).toBe('yy')
  expect(intake.isFull).toBe(false)
  expect(wordsOf(intake.take(text('🤖')))).toBe('')
  expect(intake.isFull).toBe(true)
  const exact = new Intake()
  expect(wordsOf(exact.take(text('x'.repeat(ANSWER_MAX))))).toHaveLength(ANSWER_MAX)
  expect(exact.isFull).toBe(false)
  expect(wordsOf(exact.take(text('z')))).toBe('')
  expect(exact.isFull).toBe(true)
})

test('[RUN-14] tools may tell a million characters', () => {
  const intake = new Intake()
  expect(intake.take(tool('x'.repeat(900_000)))).toHaveLength(1)
  expect(intake.isFull).toBe(false)
  expect(intake.take(tool('x'.repeat(200_000)))).toEqual([])
  expect(intake.isFull).toBe(true)
})

test('[RUN-15] details become plain JSON; what is none, and an end, are faults of the agent', () => {
  const intake = new Intake()
  expect(intake.take(tool(undefined))).toEqual([tool(null)])
  expect(intake.take(tool({ at: new Date(0), no: undefined }))).toEqual([tool({ at: '1970-01-01T00:00:00.000Z' })])
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(() => intake.take(tool(circle))).toThrow(TypeError)
  expect(() => intake.take(tool(1n))).toThrow(TypeError)
  expect(() => intake.take({ type: 'end', state: 'completed' })).toThrow(TypeError)
})

test('[RUN-80] texts of a team say who speaks and are numbered; half a character is not handed on to the next one', () => {
  const intake = new Intake()
  const says = (by: string, said: string): RunStepContent => ({ type: 'text', text: said, by })
  expect(intake.take(says('A', 'one'))).toEqual([{ type: 'text', text: 'one', by: 'A', chunk: 1 }])
  expect(intake.take(says('A', ''))).toEqual([])
  expect(intake.take(says('A', `two${'🤖'.slice(0, 1)}`))).toEqual([{ type: 'text', text: 'two', by: 'A', chunk: 2 }])
  expect(intake.take(says('B', 'three'))).toEqual([
    { type: 'text', text: '\ufffd', by: 'A', chunk: 3 },
    { type: 'text', text: 'three', by: 'B', chunk: 4 },
  ])
})

test('[RUN-81] a text that is wanted whole is one step behind all others, and no longer than one may be', () => {
  const intake = new Intake(true)
  expect(intake.take({ type: 'text', text: 'one ', by: 'A' })).toEqual([])
  expect(intake.take(tool(1))).toEqual([tool(1)])
  expect(intake.take({ type: 'text', text: 'two', by: 'B' })).toEqual([])
  expect(intake.rest()).toEqual([{ type: 'text', text: 'one two', by: 'B', chunk: 1 }])
  expect(intake.rest()).toEqual([])
  intake.take(text('x'.repeat(ANSWER_MAX + 1)))
  expect(intake.isFull).toBe(true)
})
