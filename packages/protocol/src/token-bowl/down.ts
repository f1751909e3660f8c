import { z } from 'zod'
import { conversationDeletedFrame, conversationFrame, conversationsFrame } from './conversations.ts'
import { errorFrame } from './errors.ts'
import { serverPingFrame, serverPongFrame } from './heartbeat.ts'
import { messageDeletedFrame, messageResponse, messageSentFrame, messagesFrame, unreadListFrame } from './messages.ts'
import {
  markedAllFrame,
  markedDirectFrame,
  markedOneFrame,
  markedRoomFrame,
  readReceiptFrame,
  unreadCountFrame,
} from './reads.ts'
import { typedFrame } from './typing.ts'
import { userProfileFrame, usersFrame } from './users.ts'

/** Every frame of the server that has a `type`. */
export const typedDownFrame = z.union([
  messageSentFrame,
  markedOneFrame,
  markedRoomFrame,
  markedDirectFrame,
  markedAllFrame,
  readReceiptFrame,
  unreadCountFrame,
  typedFrame,
  serverPingFrame,
  serverPongFrame,
  errorFrame,
  messagesFrame,
  unreadListFrame,
  usersFrame,
  userProfileFrame,
  conversationFrame,
  conversationsFrame,
  conversationDeletedFrame,
  messageDeletedFrame,
])
export type TypedDownFrame = z.infer<typeof typedDownFrame>

/** Every frame a server may emit: a pushed message, which has no `type`, or one of the others. */
export const downFrame = z.union([messageResponse, typedDownFrame])
export type DownFrame = z.infer<typeof downFrame>
