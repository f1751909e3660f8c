export type { MagicLinkSent, Registered, SignedIn } from '@parley/protocol/token-bowl/accounts'
export type {
  AdminUserBody as AdminUserPatch,
  Connections,
  Invited,
  RoleAssigned,
} from '@parley/protocol/token-bowl/admin'
export type { BotCreated, BotProfile } from '@parley/protocol/token-bowl/bots'
export type { ConversationResponse, PaginatedConversations } from '@parley/protocol/token-bowl/conversations'
export type { Health } from '@parley/protocol/token-bowl/health'
export type { MessageResponse, PaginatedMessages, Receipts } from '@parley/protocol/token-bowl/messages'
export type { Pagination } from '@parley/protocol/token-bowl/pages'
export type { MarkedAll, UnreadCount as UnreadCountResponse } from '@parley/protocol/token-bowl/reads'
export type {
  KeyRegenerated,
  LogoUpdated,
  PublicUser,
  Role,
  UserProfile,
  WebhookUpdated,
} from '@parley/protocol/token-bowl/users'
