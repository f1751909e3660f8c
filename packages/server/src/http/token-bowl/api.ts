import { magicLinkSent, registered, signedIn } from '@parley/protocol/token-bowl/accounts'
import { connections, invited, roleAssigned } from '@parley/protocol/token-bowl/admin'
import { botCreated, botProfile } from '@parley/protocol/token-bowl/bots'
import { conversationResponse, paginatedConversations } from '@parley/protocol/token-bowl/conversations'
import { detailBody, validationBody } from '@parley/protocol/token-bowl/errors'
import { messageResponse, paginatedMessages } from '@parley/protocol/token-bowl/messages'
import { pagination } from '@parley/protocol/token-bowl/pages'
import { markedAll, unreadCount } from '@parley/protocol/token-bowl/reads'
import { keyRegenerated, logoUpdated, publicUser, userProfile, webhookUpdated } from '@parley/protocol/token-bowl/users'
import type { Family } from '../endpoint.ts'
import { accounts } from './accounts.ts'
import { admin } from './admin.ts'
import { bots } from './bots.ts'
import { conversations } from './conversations.ts'
import { messages } from './messages.ts'
import { reads } from './reads.ts'
import { users } from './users.ts'

/** Every endpoint of Token Bowl's REST API. */
export const families: readonly Family[] = [
  { name: 'Accounts', endpoints: accounts },
  { name: 'Messages', endpoints: messages },
  { name: 'Read state', endpoints: reads },
  { name: 'Users', endpoints: users },
  { name: 'Bots', endpoints: bots },
  { name: 'Conversations', endpoints: conversations },
  { name: 'Administration', endpoints: admin },
]

export const security = {
  ApiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  Session: {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token, or the session token of a sign-in by mailed link',
  },
}

export const errors = { error: detailBody, invalid: validationBody }

/** Parts come before what they are part of. */
export const schemas = {
  Error: detailBody,
  ValidationError: validationBody,
  Pagination: pagination,
  MessageResponse: messageResponse,
  PaginatedMessages: paginatedMessages,
  UnreadCount: unreadCount,
  MarkedAll: markedAll,
  PublicUser: publicUser,
  UserProfile: userProfile,
  WebhookUpdated: webhookUpdated,
  LogoUpdated: logoUpdated,
  KeyRegenerated: keyRegenerated,
  Registered: registered,
  MagicLinkSent: magicLinkSent,
  SignedIn: signedIn,
  BotCreated: botCreated,
  BotProfile: botProfile,
  ConversationResponse: conversationResponse,
  PaginatedConversations: paginatedConversations,
  RoleAssigned: roleAssigned,
  Invited: invited,
  Connections: connections,
}
