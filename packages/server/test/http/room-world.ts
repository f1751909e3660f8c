import type { AgentRunner } from '../../src/core/ports/agents.ts'

/** An agent that begins to answer and does not end before it is told to. */
export const slow: AgentRunner = {
  async *answer(_, signal) {
    yield { type: 'text', text: 'Well, ' }
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    return { usage: null }
  },
}
