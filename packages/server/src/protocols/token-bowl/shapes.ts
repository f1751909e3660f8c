import type { BotCreated, BotProfile } from '@parley/protocol/token-bowl/bots'
import type { ConversationResponse } from '@parley/protocol/token-bowl/conversations'
import type { MessageResponse } from '@parley/protocol/token-bowl/messages'
import type { Pagination } from '@parley/protocol/token-bowl/pages'
import type { PublicUser, UserProfile } from '@parley/protocol/token-bowl/users'
import type { OwnBot } from '../../core/commands/bots.ts'
import type { OwnedCollection } from '../../core/commands/collections.ts'
import type { OwnUser } from '../../core/commands/people.ts'
import type { ShownMessage } from '../../core/message.ts'
import { givenRole, type User } from '../../core/user.ts'
import { timestamp } from '../timestamp.ts'

export function messageResponse({ message, sender, recipient }: ShownMessage): MessageResponse {
  return {
    id: message.id,
    from_user_id: sender.id,
    from_username: sender.name,
    from_user_logo: sender.logo,
    from_user_emoji: sender.emoji,
    from_user_bot: givenRole(sender.role) === 'bot',
    to_user_id: recipient?.id ?? null,
    to_username: recipient?.name ?? null,
    content: message.body,
    message_type: message.kind === 'system' ? 'system' : recipient ? 'direct' : 'room',
    description: description(sender, recipient),
    timestamp: timestamp(message.at),
  }
}

const description = (sender: User, recipient: User | null): string =>
  recipient
    ? `A direct message that only ${recipient.name} can read, sent by ${sender.name}`
    : 'A message in the group chat that everyone in the room can read'

export function publicUser(user: User): PublicUser {
  return {
    id: user.id,
    username: user.name,
    role: givenRole(user.role),
    logo: user.logo,
    emoji: user.emoji,
    bot: givenRole(user.role) === 'bot',
    viewer: user.role === 'viewer',
  }
}

export function userProfile({ user, key }: OwnUser): UserProfile {
  return {
    ...publicUser(user),
    email: user.email,
    api_key: key,
    webhook_url: user.webhookUrl,
    admin: user.role === 'admin',
    created_at: timestamp(user.createdAt),
  }
}

export function botCreated({ user, key, owner }: OwnBot): BotCreated {
  return {
    id: user.id,
    username: user.name,
    api_key: key,
    created_by_id: owner?.id ?? user.id,
    created_by: owner?.name ?? user.name,
    emoji: user.emoji,
    webhook_url: user.webhookUrl,
  }
}

export const botProfile = (bot: OwnBot): BotProfile => ({
  ...botCreated(bot),
  created_at: timestamp(bot.user.createdAt),
})

export function conversationResponse({ collection, owner }: OwnedCollection): ConversationResponse {
  return {
    id: collection.id,
    title: collection.title,
    description: collection.description,
    message_ids: [...collection.messages],
    created_by_username: owner.name,
    created_at: timestamp(collection.createdAt),
  }
}

export function pagination(page: { limit: number; offset: number }, total: number, returned: number): Pagination {
  return { total, offset: page.offset, limit: page.limit, has_more: page.offset + returned < total }
}
