import type { AgentEvent, Question } from '../core/ports/agents.ts'
import type { User } from '../core/user.ts'
import { toldOf } from './calls.ts'
import type { CarryingOn } from './deciding.ts'
import { dateAnswer } from './guide/dates.ts'
import { foundText } from './guide/finding.ts'
import type { GuideMeans } from './guide/means.ts'
import { shownValue } from './guide/shown.ts'
import { summaryText } from './guide/summary.ts'
import { shortened } from './guide/telling.ts'
import { argumentsIn, outcomeText, toolsText, useTool } from './guide/using.ts'
import { partsOf } from './parts.ts'
import type { Ran } from './ran.ts'
import { sumOf } from './sums.ts'
import { ToolFailed } from './tools/tool.ts'

/** What the guide calls itself where a model is named. */
export const GUIDE_MODEL = 'parley-guide'

/** Longest part of a question that is said back, in code points. */
const QUOTE_MAX = 300

const WHO = "I am Parley's built-in guide. I am not an AI: I answer by fixed rules."
const MORE = 'Say /help for what I can do.'

const BETTER = 'For real answers whoever runs this server connects a language model.'

const HELP = `${WHO}
I can
- find messages: /search minutes budget
  (also with from:ann, since:2026-01-31, until:2026-02-28)
- tell what you missed: /summary, or of the latest messages: /summary 20
- work out dates: today, days until 2026-12-24, in 3 weeks,
  2026-03-01 + 10 days
- work out a sum, such as 2+2*3
- list the tools that you may use here: /tools
- use one of them, exactly as you say: /use NAME {"argument": "value"}
- say your text back: /repeat and a text
- show this help: /help
${BETTER}`

/**
 * The agent that is always there: needs no model, no network and no key, and says so. What it says follows from the message and
 * from what is stored by fixed rules, in several steps. Without means it only says what follows from the message.
 */
export const createGuide = (means: GuideMeans | null): CarryingOn => ({
  answer: (question, signal) => answerTo(question, signal, means),
  carryOn: (_, ran, signal) => say(reportOf(ran), signal),
  // What is stored may be another then, and what a tool did must not be done again.
  isRepeatable: ({ message }) => wishOf(message.body).kind === 'text',
})

/** One that has no means. */
export const guide: CarryingOn = createGuide(null)

type Wish =
  /** A text that follows from the question alone. */
  | { readonly kind: 'text' }
  | { readonly kind: 'search'; readonly text: string }
  | { readonly kind: 'summary'; readonly count: number | null }
  | { readonly kind: 'tools' }
  | { readonly kind: 'use'; readonly tool: string; readonly given: string }

const SEARCH = /^(?:\/search\b|search for\s|find\s)\s*(.*)$/is
const SUMMARY =
  /^(?:\/summary\b|summari[sz]e\b|what(?: did|['’]d) i miss\b|what have i missed\b)(?: this| the)?(?: room| chat)?\s*(\d{1,3})?[.!?]*$/i
const USE = /^\/use\s+(\S+)\s*(.*)$/s

function wishOf(body: string): Wish {
  const said = withoutMention(body)
  const [searched, text = ''] = SEARCH.exec(said) ?? []
  if (searched !== undefined) return { kind: 'search', text }
  const [summarised, count] = SUMMARY.exec(said) ?? []
  if (summarised !== undefined)
    return { kind: 'summary', count: count === undefined ? null : Math.max(1, Number(count)) }
  if (/^\/tools[.!?]*$/i.test(said)) return { kind: 'tools' }
  const [, tool, given = ''] = USE.exec(said) ?? []
  return tool === undefined ? { kind: 'text' } : { kind: 'use', tool, given }
}

async function* answerTo(question: Question, signal: AbortSignal, means: GuideMeans | null) {
  try {
    const text = yield* doneFor(wishOf(question.message.body), question, signal, means)
    yield* say(restOf(text, question.begun), signal)
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof ToolFailed)) throw error
    yield* say(`${error.message}.`, signal)
  }
}

/** Does what is wished for, and returns what there is to say of it. Throws ToolFailed. */
async function* doneFor(
  wish: Wish,
  question: Question,
  signal: AbortSignal,
  means: GuideMeans | null,
): AsyncGenerator<AgentEvent, string, void> {
  if (wish.kind === 'text') return replyTo(question)
  if (!means) return `I can't do that here. ${MORE}`
  if (question.asker.role === 'guest' && wish.kind !== 'tools' && wish.kind !== 'use')
    return 'I do that only for people with an account here.'
  switch (wish.kind) {
    case 'search':
      return foundText(wish.text, question, means)
    case 'summary':
      return summaryText(wish.count, question, means)
    case 'tools':
      return toolsText(question, signal, means)
    case 'use': {
      const args = argumentsIn(wish.given)
      if (args === undefined) return `What follows ${wish.tool} is no JSON. It has to look like {"argument": "value"}.`
      return yield* useTool(wish.tool, args, question, signal, means)
    }
    default:
      return wish satisfies never
  }
}

async function* say(text: string, signal: AbortSignal): AsyncGenerator<AgentEvent, void, void> {
  for (const part of partsOf(text)) {
    if (signal.aborted) break
    yield { type: 'text', text: part }
  }
  yield { type: 'usage', usage: { model: GUIDE_MODEL, tokens: text.split(/\s+/).length, cost: null } }
}

/** What came of a use of a tool that was approved. */
export const reportOf = ({ tool, performed }: Pick<Ran, 'tool' | 'performed'>): string =>
  performed.state === 'waiting' ? `${tool} waits:\n${shownValue(toldOf(performed))}` : outcomeText(tool, performed)

/** What follows what was said of it already. An answer that does not begin so is given from its beginning. */
const restOf = (text: string, begun: string | null): string =>
  begun !== null && text.startsWith(begun) ? text.slice(begun.length) : text

function replyTo({ message, asker, run }: Question): string {
  const said = withoutMention(message.body)
  if (said === '' || /^(\/help|help)[.!?]*$/i.test(said)) return HELP
  if (/^(hi|hello|hey|good (morning|evening|day))\b[^?]*$/i.test(said)) return `Hello${nameOf(asker)}! ${WHO} ${MORE}`
  const [, repeated] = /^\/repeat\s+(.+)$/su.exec(said) ?? []
  if (repeated !== undefined) return repeated
  return dateAnswer(said, run.startedAt) ?? sumText(said) ?? unknownText(said)
}

function sumText(said: string): string | undefined {
  const sum = sumOf(said)
  return sum === undefined ? undefined : `${said.replace(/\s*=\s*\??$/, '')} = ${Number(sum.toPrecision(12))}`
}

const unknownText = (said: string): string =>
  `You wrote: “${shortened(said, QUOTE_MAX)}”\nNo language model is connected to this server, so I can't answer that. ${WHO} ${MORE}\n${BETTER}`

const nameOf = ({ role, name }: User): string => (role === 'guest' ? '' : ` ${name}`)

const withoutMention = (text: string): string => text.replace(/^\s*@(ai )?assistant\b[\s,:]*/i, '').trim()
