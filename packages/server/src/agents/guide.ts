import type { AgentEvent, Question } from '../core/ports/agents.ts'
import type { User } from '../core/user.ts'
import { toldOf } from './calls.ts'
import type { CarryingOn } from './deciding.ts'
import { partsOf } from './parts.ts'
import type { Ran } from './ran.ts'
import { sumOf } from './sums.ts'
import { fenced } from './waiting.ts'

/** What the guide calls itself where a model is named. */
export const GUIDE_MODEL = 'parley-guide'

/** Longest part of a question that is said back, in code points. */
const QUOTE_MAX = 300

const HELP = `I am Parley's built-in guide. I am not an AI: I answer with fixed texts, and the same question always gets the same answer.
I can
- show this help: /help
- say your text back: /repeat and a text
- work out a sum, such as 2+2*3
For real answers whoever runs this server connects a language model.`

/**
 * The agent that is always there: needs no model, no network and no key, and says so. The same message always gets the same text,
 * in several steps.
 */
export const guide: CarryingOn = {
  answer: (question, signal) => say(restOf(replyTo(question), question.begun), signal),
  carryOn: (_, ran, signal) => say(reportOf(ran), signal),
  isRepeatable: () => true,
}

async function* say(text: string, signal: AbortSignal): AsyncGenerator<AgentEvent, void, void> {
  for (const part of partsOf(text)) {
    if (signal.aborted) break
    yield { type: 'text', text: part }
  }
  yield { type: 'usage', usage: { model: GUIDE_MODEL, tokens: text.split(/\s+/).length, cost: null } }
}

/** What came of a use of a tool. */
export function reportOf({ tool, performed }: Pick<Ran, 'tool' | 'performed'>): string {
  const told = toldOf(performed)
  const shown = typeof told === 'string' ? told : fenced(JSON.stringify(told, null, 2))
  return performed.state === 'completed' ? `${tool} gave:\n${shown}` : `${tool} failed:\n${shown}`
}

/** What follows what was said of it already. An answer that does not begin so is given from its beginning. */
const restOf = (text: string, begun: string | null): string =>
  begun !== null && text.startsWith(begun) ? text.slice(begun.length) : text

function replyTo({ message, asker }: Question): string {
  const said = withoutMention(message.body)
  if (said === '' || /^(\/help|help)[.!?]*$/i.test(said)) return HELP
  if (/^(hi|hello|hey|good (morning|evening|day))\b[^?]*$/i.test(said)) return `Hello${nameOf(asker)}!\n${HELP}`
  const [, repeated] = /^\/repeat\s+(.+)$/su.exec(said) ?? []
  if (repeated !== undefined) return repeated
  const sum = sumOf(said)
  if (sum !== undefined) return `${said.replace(/\s*=\s*\??$/, '')} = ${Number(sum.toPrecision(12))}`
  return `You wrote: “${quoteOf(said)}”\nNo language model is connected to this server, so I can't answer that. ${HELP}`
}

const nameOf = ({ role, name }: User): string => (role === 'guest' ? '' : ` ${name}`)

const withoutMention = (text: string): string => text.replace(/^\s*@(ai )?assistant\b[\s,:]*/i, '').trim()

function quoteOf(text: string): string {
  const points = [...text]
  return points.length <= QUOTE_MAX ? text : `${points.slice(0, QUOTE_MAX).join('')}…`
}
