import { HTTP_TIMEOUT_MS } from '@parley/protocol/token-bowl/limits'
import { systemClock } from '../clock.ts'
import { AuthenticationError } from '../errors.ts'
import { createHttp, type Http, type HttpRequest } from '../http.ts'
import { errorOf } from './answers.ts'
import type { TokenBowlOptions } from './options.ts'
import { keyOf, placeOf } from './place.ts'
import type {
  AdminUserPatch,
  BotCreated,
  BotProfile,
  Connections,
  ConversationResponse,
  Health,
  Invited,
  KeyRegenerated,
  LogoUpdated,
  MagicLinkSent,
  MarkedAll,
  MessageResponse,
  PaginatedConversations,
  PaginatedMessages,
  PublicUser,
  Receipts,
  Registered,
  Role,
  RoleAssigned,
  SignedIn,
  UnreadCountResponse,
  UserProfile,
  WebhookUpdated,
} from './types.ts'

/** What a TokenBowlClient takes. Everything is optional. */
export interface TokenBowlClientOptions extends TokenBowlOptions {
  /** Aborts every request of this client; they reject with NetworkError. */
  signal?: AbortSignal | undefined
}

/** Which part of a list. */
export interface Page {
  limit?: number
  offset?: number
}

/** Which part of a history. */
export interface HistoryPage extends Page {
  /** Only what is strictly later. */
  since?: Date | string | undefined
}

/** What is told of a new account beside its name. */
export interface AccountFields {
  webhookUrl?: string | null
  /** One of `getAvailableLogos()`. */
  logo?: string | null
  emoji?: string | null
}

/** What can be set of a bot beside its name. */
export interface BotFields {
  emoji?: string | null
  webhookUrl?: string | null
}

/** What can be set of a conversation. */
export interface ConversationFields {
  title?: string | null
  description?: string | null
  messageIds?: readonly string[]
}

/**
 * Token Bowl Chat over HTTP: one method for each endpoint. Methods resolve with the body of the answer, whose fields keep
 * their names. They reject with the error class of the status (`errors.ts`), with NetworkError or TimeoutError when there
 * was no answer, and with AuthenticationError, before any request, when they need a key and there is none.
 */
export class TokenBowlClient {
  readonly #http: Http
  readonly #hasKey: boolean

  constructor(options: TokenBowlClientOptions = {}) {
    const { timeout = HTTP_TIMEOUT_MS, clock = systemClock, signal } = options
    const apiKey = keyOf(options.apiKey)
    this.#hasKey = apiKey !== undefined
    const headers = apiKey === undefined ? {} : { 'X-API-Key': apiKey }
    this.#http = createHttp({ baseUrl: placeOf(options.baseUrl).http, headers, timeout, clock, signal })
  }

  // --- accounts

  /** Makes an account. The key in the answer is what the other methods and TokenBowlWebSocket need. */
  register(username: string, fields: AccountFields = {}): Promise<Registered> {
    const body = { username, webhook_url: fields.webhookUrl, logo: fields.logo, emoji: fields.emoji }
    return this.#public({ method: 'POST', path: ['register'], body })
  }

  /** Mails a link to sign in with. */
  sendMagicLink(email: string, username?: string): Promise<MagicLinkSent> {
    return this.#public({ method: 'POST', path: ['auth', 'magic-link', 'send'], body: { email, username } })
  }

  /** Signs in with the token of a mailed link. */
  authenticateMagicLink(token: string): Promise<SignedIn> {
    return this.#public({ method: 'POST', path: ['auth', 'magic-link', 'authenticate'], body: { token } })
  }

  getMyProfile(): Promise<UserProfile> {
    return this.#keyed({ method: 'GET', path: ['users', 'me'] })
  }

  updateMyUsername(username: string): Promise<UserProfile> {
    return this.#keyed({ method: 'PATCH', path: ['users', 'me', 'username'], body: { username } })
  }

  /** Null clears. */
  updateMyWebhook(webhookUrl: string | null): Promise<WebhookUpdated> {
    return this.#keyed({ method: 'PATCH', path: ['users', 'me', 'webhook'], body: { webhook_url: webhookUrl } })
  }

  /** Null, or nothing, clears. */
  updateMyLogo(logo: string | null = null): Promise<LogoUpdated> {
    return this.#keyed({ method: 'PATCH', path: ['users', 'me', 'logo'], body: { logo } })
  }

  /** The old key is dead at once, for this client too. */
  regenerateApiKey(): Promise<KeyRegenerated> {
    return this.#keyed({ method: 'POST', path: ['users', 'me', 'regenerate-api-key'] })
  }

  getAvailableLogos(): Promise<string[]> {
    return this.#public({ method: 'GET', path: ['logos'] })
  }

  // --- users

  getUsers(): Promise<PublicUser[]> {
    return this.#keyed({ method: 'GET', path: ['users'] })
  }

  getOnlineUsers(): Promise<PublicUser[]> {
    return this.#keyed({ method: 'GET', path: ['users', 'online'] })
  }

  /** By id or name. */
  getUserProfile(userId: string): Promise<PublicUser> {
    return this.#keyed({ method: 'GET', path: ['users', userId] })
  }

  // --- messages

  /** To the room, or to one user. */
  sendMessage(content: string, to: { toUsername?: string | null } = {}): Promise<MessageResponse> {
    return this.#keyed({
      method: 'POST',
      path: ['messages'],
      body: { content, to_username: to.toUsername || undefined },
    })
  }

  /** Messages of the room, newest first. */
  async getMessages(page: HistoryPage = {}): Promise<PaginatedMessages> {
    return this.#keyed({ method: 'GET', path: ['messages'], query: history(page) })
  }

  /** Direct messages sent or received, newest first. */
  async getDirectMessages(page: HistoryPage = {}): Promise<PaginatedMessages> {
    return this.#keyed({ method: 'GET', path: ['messages', 'direct'], query: history(page) })
  }

  /** Unread messages of the room, oldest first. */
  getUnreadMessages({ limit = 50, offset = 0 }: Page = {}): Promise<MessageResponse[]> {
    return this.#keyed({ method: 'GET', path: ['messages', 'unread'], query: { limit, offset } })
  }

  /** Unread direct messages, oldest first. */
  getUnreadDirectMessages({ limit = 50, offset = 0 }: Page = {}): Promise<MessageResponse[]> {
    return this.#keyed({ method: 'GET', path: ['messages', 'direct', 'unread'], query: { limit, offset } })
  }

  getUnreadCount(): Promise<UnreadCountResponse> {
    return this.#keyed({ method: 'GET', path: ['messages', 'unread', 'count'] })
  }

  async markMessageRead(messageId: string): Promise<void> {
    await this.#keyed({ method: 'POST', path: ['messages', messageId, 'read'] })
  }

  /** The room's and the direct ones. */
  markAllMessagesRead(): Promise<MarkedAll> {
    return this.#keyed({ method: 'POST', path: ['messages', 'mark-all-read'] })
  }

  /** Who read a message, and when. For its author and admins. */
  getReceipts(messageId: string): Promise<Receipts> {
    return this.#keyed({ method: 'GET', path: ['messages', messageId, 'receipts'] })
  }

  // --- bots

  createBot(username: string, fields: BotFields = {}): Promise<BotCreated> {
    return this.#keyed({ method: 'POST', path: ['bots'], body: { username, ...botBody(fields) } })
  }

  getMyBots(): Promise<BotProfile[]> {
    return this.#keyed({ method: 'GET', path: ['bots', 'me'] })
  }

  updateBot(botId: string, fields: BotFields): Promise<BotProfile> {
    return this.#keyed({ method: 'PATCH', path: ['bots', botId], body: botBody(fields) })
  }

  async deleteBot(botId: string): Promise<void> {
    await this.#keyed({ method: 'DELETE', path: ['bots', botId] })
  }

  regenerateBotApiKey(botId: string): Promise<KeyRegenerated> {
    return this.#keyed({ method: 'POST', path: ['bots', botId, 'regenerate-api-key'] })
  }

  // --- conversations

  createConversation(fields: ConversationFields = {}): Promise<ConversationResponse> {
    return this.#keyed({ method: 'POST', path: ['conversations'], body: conversationBody(fields) })
  }

  /** Newest first. */
  getConversations({ limit = 100, offset = 0 }: Page = {}): Promise<PaginatedConversations> {
    return this.#keyed({ method: 'GET', path: ['conversations'], query: { limit, offset } })
  }

  getConversation(conversationId: string): Promise<ConversationResponse> {
    return this.#keyed({ method: 'GET', path: ['conversations', conversationId] })
  }

  updateConversation(conversationId: string, fields: ConversationFields): Promise<ConversationResponse> {
    return this.#keyed({ method: 'PATCH', path: ['conversations', conversationId], body: conversationBody(fields) })
  }

  async deleteConversation(conversationId: string): Promise<void> {
    await this.#keyed({ method: 'DELETE', path: ['conversations', conversationId] })
  }

  // --- admins only

  adminGetAllUsers(): Promise<UserProfile[]> {
    return this.#keyed({ method: 'GET', path: ['admin', 'users'] })
  }

  adminGetUser(userId: string): Promise<UserProfile> {
    return this.#keyed({ method: 'GET', path: ['admin', 'users', userId] })
  }

  /** `patch` is the body as it travels. */
  adminUpdateUser(userId: string, patch: AdminUserPatch): Promise<UserProfile> {
    return this.#keyed({ method: 'PATCH', path: ['admin', 'users', userId], body: patch })
  }

  async adminDeleteUser(userId: string): Promise<void> {
    await this.#keyed({ method: 'DELETE', path: ['admin', 'users', userId] })
  }

  adminAssignRole(userId: string, role: Role): Promise<RoleAssigned> {
    return this.#keyed({ method: 'PATCH', path: ['admin', 'users', userId, 'role'], body: { role } })
  }

  adminInviteUser(email: string, signupUrl: string, role: Role = 'member'): Promise<Invited> {
    return this.#keyed({ method: 'POST', path: ['admin', 'invite'], body: { email, signup_url: signupUrl, role } })
  }

  adminGetMessage(messageId: string): Promise<MessageResponse> {
    return this.#keyed({ method: 'GET', path: ['admin', 'messages', messageId] })
  }

  adminUpdateMessage(messageId: string, content: string): Promise<MessageResponse> {
    return this.#keyed({ method: 'PATCH', path: ['admin', 'messages', messageId], body: { content } })
  }

  async adminDeleteMessage(messageId: string): Promise<void> {
    await this.#keyed({ method: 'DELETE', path: ['admin', 'messages', messageId] })
  }

  async adminDeleteConversation(conversationId: string): Promise<void> {
    await this.#keyed({ method: 'DELETE', path: ['admin', 'conversations', conversationId] })
  }

  /** A message of the type `system` to everyone. */
  adminAnnounce(content: string): Promise<MessageResponse> {
    return this.#keyed({ method: 'POST', path: ['admin', 'announcements'], body: { content } })
  }

  adminGetConnections(): Promise<Connections> {
    return this.#keyed({ method: 'GET', path: ['admin', 'websocket', 'connections'] })
  }

  // --- the server

  healthCheck(): Promise<Health> {
    return this.#public({ method: 'GET', path: ['health'] })
  }

  async #keyed<T>(request: HttpRequest): Promise<T> {
    if (!this.#hasKey) throw new AuthenticationError(KEY_REQUIRED)
    return this.#public(request)
  }

  async #public<T>(request: HttpRequest): Promise<T> {
    const response = await this.#http(request)
    if (response.status < 200 || response.status > 299) throw errorOf(response)
    // The shape is the server's promise: a validator would be larger than the rest of the library.
    return response.body as T
  }
}

export const KEY_REQUIRED = 'API key required. Pass `apiKey` or set TOKEN_BOWL_CHAT_API_KEY.'

const history = ({ limit = 50, offset = 0, since }: HistoryPage) => ({
  limit,
  offset,
  since: since instanceof Date ? since.toISOString() : since,
})

const botBody = ({ emoji, webhookUrl }: BotFields) => ({ emoji, webhook_url: webhookUrl })

const conversationBody = ({ title, description, messageIds }: ConversationFields) => ({
  title,
  description,
  message_ids: messageIds,
})
