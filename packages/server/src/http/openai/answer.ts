import type { Core } from '../../core/core.ts'
import { Refused } from '../../core/refusals.ts'
import type { Run } from '../../core/run.ts'
import type { Hear } from '../../core/runs/cast.ts'
import type { Actor } from '../../core/user.ts'
import { Fault } from '../faults.ts'
import type { Asked } from './request.ts'

/** An answer under way. */
export interface UnderWay {
  /** Ends the answer: nobody waits for it any more. */
  stop(): void
  /** The answer, once it and the conversation it was given in are gone from the store. Rejects with a Fault where there is none. */
  readonly whole: Promise<{ readonly run: Run; readonly text: string }>
}

/**
 * Has a question answered in a conversation of its own that ends with the answer; the budgets, limits and rights of whoever
 * asks count as everywhere. Resolves when the question is taken; rejects with Refused where it is not.
 */
export async function answer(core: Core, actor: Actor, asked: Asked, hear: Hear): Promise<UnderWay> {
  const { body, prior, agent, options } = asked
  const question = { type: 'assistant.ask', body, prior, agent, options, conversation: null, hear } as const
  const { conversation, run } = await core.execute(actor, question)
  const whole = ended(core, actor, run).finally(() => conversation !== null && forget(core, actor, conversation))
  // Whoever is gone does not look.
  whole.catch(() => undefined)
  return {
    whole,
    stop: () => run !== null && void core.execute(actor, { type: 'run.cancel', id: run }).catch(() => undefined),
  }
}

async function ended(core: Core, actor: Actor, id: string | null) {
  if (id === null) throw new Fault('nobody_answers')
  const done = await core.execute(actor, { type: 'run.await', id })
  const { state, fault } = done.run.end ?? { state: 'failed', fault: null }
  switch (state) {
    case 'completed':
    case 'cancelled':
      return done
    case 'interrupted':
      throw new Fault('nobody_answers')
    case 'failed':
      throw new Fault('answer_failed', fault === null ? {} : { text: fault })
    default:
      return state satisfies never
  }
}

async function forget(core: Core, actor: Actor, number: number): Promise<void> {
  try {
    await core.execute(actor, { type: 'conversations.delete', number })
  } catch (error) {
    // Gone already, with its owner for example.
    if (!(error instanceof Refused)) throw error
  }
}
