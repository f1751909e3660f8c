'use client'

export type { AgentAnswer, AgentMessage, AgentProblem, AgentQuestion, AgentTool } from '../agents/conversation.ts'
export type { AgentConnection, AgentSessionState, SessionStorage } from '../agents/session.ts'
export { type AgentSessionView, type UseAgentSessionOptions, useAgentSession } from './agents.ts'
export { type Timeline, useMessages } from './messages.ts'
export { type PresenceView, usePresence } from './presence.ts'
export { ChatProvider, type ChatProviderProps, useChat, useConnection } from './provider.ts'
export {
  type RoomView,
  type UseRoomOptions,
  useRoom,
  useRooms,
  useRuns,
  useTyping,
  useUnread,
} from './rooms.ts'
export { type RunTool, type RunView, useRun } from './runs.ts'
export { type Upload, type Uploads, useUpload } from './uploads.ts'
