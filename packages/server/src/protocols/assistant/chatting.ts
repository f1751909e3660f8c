import { HISTORY_MAX } from '@parley/protocol/assistant/limits'
import type { RunId } from '../../core/ids.ts'
import { Refused, refuse } from '../../core/refusals.ts'
import type { RunOrigin } from '../../core/run.ts'
import type { Asking } from '../view.ts'
import { answer, history, historyItem, LATER, noAnswer, SORRY, text, thinking } from './shapes.ts'
import type { Talk } from './talks.ts'

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
  const asked = await core.execute(actor, { type: 'assistant.ask', body, conversation, session, outside })
  talk.conversation = asked.conversation
  connection.say(text(thinking()))
  return text(asked.run === null ? noAnswer(SORRY) : await answerOf({ core, actor }, asked.run))
}

/** The latest question, answered once more: nothing is asked anew. */
export async function chatAgain({ core, actor, connection }: Asking, talk: Talk, how: Again): Promise<string> {
  const { conversation } = talk
  if (conversation === null) return refuse({ code: 'run_unknown' })
  const { run } = await core.execute(actor, { type: 'assistant.again', conversation, how })
  connection.say(text(thinking()))
  return text(await answerOf({ core, actor }, run))
}

async function answerOf({ core, actor }: Pick<Asking, 'core' | 'actor'>, id: RunId) {
  try {
    const { run, text } = await core.execute(actor, { type: 'run.await', id })
    return answer(run, text)
  } catch (error) {
    // The question is stored: every question has an answer.
    if (error instanceof Refused) return noAnswer(error.refusal.code === 'run_open' ? LATER : SORRY)
    throw error
  }
}

/** The latest messages of the conversation. */
export async function showHistory({ core, actor }: Asking, { conversation: number }: Talk): Promise<string> {
  if (number === null) return text(history([]))
  try {
    const where = { newest: true } as const
    const { items } = await core.execute(actor, { type: 'conversations.history', number, where, limit: HISTORY_MAX })
    return text(history(items.map(historyItem)))
  } catch (error) {
    // Deleted meanwhile, by another way.
    if (error instanceof Refused && error.refusal.code === 'conversation_unknown') return text(history([]))
    throw error
  }
}
