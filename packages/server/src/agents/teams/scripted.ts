import type { AgentEvent, Question } from '../../core/ports/agents.ts'
import type { CarryingOn } from '../deciding.ts'
import { GUIDE_MODEL, reportOf } from '../guide.ts'
import { partsOf } from '../parts.ts'
import { Details } from '../tools/cut.ts'
import { gatherTools } from '../tools/gather.ts'
import { type Performed, type PerformPorts, perform, type ToolStep } from '../tools/perform.ts'
import type { ToolSource } from '../tools/tool.ts'
import { waitingText } from '../waiting.ts'
import { fill, fillAll, holds } from './fill.ts'
import { Results } from './results.ts'
import type { Team, TeamAgent } from './team.ts'

export interface ScriptedSettings extends PerformPorts {
  readonly sources: readonly ToolSource[]
}

/**
 * A team where no model is connected: who is to answer is told by words of the request, and everybody says what the file has
 * for that. The same request gets the same text, and what it saves is saved.
 */
export const createScriptedTeam = (team: Team, settings: ScriptedSettings): CarryingOn => ({
  answer: (question, signal) => play(team, question, signal, settings),
  async *carryOn(_, ran) {
    for (const part of partsOf(reportOf(ran))) yield { type: 'text', text: part, by: team.entry.name }
  },
})

async function* play(
  team: Team,
  question: Question,
  signal: AbortSignal,
  settings: ScriptedSettings,
): AsyncGenerator<AgentEvent, void, void> {
  const { body } = question.message
  const request = withoutName(body, team.name)
  const results = new Results()
  const place = {
    question,
    tools: await gatherTools(settings.sources, question, signal, settings),
    details: new Details(),
  }
  const cast = castFor(team, request)
  let words = 0
  let failed: string | undefined
  for (const [at, agent] of cast.entries()) {
    const before = cast[at - 1]
    if (before) yield { type: 'switch', from: before.name, to: agent.name, reason: reasonFor(agent) }
    results.use(agent)
    for (const part of sayings(agent, request, at > 0)) {
      if (signal.aborted) return
      words += part.trim().split(/\s+/).length
      yield { type: 'text', text: part, by: agent.name }
    }
    const { uses } = agent.script
    if (!uses) continue
    const call = { id: `call-${at}`, name: uses.tool, args: fillAll(uses.arguments, request) }
    const performed = yield* heard(perform(call, place, signal, settings), results)
    if (performed.state === 'completed') continue
    if (performed.state === 'failed') failed ??= uses.tool
    const text = leftOpen(uses.tool, performed, question)
    for (const part of partsOf(`\n\n${text}`)) yield { type: 'text', text: part, by: agent.name }
  }
  yield { type: 'usage', usage: { model: GUIDE_MODEL, tokens: words, cost: null } }
  const done = fill(cast.at(-1)?.script.done ?? '', request)
  yield results.event(failed === undefined ? done : `${failed} failed`, GUIDE_MODEL)
}

/** The steps of a use, told to `results` as well. */
async function* heard(
  from: AsyncGenerator<ToolStep, Performed, void>,
  results: Results,
): AsyncGenerator<ToolStep, Performed, void> {
  try {
    for (;;) {
      const { done, value } = await from.next()
      if (done) return value
      results.hear(value)
      yield value
    }
  } finally {
    // Lets go of the tool where nobody listens any more. What it returns then nobody reads.
    await from.return(undefined as never)
  }
}

/** What is said of a use that is not done. */
const leftOpen = (tool: string, performed: Performed, question: Question): string =>
  performed.state === 'waiting' ? waitingText([performed], question) : reportOf({ tool, performed })

/** Who answers a request: whoever begins, then everybody whose words are in it. */
function castFor({ entry, agents, limits }: Team, request: string): readonly TeamAgent[] {
  const asked = [...agents.values()].filter(agent => agent !== entry && holds(request, agent.script.when))
  return [entry, ...asked.slice(0, limits.switches)]
}

const reasonFor = ({ script, description }: TeamAgent): string => (script.when.length > 0 ? description : 'Goes on')

function* sayings({ script }: TeamAgent, request: string, isLater: boolean): Generator<string, void, void> {
  for (const [at, said] of script.says.entries()) {
    const text = fill(said, request)
    if (text !== '') yield* partsOf(at > 0 || isLater ? `\n\n${text}` : text)
  }
}

const withoutName = (text: string, name: string): string => {
  const [first = '', ...rest] = text.trim().split(/[\s,:]+/)
  return first.toLowerCase() === `@${name}`
    ? text
        .trim()
        .slice(first.length)
        .replace(/^[\s,:]+/, '') || rest.join(' ')
    : text.trim()
}
