import { type Json, type JsonObject, type Tool, type ToolCall, ToolFailed } from '../tools/tool.ts'
import type { Team, TeamAgent } from './team.ts'

const ABOUT_MAX = 4_000

/** What an agent says to something it is asked about. */
export type AskAgent = (agent: TeamAgent, about: string, signal: AbortSignal) => Promise<string>

/** The tool by which an agent asks others, side by side, and keeps the work; undefined where it may ask nobody. */
export function consultTool({ agents }: Team, asker: TeamAgent, ask: AskAgent): Tool | undefined {
  const who = asker.consults.flatMap(key => agents.get(key) ?? [])
  if (who.length === 0) return undefined
  return {
    name: 'consult',
    description: `Asks other agents of the team, who answer you side by side. ${who.map(({ key, description }) => `${key}: ${description}`).join(' ')}`,
    parameters: {
      type: 'object',
      properties: {
        agents: {
          type: 'array',
          items: { type: 'string', enum: who.map(({ key }) => key) },
          minItems: 1,
          maxItems: who.length,
        },
        about: { type: 'string', description: 'What they are to look at, whole.', minLength: 1, maxLength: ABOUT_MAX },
      },
      required: ['agents', 'about'],
      additionalProperties: false,
    },
    effect: 'read',
    isPersonal: false,
    timeLimit: Math.max(...who.map(({ silence }) => silence)) * 4,
    run: (args, call) => consult(who, args, call, ask),
  }
}

async function consult(who: readonly TeamAgent[], args: JsonObject, call: ToolCall, ask: AskAgent): Promise<Json> {
  const keys: readonly unknown[] = Array.isArray(args.agents) ? args.agents : []
  const asked = who.filter(({ key }) => keys.includes(key))
  let answered = 0
  call.progress(`Asking ${asked.map(({ name }) => name).join(', ')}...`, 0)
  const answers = await Promise.allSettled(
    asked.map(async agent => {
      const text = await ask(agent, String(args.about), call.signal)
      call.progress(`${agent.name} has answered`, ++answered / asked.length)
      return text
    }),
  )
  const told = asked.map(({ key }, at) => [key, wordsOf(answers[at])] as const)
  if (answers.every(({ status }) => status === 'rejected')) throw new ToolFailed('None of them answered')
  return Object.fromEntries(told)
}

const wordsOf = (answer: PromiseSettledResult<string> | undefined): Json =>
  answer?.status === 'fulfilled' ? { answer: answer.value } : { error: 'did not answer' }
