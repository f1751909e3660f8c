import { HISTORY_MAX, TEXTS } from '@parley/protocol/assistant/limits'
import type { RunId } from '../../core/ids.ts'
import { Refused, refuse } from '../../core/refusals.ts'
import type { RunOrigin, RunStep } from '../../core/run.ts'
import type { Asking } from '../view.ts'
import { answer, history, historyItems, LATER, noAnswer, SORRY, text, typing } from './shapes.ts'
import type { Talk } from './talks.ts'
import { Space, toolsOf, Used } from './tools.ts'

type Again = RunOrigin['how']

/** What one may say in place of a question. */
const AGAIN: ReadonlyMap<string, Again> = new Map([
  ['/continue', 'continue'],
  ['/regenerate', 'regenerate'],
])

/** How the latest question is to be answered once more, where a message says so. */
export const againIn = (message: string): Again | undefined => AGAIN.get(message.trim().toLowerCase())

/** One turn: the question is stored, then the client is told that it is being answered, then it gets the answer. */
export async function chat({ core, actor, connection }: Asking, talk: Talk, body: string): Promise<string> {
  const { conversation, session, outside } = talk
  const turn = new Turn(message => connection.say(text(typing(message))))
  const hear = (steps: readonly RunStep[]) => turn.hear(steps)
  const asked = await core.execute(actor, { type: 'assistant.ask', body, conversation, session, outside, hear })
  talk.conversation = asked.conversation
  turn.begin()
  return text(asked.run === null ? noAnswer(SORRY) : await answerOf({ core, actor }, asked.run, turn.used))
}

/** The latest question, answered once more: nothing is asked anew. */
export async function chatAgain({ core, actor, connection }: Asking, talk: Talk, how: Again): Promise<string> {
  const { conversation } = talk
  if (conversation === null) return refuse({ code: 'run_unknown' })
  const turn = new Turn(message => connection.say(text(typing(message))))
  const hear = (steps: readonly RunStep[]) => turn.hear(steps)
  const { run } = await core.execute(actor, { type: 'assistant.again', conversation, how, hear })
  turn.begin()
  return text(await answerOf({ core, actor }, run, turn.used))
}

/** What an answer does until it is there. Every round of tools is told, with what the model said to it. */
class Turn {
  readonly used = new Used()
  readonly #tell: (message: string) => void
  /** Steps that came before the client was told that there will be an answer. */
  #early: RunStep[] | null = []
  #said = ''

  constructor(tell: (message: string) => void) {
    this.#tell = tell
  }

  begin(): void {
    const early = this.#early ?? []
    this.#early = null
    this.#tell(TEXTS.thinking)
    this.hear(early)
  }

  hear(steps: readonly RunStep[]): void {
    if (this.#early) this.#early.push(...steps)
    else for (const step of steps) this.#take(step)
  }

  #take(step: RunStep): void {
    if (step.type === 'text') this.#said += step.text
    if (step.type !== 'tool' || !this.used.take(step)) return
    this.#tell(this.#said.trim() || TEXTS.working)
    this.#said = ''
  }
}

async function answerOf({ core, actor }: Pick<Asking, 'core' | 'actor'>, id: RunId, used: Used) {
  try {
    const { run, text } = await core.execute(actor, { type: 'run.await', id })
    return answer(run, text, used.shown())
  } catch (error) {
    // The question is stored: every question has an answer.
    if (error instanceof Refused) return noAnswer(error.refusal.code === 'run_open' ? LATER : SORRY)
    throw error
  }
}

/** The latest items of the conversation. */
export async function showHistory({ core, actor }: Asking, { conversation: number }: Talk): Promise<string> {
  if (number === null) return text(history([]))
  try {
    const where = { newest: true } as const
    const { items } = await core.execute(actor, { type: 'conversations.history', number, where, limit: HISTORY_MAX })
    const runs = items.flatMap(({ run }) => (run ? [run.id] : []))
    const steps = await core.execute(actor, { type: 'conversations.tools', number, runs })
    const space = new Space()
    // Where there is no room for all, the latest are whole.
    const shown = items
      .toReversed()
      .map(item => historyItems(item, toolsOf((item.run && steps.get(item.run.id)) ?? [], space)))
    return text(history(shown.toReversed().flat().slice(-HISTORY_MAX)))
  } catch (error) {
    // Deleted meanwhile, by another way.
    if (error instanceof Refused && error.refusal.code === 'conversation_unknown') return text(history([]))
    throw error
  }
}
