export type {
  ChunkFrame,
  CompletionFrame,
  DownFrame,
  ErrorFrame,
  ModelSwitchedFrame,
  RestoredFrame,
  SwitchFrame,
  ToolFrame,
} from '@parley/protocol/agents/down'
export type { Clock } from '../clock.ts'
export { MessageBatcher } from './batcher.ts'
export { RateLimiter, validateMessage } from './checks.ts'
export type { AgentAnswer, AgentMessage, AgentProblem, AgentQuestion, AgentTool } from './conversation.ts'
export { ConnectionManager, type ManagedConnection } from './manager.ts'
export { type RobustOptions, RobustWebSocket } from './robust.ts'
export {
  type AgentConnection,
  AgentSession,
  type AgentSessionOptions,
  type AgentSessionState,
  type SessionStorage,
} from './session.ts'
export {
  type AgentsFault,
  type AgentsOptions,
  BooksWriterWebSocket,
  type ConnectionFault,
  type Message,
} from './socket.ts'
