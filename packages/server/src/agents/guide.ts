import type { AgentRunner, Question } from '../core/ports/agents.ts'
import type { RunStepContent } from '../core/run.ts'
import type { User } from '../core/user.ts'
import { sumOf } from './sums.ts'

/** What the guide calls itself where a model is named. */
export const GUIDE_MODEL = 'parley-guide'

/** Words of one step. */
const WORDS = 4
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
export const guide: AgentRunner = {
  async *answer(question, signal) {
    const text = replyTo(question)
    for (const part of partsOf(text)) {
      if (signal.aborted) break
      yield { type: 'text', text: part } satisfies RunStepContent
    }
    yield { type: 'usage', usage: { model: GUIDE_MODEL, tokens: text.split(/\s+/).length, cost: null } }
  },
}

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

/** Groups of words with the space behind them: together they are the text. */
export function partsOf(text: string): readonly string[] {
  const words = text.match(/\S*\s*/g)?.filter(word => word !== '') ?? []
  return words.flatMap((_, at) => (at % WORDS === 0 ? [words.slice(at, at + WORDS).join('')] : []))
}
