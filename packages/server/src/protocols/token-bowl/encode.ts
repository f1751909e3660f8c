import type { MessageSentFrame } from '@parley/protocol/token-bowl/messages'
import type { ReadReceiptFrame } from '@parley/protocol/token-bowl/reads'
import type { TypedFrame } from '@parley/protocol/token-bowl/typing'
import type { Sent } from '../../core/commands/sending.ts'
import type { CoreEvent } from '../../core/events.ts'
import type { MessageId, UserId } from '../../core/ids.ts'
import type { RoomKind } from '../../core/room.ts'
import type { User } from '../../core/user.ts'
import { timestamp } from '../timestamp.ts'
import { messageResponse } from './shapes.ts'

/** Token Bowl has one room, and direct messages. */
export const isShown = (kind: RoomKind): boolean => kind === 'lobby' || kind === 'direct'

/** The frame for an event; null for what Token Bowl's clients have no frame for. */
export function encode(event: CoreEvent): string | null {
  switch (event.type) {
    case 'message.sent':
      // A pushed message has no `type`: clients know it by its sender and content.
      return isShown(event.room.kind) ? JSON.stringify(messageResponse(event)) : null
    case 'typing.changed':
      return event.isTyping && isShown(event.in?.kind ?? 'direct') ? JSON.stringify(typing(event.user, event.to)) : null
    case 'message.edited':
    case 'message.deleted':
    case 'member.joined':
    case 'member.left':
    case 'room.changed':
    case 'room.deleted':
    case 'run.started':
    case 'run.moved':
    case 'run.ended':
    case 'file.added':
    case 'gone':
    case 'lobby.chosen':
    case 'upload.progressed':
    case 'user.created':
    case 'user.changed':
    case 'user.deleted':
    case 'credentials.revoked':
    case 'read.moved': // expanded into one receipt a message, for its author alone
    case 'presence.changed':
      return null
    default:
      return event satisfies never
  }
}

/** Who must not be shown an event: the sender of a text does not get it back, except a note to oneself. */
export function hides(event: CoreEvent): UserId | undefined {
  switch (event.type) {
    case 'message.sent': {
      const { pair } = event.room
      const toOneself = pair !== null && pair[0] === pair[1]
      return event.message.kind === 'text' && !toOneself ? event.sender.id : undefined
    }
    case 'typing.changed':
      return event.to ? undefined : event.user.id
    default:
      return undefined
  }
}

const typing = (user: User, to: User | null): TypedFrame => ({
  type: 'typing',
  username: user.name,
  to_username: to?.name ?? null,
})

export function sent(shown: Sent): string {
  return JSON.stringify({
    type: 'message_sent',
    status: 'sent',
    message: messageResponse(shown),
  } satisfies MessageSentFrame)
}

export const receipts = (
  { reader, at }: CoreEvent & { type: 'read.moved' },
  messages: readonly { readonly id: MessageId }[],
): readonly string[] =>
  messages.map(({ id }) =>
    JSON.stringify({
      type: 'read_receipt',
      message_id: id,
      read_by: reader.name,
      read_at: timestamp(at),
    } satisfies ReadReceiptFrame),
  )
