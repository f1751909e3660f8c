/** A frame of the server. Those of a newer server may have types that are not here. */
export type AssistantFrame =
  | { readonly type: 'connection_established'; readonly session_id: string; readonly message: string }
  | { readonly type: 'typing'; readonly message: string }
  | AiResponse
  | { readonly type: 'auth_configured'; readonly auth_type: string; readonly message: string }
  | { readonly type: 'auth_response'; readonly success: boolean; readonly message?: string }
  | { readonly type: 'auth_failed'; readonly message: string }
  | { readonly type: 'history'; readonly messages: readonly HistoryItem[] }
  | { readonly type: 'history_cleared'; readonly message: string }
  | { readonly type: 'pong' }
  | { readonly type: 'logout_success'; readonly message: string }
  | { readonly type: 'error'; readonly message: string }

export interface AiResponse {
  readonly type: 'ai_response'
  readonly message: string
  /** Absent where it failed. */
  readonly tool_calls?: readonly ToolCall[]
  readonly tool_results?: readonly ToolResult[]
  readonly metadata?: Readonly<Record<string, unknown>>
  /** There is no answer; `message` says why. */
  readonly error?: boolean
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface ToolResult {
  readonly tool_call_id: string
  readonly name: string
  readonly result?: unknown
  readonly error?: string
}

export interface HistoryItem {
  readonly role: 'user' | 'assistant' | 'system' | 'tool'
  readonly content: string
  /** ISO 8601. */
  readonly timestamp: string
  readonly tool_calls: readonly ToolCall[] | null
  readonly tool_results: readonly ToolResult[] | null
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Reads a frame; what is inside is what the server promises. Throws what is wrong with it, in words. */
export function readAssistantFrame(text: string): AssistantFrame {
  const frame: unknown = JSON.parse(text)
  const { type } = Object(frame) as { type?: unknown } // checked here
  if (typeof type !== 'string') throw new TypeError('a frame is an object with a type')
  return frame as AssistantFrame
}
