import type {
  AnswerFrame,
  AuthConfiguredFrame,
  AuthFailedFrame,
  AuthResponseFrame,
  ClearedFrame,
  ConnectedFrame,
  DownFrame,
  ErrorFrame,
  FailedAnswerFrame,
  HistoryFrame,
  HistoryItem,
  LoggedOutFrame,
  Metadata,
  PongFrame,
  TypingFrame,
} from '@parley/protocol/assistant/down'
import { PREFIXES, TEXTS } from '@parley/protocol/assistant/limits'
import type { ShownMessage } from '../../core/message.ts'
import type { Run } from '../../core/run.ts'
import { timestamp } from '../timestamp.ts'
import type { Tools } from './tools.ts'

const now = () => ({ timestamp: timestamp(Date.now()) })

/** A frame as text. */
export const text = (frame: DownFrame): string => JSON.stringify(frame)

export const connected = (session: string, at: number): ConnectedFrame => ({
  type: 'connection_established',
  session_id: session,
  message: TEXTS.connected,
  timestamp: timestamp(at),
})

export const typing = (message: string): TypingFrame => ({ type: 'typing', message, ...now() })
export const pong = (): PongFrame => ({ type: 'pong', ...now() })
export const cleared = (): ClearedFrame => ({ type: 'history_cleared', message: TEXTS.cleared, ...now() })
export const loggedOut = (): LoggedOutFrame => ({ type: 'logout_success', message: TEXTS.loggedOut, ...now() })
export const error = (message: string): ErrorFrame => ({ type: 'error', message, ...now() })

export const history = (messages: HistoryItem[]): HistoryFrame => ({ type: 'history', messages, ...now() })

export const authConfigured = (type: AuthConfiguredFrame['auth_type']): AuthConfiguredFrame => ({
  type: 'auth_configured',
  auth_type: type,
  message: `${PREFIXES.configured}${type}`,
  ...now(),
})

export const authFailed = (type: AuthFailedFrame['auth_type'], message: string): AuthFailedFrame => ({
  type: 'auth_failed',
  auth_type: type,
  message,
  ...now(),
})

export const authResponse = (success: boolean, message: string): AuthResponseFrame => ({
  type: 'auth_response',
  success,
  message,
  ...now(),
})

/** One message of the past, behind an item for each round of tools that led to it. */
export function historyItems({ message, sender, run }: ShownMessage, tools: Tools): readonly HistoryItem[] {
  const isAnswer = sender.role === 'agent'
  const at = timestamp(message.at)
  const rounds = tools.rounds.map(
    ({ calls, results }): HistoryItem => ({
      ...{ role: 'tool', content: '', timestamp: at, tool_calls: [...calls], tool_results: [...results], metadata: {} },
    }),
  )
  const item: HistoryItem = {
    role: message.kind === 'system' ? 'system' : isAnswer ? 'assistant' : 'user',
    content: message.body,
    timestamp: at,
    tool_calls: null,
    tool_results: null,
    metadata: isAnswer ? (run ? metadataOf(run, tools) : {}) : { source: 'websocket' },
  }
  return [...rounds, item]
}

/** Why a run stopped, in the words of model APIs. */
const REASONS = { completed: 'end_turn', cancelled: 'cancelled', failed: 'error', interrupted: 'interrupted' } as const

function metadataOf({ end }: Run, { rounds }: Tools): Metadata {
  if (!end) return {}
  const calls = rounds.reduce((sum, round) => sum + round.calls.length, 0)
  const { usage, state } = end
  return {
    ...(usage && { model: usage.model, usage: { total_tokens: usage.tokens, cost_usd: usage.cost } }),
    stop_reason: REASONS[state],
    ...(calls > 0 && { tool_call_rounds: rounds.length, total_tool_calls: calls }),
  }
}

/**
 * What a run came to: its text with the results of all its tools, and the calls that wait for the asker's word; or in words for
 * people that there is none.
 */
export function answer(run: Run, message: string, tools: Tools): AnswerFrame | FailedAnswerFrame {
  const metadata = metadataOf(run, tools)
  const state = run.end?.state
  if (state === 'completed' || (state === 'cancelled' && message !== '')) {
    const results = tools.rounds.flatMap(round => round.results)
    return { type: 'ai_response', message, tool_calls: [...tools.waiting], tool_results: results, metadata, ...now() }
  }
  return noAnswer(apologyOf(run, message !== ''), metadata)
}

/** The answer where there is none. */
export const noAnswer = (message: string, metadata: Metadata = {}): FailedAnswerFrame => ({
  type: 'ai_response',
  message,
  error: true,
  metadata,
  ...now(),
})

export const SORRY = "I'm sorry, I can't answer right now. Please try again later."

/** Where the answer is made to its end by the next process. */
export const LATER = 'The server is restarting. The answer will be in the history when you are back.'

function apologyOf({ end }: Run, hasText: boolean): string {
  if (!end) return SORRY
  switch (end.state) {
    case 'failed':
      return end.fault === null ? SORRY : `I'm sorry, I could not answer: ${end.fault}`
    case 'interrupted':
      return `I'm sorry, the server stopped before I had finished. Send ${hasText ? '/continue for the rest' : '/regenerate for the answer'}.`
    case 'cancelled':
      return "I'm sorry, the answer was cancelled."
    case 'completed':
      return SORRY
    default:
      return end.state satisfies never
  }
}
