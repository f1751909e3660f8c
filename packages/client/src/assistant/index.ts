export { WebSocketChatClient, type WebSocketChatClientOptions } from './client.ts'
export { AuthType, WebSocketConfig, type WebSocketConfigOptions } from './config.ts'
export type { AiResponse, AssistantFrame, HistoryItem, ToolCall, ToolResult } from './frames.ts'
