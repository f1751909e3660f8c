import { isJsonObject } from '../../core/json.ts'
import type { Question } from '../../core/ports/agents.ts'
import { Details } from '../tools/cut.ts'
import { gatherTools } from '../tools/gather.ts'
import { type Performed, perform, type ToolStep } from '../tools/perform.ts'
import type { Json, JsonObject, Tool } from '../tools/tool.ts'
import { waitingText } from '../waiting.ts'
import type { GuideMeans } from './means.ts'
import { shownValue } from './shown.ts'
import { shortened } from './telling.ts'

/** Tools that are listed, and how much of what each is for. */
const LISTED_MAX = 40
const PURPOSE_MAX = 100

/** The tools that the asker may use there. */
export async function toolsText(question: Question, signal: AbortSignal, means: GuideMeans): Promise<string> {
  const tools = [...(await gatherTools(means.sources, question, signal, means)).values()]
  if (tools.length === 0) return 'There are no tools for you here.'
  const left = tools.length - LISTED_MAX
  return [
    'Tools that you may use here, with: /use NAME {"argument": "value"}',
    ...tools.slice(0, LISTED_MAX).map(lineOf),
    ...(left > 0 ? [`… and ${left} more`] : []),
  ].join('\n')
}

const lineOf = ({ name, effect, description, parameters }: Tool): string => {
  const asks = effect === 'write' ? ', after you approve it' : ''
  return `- ${name}${argumentsOf(parameters)}${asks}: ${shortened(description.replaceAll(/\s+/g, ' '), PURPOSE_MAX)}`
}

function argumentsOf({ properties = {} }: JsonObject): string {
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  return names.length === 0 ? '' : ` (${names.slice(0, 8).join(', ')})`
}

/** What the asker wrote after the name of a tool; undefined for what is no JSON. */
export function argumentsIn(text: string): Json | undefined {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Does exactly that call, and returns what came of it, in words. */
export async function* useTool(
  name: string,
  args: Json,
  question: Question,
  signal: AbortSignal,
  means: GuideMeans,
): AsyncGenerator<ToolStep, string, void> {
  const tools = await gatherTools(means.sources, question, signal, means)
  const details = new Details()
  const call = { id: details.newCall(), name, args }
  const performed = yield* perform(call, { question, tools, details }, signal, means)
  return performed.state === 'waiting' ? waitingText([performed], question) : outcomeText(name, performed)
}

/** What came of a use of a tool. */
export function outcomeText(tool: string, performed: Exclude<Performed, { readonly state: 'waiting' }>): string {
  if (performed.state === 'completed') return `${tool} gave:\n${shownValue(performed.value)}`
  const { error, why } = performed
  return `${tool} failed: ${why === null ? error : `${error}: ${why}`}`
}
