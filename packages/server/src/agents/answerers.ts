import type { UserId } from '../core/ids.ts'
import { AgentFailed, type AgentRunner, type Question } from '../core/ports/agents.ts'

/** Everybody who answers, by the user that they speak as. */
export interface Answerers {
  readonly runner: AgentRunner
  add(user: UserId, runner: AgentRunner): void
}

/** `first`: answers like all others as far as it is about what they can do, such as being steered. */
export function createAnswerers(first: AgentRunner): Answerers {
  const runners = new Map<UserId, AgentRunner>()
  const of = ({ run }: Pick<Question, 'run'>): AgentRunner => {
    const runner = runners.get(run.agent)
    if (!runner) throw new AgentFailed('Nobody answers by this name any more')
    return runner
  }
  const { isSteerable = false } = first
  return {
    runner: {
      isSteerable,
      async *answer(question, signal) {
        yield* of(question).answer(question, signal)
      },
      isRepeatable: asked => runners.get(asked.run.agent)?.isRepeatable?.(asked) === true,
      summarise: async (old, signal) => (await of(old).summarise?.(old, signal)) ?? null,
    },
    add: (user, runner) => void runners.set(user, runner),
  }
}
