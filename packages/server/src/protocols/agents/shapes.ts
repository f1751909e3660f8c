import type {
  CompletionFrame,
  DownFrame,
  ErrorFrame,
  ModelSwitchedFrame,
  RestoredFrame,
  SessionItem,
} from '@parley/protocol/agents/down'
import { ERROR_TEXTS, type ErrorCode } from '@parley/protocol/agents/limits'
import type { RestoredSession, RunningAnswer } from '../../core/commands/team-sessions.ts'
import type { ShownMessage } from '../../core/message.ts'
import { timestamp } from '../timestamp.ts'

const now = () => ({ timestamp: timestamp(Date.now()) })

/** A frame as text. */
export const text = (frame: DownFrame): string => JSON.stringify(frame)

export const pong = (): string => text({ type: 'pong', ...now() })

/** `more` is what comes behind the text of the code. */
export function error(code: ErrorCode, more = '', details: ErrorFrame['details'] = {}, at = Date.now()): string {
  const message = `${ERROR_TEXTS[code]}${more}`
  return text({
    type: 'error',
    error_code: code,
    message,
    error: message,
    content: message,
    details,
    timestamp: timestamp(at),
  })
}

export const completed = (message: string, results: CompletionFrame['results'], at: number): CompletionFrame => ({
  type: 'completion',
  message,
  results,
  timestamp: timestamp(at),
})

export const modelSwitched = (before: string, current: string): ModelSwitchedFrame => ({
  type: 'model_switched',
  previous_model: before,
  current_model: current,
  message: before === current ? `The model is still ${current}` : `Switched from ${before} to ${current}`,
  ...now(),
})

/** What was said in a session, and what is being said. */
export function restored(session: string, found: RestoredSession, standardModel: string): RestoredFrame {
  const { items, model, running } = found
  const said = items.filter(({ message }) => message.kind === 'text').map(itemOf)
  return {
    type: 'session_restored',
    session_id: session,
    messages: running ? [...said, runningItem(running)] : said,
    current_model: model ?? standardModel,
    current_agent: running?.by ?? said.findLast(({ role }) => role === 'assistant')?.agent ?? null,
    ...now(),
  }
}

function itemOf({ message, sender, run }: ShownMessage): SessionItem {
  const isAnswer = sender.role === 'agent'
  return {
    role: isAnswer ? 'assistant' : 'user',
    content: message.body,
    agent: isAnswer ? (run?.end?.by ?? sender.name) : null,
    timestamp: timestamp(message.at),
  }
}

const runningItem = ({ run, text: content, by, chunk }: RunningAnswer): SessionItem => ({
  role: 'assistant',
  content,
  agent: by,
  timestamp: timestamp(run.startedAt),
  streaming: true,
  chunk_id: chunk,
})
