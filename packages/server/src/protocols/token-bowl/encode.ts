import type { MessageSentFrame } from '@parley/protocol/token-bowl/messages'
import type { ReadReceiptFrame } from '@parley/protocol/token-bowl/reads'
import type { TypedFrame } from '@parley/protocol/token-bowl/typing'
import type { CoreEvent } from '../../core/events.ts'
import type { MessageId } from '../../core/ids.ts'
import type { ShownMessage } from '../../core/message.ts'
import type { User } from '../../core/user.ts'
import { messageResponse, timestamp } from './shapes.ts'

/** The frame for an event; null for what Token Bowl's clients have no frame for. */
export function encode(event: CoreEvent): string | null {
  switch (event.type) {
    case 'message.sent':
      // A pushed message has no `type`: clients know it by its sender and content.
      return JSON.stringify(messageResponse(event))
    case 'typing.started':
      return JSON.stringify(typing(event.user, event.to))
    case 'message.edited':
    case 'message.deleted':
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

const typing = (user: User, to: User | null): TypedFrame => ({
  type: 'typing',
  username: user.name,
  to_username: to?.name ?? null,
})

export function sent(shown: ShownMessage): string {
  return JSON.stringify({
    type: 'message_sent',
    status: 'sent',
    message: messageResponse(shown),
  } satisfies MessageSentFrame)
}

export function receipt(id: MessageId, reader: User, at: number): string {
  return JSON.stringify({
    type: 'read_receipt',
    message_id: id,
    read_by: reader.name,
    read_at: timestamp(at),
  } satisfies ReadReceiptFrame)
}
