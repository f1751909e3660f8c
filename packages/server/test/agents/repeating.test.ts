import { expect, test } from 'vitest'
import { createAnswerers } from '../../src/agents/answerers.ts'
import { type DecidingPorts, deciding } from '../../src/agents/deciding.ts'
import { guide } from '../../src/agents/guide.ts'
import type { UserId } from '../../src/core/ids.ts'
import type { AgentRunner } from '../../src/core/ports/agents.ts'
import { ask } from './question.ts'

const other: AgentRunner = { async *answer() {} }

/** Whether a question goes on by itself; the one that decides needs nothing of its ports for that. */
function repeats(body: string, agent = 'assistant'): boolean | undefined {
  const cast = createAnswerers(other)
  cast.add('assistant' as UserId, deciding(guide, {} as DecidingPorts))
  cast.add('model' as UserId, other)
  const { run, message } = ask(body)
  return cast.runner.isRepeatable?.({ run: { ...run, agent: agent as UserId }, message })
}

test('[RUN-16] what the guide answers goes on by itself; what somebody else does, or approves, does not', () => {
  expect(repeats('What is love?')).toBe(true)
  for (const body of ['/search plan', 'find plan', '@assistant /summary', '/tools', '/use make_note {}'])
    expect(repeats(body), body).toBe(false)
  expect(repeats('/approve ABCD2345')).toBe(false)
  expect(repeats('/deny ABCD2345')).toBe(false)
  expect(repeats('What is love?', 'model')).toBe(false)
  expect(repeats('What is love?', 'nobody')).toBe(false)
})
