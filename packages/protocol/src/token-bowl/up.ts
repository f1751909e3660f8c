import type { z } from 'zod'
import {
  createConversationFrame,
  deleteConversationFrame,
  getConversationFrame,
  getConversationsFrame,
  updateConversationFrame,
} from './conversations.ts'
import { pingFrame, pongFrame } from './heartbeat.ts'
import { chatFrame, deleteMessageFrame, historyFrame, unreadMessagesFrame } from './messages.ts'
import {
  getUnreadCountFrame,
  markAllReadFrame,
  markDirectReadFrame,
  markReadFrame,
  markRoomReadFrame,
} from './reads.ts'
import { typingFrame } from './typing.ts'
import { getOnlineUsersFrame, getUserProfileFrame, getUsersFrame } from './users.ts'

/**
 * Every frame a client may send, by its `type`. A frame without `type` is a `message`, or, when it has no `content`
 * either, what its `action` says.
 */
export const up = {
  message: chatFrame,
  mark_read: markReadFrame,
  mark_all_read: markAllReadFrame,
  mark_room_read: markRoomReadFrame,
  mark_direct_read: markDirectReadFrame,
  get_unread_count: getUnreadCountFrame,
  typing: typingFrame,
  pong: pongFrame,
  ping: pingFrame,
  get_messages: historyFrame,
  get_direct_messages: historyFrame,
  get_unread_messages: unreadMessagesFrame,
  get_unread_direct_messages: unreadMessagesFrame,
  get_users: getUsersFrame,
  get_online_users: getOnlineUsersFrame,
  get_user_profile: getUserProfileFrame,
  create_conversation: createConversationFrame,
  get_conversations: getConversationsFrame,
  get_conversation: getConversationFrame,
  update_conversation: updateConversationFrame,
  delete_conversation: deleteConversationFrame,
  delete_message: deleteMessageFrame,
} as const satisfies Record<string, z.ZodType>

export type UpType = keyof typeof up

/** A frame of the client, told apart by `type`. */
export type UpFrame = { [T in UpType]: { readonly type: T } & z.output<(typeof up)[T]> }[UpType]
