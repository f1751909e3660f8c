import { TEXTS } from '@parley/protocol/token-bowl/limits'
import { type UpFrame, up } from '@parley/protocol/token-bowl/up'
import { z } from 'zod'
import type { Place } from '../../core/commands/targets.ts'
import { BODY_MAX, fits } from '../../core/message.ts'
import type { Decoded } from '../view.ts'
import { isText, nameOf, question, reject } from './answers.ts'
import { decodeCollections } from './collections.ts'
import { decodeHistory, decodeUnread } from './history.ts'
import { publicUser } from './shapes.ts'

const NOTHING: Decoded = { state: 'nothing' }
const PONG: Decoded = { state: 'reply', text: JSON.stringify({ type: 'pong' }) }

export const NOT_JSON: Decoded = reject('invalid_json', TEXTS.invalidJson)

const schemas: Record<string, z.ZodType> = up
const compiled = new Map(Object.entries(schemas).map(([type, schema]) => [type, z.compile(schema)]))

/** What a text frame of a client means. Never throws. */
export function decode(text: string): Decoded {
  const frame = parse(text)
  if (frame === undefined) return NOT_JSON
  const type = typeOf(frame)
  const schema = compiled.get(type)
  if (!schema) return reject('unknown_type', `Unknown message type: ${nameOf(type)}`)
  const read = schema.safeParse(frame)
  if (!read.success) return reject('invalid', firstIssue(read.error))
  // The schema that read the frame is the one that `up` has for this type.
  return understand({ ...(read.data as object), type } as UpFrame)
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined // an object of JSON has string keys
  } catch {
    return undefined
  }
}

/** A frame without `type` is a message, or, when it has no content either, what its `action` says. */
function typeOf({ type, content, action }: Record<string, unknown>): string {
  if (typeof type === 'string') return type
  if (type !== undefined && type !== null) return nameOf(type)
  const hasContent = content !== undefined && content !== null
  return !hasContent && typeof action === 'string' ? action : 'message'
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue ? `${issue.path.join('.')}: ${issue.message}` : TEXTS.invalidJson
}

function understand(frame: UpFrame): Decoded {
  switch (frame.type) {
    case 'message':
      return decodeMessage(frame.content, frame.to_username)
    case 'mark_read':
      return isText(frame.message_id)
        ? { state: 'write', write: { type: 'read.message', id: frame.message_id } }
        : reject('missing', TEXTS.missingMessageId)
    case 'mark_all_read':
      return question({ type: 'read.all', scopes: ['lobby', 'direct'] }, ({ changed }) => ({
        type: 'marked_all_read',
        marked_as_read: changed,
        status: 'success',
      }))
    case 'mark_room_read':
      return question({ type: 'read.all', scopes: ['lobby'] }, ({ changed }) => ({
        type: 'marked_read',
        status: 'marked_read',
        count: changed,
      }))
    case 'mark_direct_read':
      return markDirect(frame.from_username)
    case 'get_unread_count':
      return question({ type: 'unread.counts' }, ({ lobby, direct }) => ({
        type: 'unread_count',
        unread_room_messages: lobby,
        unread_direct_messages: direct,
        total_unread: lobby + direct,
      }))
    case 'typing':
      return decodeTyping(frame.to_username)
    case 'pong':
      return NOTHING
    case 'ping':
      return PONG
    case 'get_messages':
    case 'get_direct_messages':
      return decodeHistory(frame)
    case 'get_unread_messages':
    case 'get_unread_direct_messages':
      return decodeUnread(frame)
    case 'get_users':
      return question({ type: 'people.list' }, users => ({ type: 'users', users: users.map(publicUser) }))
    case 'get_online_users':
      return question({ type: 'people.online' }, users => ({ type: 'online_users', users: users.map(publicUser) }))
    case 'get_user_profile':
      return isText(frame.username)
        ? question({ type: 'people.show', ref: frame.username }, user => ({
            type: 'user_profile',
            user: publicUser(user),
          }))
        : reject('missing', TEXTS.missingUsername)
    case 'create_conversation':
    case 'get_conversations':
    case 'get_conversation':
    case 'update_conversation':
    case 'delete_conversation':
      return decodeCollections(frame)
    case 'delete_message':
      return removeMessage(frame.message_id)
    default:
      return frame satisfies never
  }
}

function decodeMessage(content: unknown, toUsername: unknown): Decoded {
  if (content === undefined || content === null || content === '') return reject('body_empty', TEXTS.missingContent)
  if (typeof content !== 'string') return reject('invalid', TEXTS.contentLength)
  // Here already, so that frames which wait for their turn hold no more than messages.
  if (!fits(content, BODY_MAX)) return reject('body_too_long', TEXTS.contentLength)
  const to = placeOf(toUsername)
  if (!to) return reject('user_unknown', `User ${nameOf(toUsername)} not found`)
  return { state: 'write', write: { type: 'message.send', to, body: content } }
}

// A typing frame is never answered, whatever it holds.
function decodeTyping(toUsername: unknown): Decoded {
  const to = placeOf(toUsername)
  return to ? question({ type: 'typing.set', to, isTyping: true }, () => null) : NOTHING
}

/** Absent, null and empty mean the room; undefined for what is no name. */
function placeOf(toUsername: unknown): Place | undefined {
  if (toUsername === undefined || toUsername === null || toUsername === '') return { at: 'lobby' }
  return typeof toUsername === 'string' ? { at: 'direct', name: toUsername } : undefined
}

function markDirect(fromUsername: unknown): Decoded {
  if (!isText(fromUsername)) return reject('missing', TEXTS.missingFromUsername)
  return question({ type: 'read.direct', name: fromUsername }, ({ changed }) => ({
    type: 'marked_read',
    status: 'marked_read',
    from_username: fromUsername,
    count: changed,
  }))
}

function removeMessage(id: unknown): Decoded {
  if (!isText(id)) return reject('missing', TEXTS.missingMessageId)
  return question(
    { type: 'message.remove', id },
    removed => ({ type: 'message_deleted', message_id: removed.id }),
    refusal => (refusal.code === 'admin_only' ? TEXTS.onlyAdminsDelete : undefined),
  )
}
