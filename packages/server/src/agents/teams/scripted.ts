import type { AgentEvent, Question } from '../../core/ports/agents.ts'
import type { CarryingOn } from '../deciding.ts'
import { GUIDE_MODEL, reportOf } from '../guide.ts'
import { partsOf } from '../parts.ts'
import { Details } from '../tools/cut.ts'
import { gatherTools } from '../tools/gather.ts'
import { type PerformPorts, perform } from '../tools/perform.ts'
import type { ToolSource } from '../tools/tool.ts'
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
    for await (const step of stepsOf(perform(call, place, signal, settings))) {
      results.hear(step)
      yield step
    }
  }
  yield { type: 'usage', usage: { model: GUIDE_MODEL, tokens: words, cost: null } }
  yield results.event(fill(cast.at(-1)?.script.done ?? '', request), GUIDE_MODEL)
}

/** Steps alone, of what gives a result besides. */
async function* stepsOf<T>(from: AsyncGenerator<T, unknown, void>): AsyncGenerator<T, void, void> {
  yield* from
}

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
