import type { Statistics, Tools } from '@parley/protocol/assistant/endpoints'
import type { Tally } from '../../protocols/assistant/view.ts'
import type { OpenSockets } from '../endpoint.ts'

/** What the assistant's endpoints tell of, and of what. */
export interface AssistantState {
  /** What answers. */
  readonly model: string
  readonly tally: Tally
  /** What is known now of the tools that it may use. */
  readonly tools: () => Tools
  /** Connections at one time, and seconds without a frame after which one ends. */
  readonly maxSessions: number
  readonly sessionTimeout: number
  readonly isProofRequired: boolean
  readonly authTypes: readonly string[]
}

/** Numbers at `now`. */
export function statisticsOf(state: AssistantState, sockets: OpenSockets, now: number): Statistics {
  const open = sockets.connections().filter(({ view }) => view === 'assistant')
  const { sessions, frames, questions, failures } = state.tally
  const seconds = open.reduce((sum, { openedAt }) => sum + Math.max(0, now - openedAt) / 1000, 0)
  return {
    websocket: { total_messages_handled: frames, total_tool_calls_executed: 0, total_errors: failures },
    sessions: {
      active_sessions: open.length,
      total_sessions_created: sessions,
      total_messages_processed: questions,
      average_session_duration_seconds: open.length === 0 ? 0 : seconds / open.length,
      average_messages_per_session: sessions === 0 ? 0 : questions / sessions,
      unique_users: new Set(open.map(({ userId }) => userId)).size,
      max_sessions: state.maxSessions,
      session_timeout: state.sessionTimeout,
    },
    tools: state.tools().statistics,
  }
}
