export type { BackoffOptions } from './backoff.ts'
export type { Clock } from './clock.ts'
export type { Listener } from './emitter.ts'
export {
  AuthenticationError,
  ConflictError,
  type ErrorResponse,
  NetworkError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TimeoutError,
  TokenBowlError,
  ValidationError,
  ValueError,
} from './errors.ts'
export {
  type AccountFields,
  type BotFields,
  type ConversationFields,
  type HistoryPage,
  type Page,
  TokenBowlClient,
  TokenBowlClient as AsyncTokenBowlClient,
  type TokenBowlClientOptions,
} from './token-bowl/client.ts'
export type {
  ReconnectOptions,
  TokenBowlEvents,
  TokenBowlHandlers,
  TokenBowlOptions,
  TokenBowlWebSocketOptions,
} from './token-bowl/options.ts'
export { TokenBowlWebSocket } from './token-bowl/socket.ts'
export type * from './token-bowl/types.ts'
