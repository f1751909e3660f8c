import type { AiResponse, AssistantFrame, HistoryItem, ToolCall, ToolResult } from '@parley/client/assistant'
import { note, said } from '../screen/paper.ts'
import { span } from '../text/line.ts'
import { safe, safeLine } from '../text/safe.ts'
import type { Paragraph } from '../text/wrap.ts'

export const you = (text: string): Paragraph => said([span('You: ', 'own')], safe(text))
export const problem = (text: string): Paragraph => note(`Error: ${safe(text)}`, 'error')

/** What is said of a frame; empty where nothing is. */
export function phrase(frame: AssistantFrame): readonly Paragraph[] {
  switch (frame.type) {
    case 'connection_established':
      return [note(`Connected: ${safeLine(frame.session_id)}`)]
    case 'ai_response':
      return answer(frame)
    case 'history':
      return frame.messages.length === 0 ? [note('Nothing was said so far.')] : frame.messages.map(item)
    case 'auth_response':
      // A failure is told as an error.
      return frame.success ? [note(safe(frame.message ?? 'Authentication successful'))] : []
    case 'history_cleared':
    case 'logout_success':
      return [note(safe(frame.message))]
    case 'pong':
      return [note('Pong.')]
    case 'error':
      return [problem(frame.message)]
    case 'typing':
    case 'auth_configured':
    case 'auth_failed':
      return []
    default:
      return [other(frame)]
  }
}

function answer({ message, tool_calls = [], tool_results = [], error }: AiResponse): readonly Paragraph[] {
  const text = safe(message)
  const lead = [span('Assistant: ', 'name')]
  return [
    ...tool_results.map(used),
    ...tool_calls.map(wanted),
    error ? { ...said(lead, text), tone: 'error' } : said(lead, text),
  ]
}

const used = ({ name, error }: ToolResult): Paragraph =>
  note(`(used ${safeLine(name)}${error === undefined ? '' : `, which failed: ${safeLine(error)}`})`)

const wanted = ({ name, arguments: given }: ToolCall): Paragraph =>
  note(`(wants to use ${safeLine(name)} with ${safeLine(JSON.stringify(given))})`)

const NAMES = { user: 'You', assistant: 'Assistant', system: 'System', tool: 'Tool' } as const

function item({ role, content, tool_calls, tool_results }: HistoryItem): Paragraph {
  if (role === 'tool')
    return note(`  (used ${safeLine((tool_results ?? tool_calls ?? []).map(({ name }) => name).join(', '))})`)
  const name = Object.hasOwn(NAMES, role) ? NAMES[role] : safeLine(role)
  return said([span(`  ${name}: `, role === 'user' ? 'own' : 'name')], safe(content))
}

/** Of a newer server. */
const other = (frame: object): Paragraph => note(safe(JSON.stringify(frame)))
