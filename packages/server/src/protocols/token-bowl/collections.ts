import { TEXTS } from '@parley/protocol/token-bowl/limits'
import type { UpFrame } from '@parley/protocol/token-bowl/up'
import type { CollectionPatch } from '../../core/commands/collections.ts'
import { isUuid } from '../../core/ids.ts'
import type { Refusal } from '../../core/refusals.ts'
import type { Decoded } from '../view.ts'
import { isText, question, reject } from './answers.ts'
import { conversationResponse, pagination } from './shapes.ts'

type CollectionFrame = Extract<
  UpFrame,
  {
    type:
      | 'create_conversation'
      | 'get_conversations'
      | 'get_conversation'
      | 'update_conversation'
      | 'delete_conversation'
  }
>

export function decodeCollections(frame: CollectionFrame): Decoded {
  switch (frame.type) {
    case 'create_conversation':
      return create(frame)
    case 'get_conversations':
      return question({ type: 'collections.list', limit: frame.limit, offset: frame.offset }, page => ({
        type: 'conversations',
        conversations: page.items.map(conversationResponse),
        pagination: pagination(frame, page.total, page.items.length),
      }))
    case 'get_conversation':
    case 'update_conversation':
    case 'delete_conversation':
      return isText(frame.conversation_id)
        ? decodeOne(frame, frame.conversation_id)
        : reject('missing', TEXTS.missingConversationId)
    default:
      return frame satisfies never
  }
}

function create(frame: Extract<CollectionFrame, { type: 'create_conversation' }>): Decoded {
  const patch = readPatch(frame)
  if (!patch) return reject('invalid', TEXTS.invalidMessageId)
  return question({ type: 'collections.create', ...patch }, owned => ({
    type: 'conversation_created',
    conversation: conversationResponse(owned),
  }))
}

type OneFrame = Extract<CollectionFrame, { type: 'get_conversation' | 'update_conversation' | 'delete_conversation' }>

function decodeOne(frame: OneFrame, id: string): Decoded {
  switch (frame.type) {
    case 'get_conversation':
      return question(
        { type: 'collections.show', id },
        owned => ({ type: 'conversation', conversation: conversationResponse(owned) }),
        notOwner(TEXTS.viewOwnConversations),
      )
    case 'update_conversation': {
      const patch = readPatch(frame)
      if (!patch) return reject('invalid', TEXTS.invalidMessageId)
      return question(
        { type: 'collections.change', id, patch },
        owned => ({ type: 'conversation_updated', conversation: conversationResponse(owned) }),
        notOwner(TEXTS.updateOwnConversations),
      )
    }
    case 'delete_conversation':
      return question(
        { type: 'collections.delete', id, as: 'owner-or-admin' },
        deleted => ({ type: 'conversation_deleted', conversation_id: deleted.id }),
        notOwner(TEXTS.deleteOwnConversations),
      )
    default:
      return frame satisfies never
  }
}

const notOwner = (text: string) => (refusal: Refusal) => (refusal.code === 'not_owner' ? text : undefined)

/** Null means absent. Undefined when a message id is none. */
function readPatch(frame: {
  title?: string | null | undefined
  description?: string | null | undefined
  message_ids?: readonly unknown[] | null | undefined
}): CollectionPatch | undefined {
  const messages = frame.message_ids?.filter(isMessageId)
  if (messages?.length !== frame.message_ids?.length) return undefined
  return {
    ...(frame.title && { title: frame.title }),
    ...(frame.description && { description: frame.description }),
    ...(messages && { messages }),
  }
}

const isMessageId = (value: unknown): value is string => typeof value === 'string' && isUuid(value)
