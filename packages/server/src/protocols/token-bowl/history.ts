import { TEXTS } from '@parley/protocol/token-bowl/limits'
import type { UpFrame } from '@parley/protocol/token-bowl/up'
import type { Decoded } from '../view.ts'
import { question, reject } from './answers.ts'
import { messageResponse, pagination } from './shapes.ts'
import { readTime } from './since.ts'

type HistoryFrame = Extract<UpFrame, { type: 'get_messages' | 'get_direct_messages' }>
type UnreadFrame = Extract<UpFrame, { type: 'get_unread_messages' | 'get_unread_direct_messages' }>

export function decodeHistory(frame: HistoryFrame): Decoded {
  const since = readSince(frame.since)
  if (since === undefined) return reject('invalid', TEXTS.invalidTimestamp)
  const [scope, type] =
    frame.type === 'get_messages' ? (['lobby', 'messages'] as const) : (['direct', 'direct_messages'] as const)
  return question({ type: 'message.history', scope, since, limit: frame.limit, offset: frame.offset }, page => ({
    type,
    messages: page.items.map(messageResponse),
    pagination: pagination(frame, page.total, page.items.length),
  }))
}

export function decodeUnread(frame: UnreadFrame): Decoded {
  const [scope, type] =
    frame.type === 'get_unread_messages'
      ? (['lobby', 'unread_messages'] as const)
      : (['direct', 'unread_direct_messages'] as const)
  return question({ type: 'unread.list', scope, limit: frame.limit, offset: frame.offset }, messages => ({
    type,
    messages: messages.map(messageResponse),
  }))
}

/** Null for no `since`; undefined for one that is no time. */
function readSince(since: unknown): number | null | undefined {
  if (since === undefined || since === null) return null
  return typeof since === 'string' ? readTime(since) : undefined
}
