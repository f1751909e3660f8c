import type { BackoffOptions } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Emitter } from '../emitter.ts'
import type { MessageResponse, UnreadCountResponse } from './types.ts'

/** What both clients take. Everything is optional. */
export interface TokenBowlOptions {
  /** Default: the environment variable `TOKEN_BOWL_CHAT_API_KEY`. */
  apiKey?: string | undefined
  /** Default: the environment variable `TOKEN_BOWL_BASE_URL`, else the server on this machine, port 8000. */
  baseUrl?: string | undefined
  /** Longest wait for a connection or an answer, in milliseconds. Default 30,000. */
  timeout?: number | undefined
  /** Time and chance, for tests. */
  clock?: Clock | undefined
}

/** How a lost connection is brought back. */
export interface ReconnectOptions extends BackoffOptions {
  /** Failed attempts in a row after which it gives up. Default: never. */
  attempts?: number
}

/** What a TokenBowlWebSocket tells of. An answered promise is not waited for; its rejection goes to `onError`. */
export interface TokenBowlHandlers {
  /** A message of somebody else: in the room, or direct to us. */
  onMessage?(message: MessageResponse): unknown
  /** `readBy` read a message of ours, at `readAt` (ISO 8601; null from a server that does not tell). */
  onReadReceipt?(messageId: string, readBy: string, readAt: string | null): unknown
  /** The answer to `getUnreadCount()`. */
  onUnreadCount?(count: UnreadCountResponse): unknown
  /** Somebody is typing: to us, or in the room when `toUsername` is null. Nothing tells that they stopped. */
  onTyping?(username: string, toUsername: string | null): unknown
  /** The server stored a message of ours; here is the id it got. */
  onMessageSent?(message: MessageResponse): unknown
  onConnect?(): unknown
  /** Once for each connection, whoever ended it. */
  onDisconnect?(): unknown
  /** A lost connection (NetworkError), an error frame of the server, a malformed message, or what a callback threw. */
  onError?(error: Error): unknown
}

/** What a TokenBowlWebSocket takes. Everything is optional. */
export interface TokenBowlWebSocketOptions extends TokenBowlOptions, TokenBowlHandlers {
  /** An object whose methods are called as callbacks, with it as `this`. */
  handlers?: TokenBowlHandlers | undefined
  /**
   * Come back after a lost connection, with growing waits, and deliver every message of the meantime once. Default: no.
   */
  reconnect?: boolean | ReconnectOptions | undefined
}

/** Events and what their listeners are called with. */
export type TokenBowlEvents = {
  message: [message: MessageResponse]
  readReceipt: [messageId: string, readBy: string, readAt: string | null]
  unreadCount: [count: UnreadCountResponse]
  typing: [username: string, toUsername: string | null]
  messageSent: [message: MessageResponse]
  connect: []
  disconnect: []
  error: [error: Error]
}

/** Adds the methods of `handlers` to `emitter`, each called with `handlers` as `this`. */
export function subscribe(emitter: Emitter<TokenBowlEvents>, handlers: TokenBowlHandlers): void {
  const { onMessage, onReadReceipt, onUnreadCount, onTyping, onMessageSent } = handlers
  const { onConnect, onDisconnect, onError } = handlers
  if (onMessage) emitter.on('message', onMessage.bind(handlers))
  if (onReadReceipt) emitter.on('readReceipt', onReadReceipt.bind(handlers))
  if (onUnreadCount) emitter.on('unreadCount', onUnreadCount.bind(handlers))
  if (onTyping) emitter.on('typing', onTyping.bind(handlers))
  if (onMessageSent) emitter.on('messageSent', onMessageSent.bind(handlers))
  if (onConnect) emitter.on('connect', onConnect.bind(handlers))
  if (onDisconnect) emitter.on('disconnect', onDisconnect.bind(handlers))
  if (onError) emitter.on('error', onError.bind(handlers))
}
