import type { ChunkFrame, CompletionFrame, UserChatFrame } from '@parley/protocol/rooms/chat'
import type { ReadFrame } from '@parley/protocol/rooms/delivery'
import { ASSISTANT } from '@parley/protocol/rooms/limits'
import type { LeftFrame, MembershipFrame, MissedFrame } from '@parley/protocol/rooms/rooms'
import type { TypedFrame } from '@parley/protocol/rooms/typing'
import type { UploadCompletedCopyFrame, UploadProgressCopyFrame } from '@parley/protocol/rooms/uploads'
import type { CoreEvent, RoomEvent, RunEvent } from '../../core/events.ts'
import type { MessageId, UserId } from '../../core/ids.ts'
import type { ShownMessage } from '../../core/message.ts'
import type { Room } from '../../core/room.ts'
import type { Run } from '../../core/run.ts'
import type { User } from '../../core/user.ts'
import { timestamp } from '../timestamp.ts'
import { failed } from './answers.ts'
import { frame, labelOf, text } from './shapes.ts'

/** The frame for an event; null for what documented clients have no frame for. */
export function encode(event: CoreEvent): string | null {
  switch (event.type) {
    case 'message.sent':
      return event.room.kind === 'direct' ? null : sentMessage(event)
    case 'run.moved':
      return event.of.kind === 'direct' ? null : chunk(event)
    case 'member.joined':
    case 'member.left':
      return JSON.stringify(membership(event))
    case 'room.deleted':
      return JSON.stringify(left(event.room, event.at))
    case 'file.added':
      return JSON.stringify(completedCopy(event))
    case 'typing.changed':
      return event.to ? null : JSON.stringify(typed(event))
    case 'upload.progressed':
      return JSON.stringify(progressCopy(event))
    case 'message.edited':
    case 'message.deleted':
    case 'room.changed':
    case 'run.started':
    case 'run.ended':
    case 'gone':
    case 'lobby.chosen':
    case 'read.moved':
    case 'presence.changed':
    case 'user.created':
    case 'user.changed':
    case 'user.deleted':
    case 'credentials.revoked':
      return null
    default:
      return event satisfies never
  }
}

/** The frame for whoever asked, where it is not that of the others: an answer that failed ends with an error. */
export function encodeForAsker(event: CoreEvent): string | null {
  const run = event.type === 'message.sent' || event.type === 'run.ended' ? event.run : null
  if (!run?.end || !('at' in event)) return null
  if (event.type === 'message.sent' && run.end.state !== 'failed') return null
  return failed(run, roomIdOf(event), event.at)
}

/** What is shown later than it happened: of an answer its whole text, then its end. */
export function replay(event: CoreEvent): readonly string[] {
  if (event.type === 'message.sent' && event.run && event.room.kind !== 'direct') {
    const { message, room, run } = event
    return [JSON.stringify(chunkFrame(room, run, event.sender, message.body, message.at)), completion(event, run)]
  }
  const one = encode(event)
  return one === null ? [] : [one]
}

/** Who must not be shown an event: whoever caused it. Of an answer only the connection that asked sees it; of one given again everybody. */
export function hides(event: CoreEvent): UserId | undefined {
  switch (event.type) {
    case 'message.sent':
      return event.run ? askerOf(event.run) : event.sender.id
    case 'run.started':
    case 'run.ended':
    case 'run.moved':
      return askerOf(event.run)
    case 'member.joined':
    case 'member.left':
      return event.user.id
    case 'file.added':
    case 'upload.progressed':
      return event.uploader.id
    case 'typing.changed':
      if (event.user.role !== 'agent') return event.user.id
      return event.in?.kind === 'conversation' ? (event.in.owner ?? undefined) : undefined
    default:
      return undefined
  }
}

const askerOf = ({ origin, asker }: Run): UserId | undefined => (origin ? undefined : asker)

const roomIdOf = (event: RoomEvent | CoreEvent): string | null => ('room' in event ? labelOf(event.room) : null)

function sentMessage(event: ShownMessage & { readonly room: Room }): string | null {
  // An answer that failed has no completion; whoever asked is told why.
  if (event.run) return event.run.end?.state === 'failed' ? null : completion(event, event.run)
  const { message, sender, room } = event
  const at = message.at
  const data: UserChatFrame['data'] = {
    role: 'user',
    content: message.body,
    user_id: sender.id,
    username: sender.name,
    message_id: message.id,
    client_id: message.clientId,
    conversation_id: message.conversation,
    timestamp: timestamp(at),
  }
  return text('chat', data, { at, room: labelOf(room), id: message.id, user: sender.id })
}

/** How documented clients know an agent: the assistant by a name of their document, others by their own. */
const voice = ({ id, name }: User) => (name === 'assistant' ? ASSISTANT : ({ user_id: id, username: name } as const))

function chunk({ of, run, agent, steps }: RunEvent): string | null {
  const content = steps.map(step => (step.type === 'text' ? step.text : '')).join('')
  const at = steps.at(-1)?.at ?? run.startedAt
  return content === '' ? null : JSON.stringify(chunkFrame(of, run, agent, content, at))
}

function chunkFrame(room: Room, run: Run, agent: User, content: string, at: number): ChunkFrame {
  const data: ChunkFrame['data'] = {
    role: 'assistant',
    ...voice(agent),
    content,
    streaming: true,
    conversation_id: run.conversation ?? 0,
    timestamp: timestamp(at),
    message_id: run.clientId,
  }
  return frame('chat', data, { at, room: labelOf(room), id: run.clientId, user: voice(agent).user_id })
}

function completion({ message, sender, room }: ShownMessage & { readonly room: Room }, run: Run): string {
  const usage = run.end?.usage ?? null
  const data: CompletionFrame['data'] = {
    role: 'assistant',
    ...voice(sender),
    content: '',
    streaming: false,
    done: true,
    message_id: message.number,
    id: message.id,
    client_id: run.clientId,
    conversation_id: run.conversation ?? 0,
    tokens_used: usage?.tokens ?? 0,
    model_used: usage?.model ?? '',
    cost_usd: usage?.cost ?? null,
    cost: usage?.cost ?? null,
    response_time: Math.max(0, message.at - run.startedAt) / 1000,
    timestamp: timestamp(message.at),
  }
  return text('chat', data, { at: message.at, room: labelOf(room), id: run.clientId, user: voice(sender).user_id })
}

function membership(event: RoomEvent & { type: 'member.joined' | 'member.left' }): MembershipFrame {
  const { room, at, user, members } = event
  const data = {
    action: event.type === 'member.joined' ? 'user_joined' : 'user_left',
    user_id: user.id,
    room_id: labelOf(room) ?? '',
    participants_count: members,
  } as const
  return frame('system', data, { at, room: labelOf(room), user: user.id })
}

export const left = (room: Room, at: number): LeftFrame =>
  frame('leave_room', { room_id: labelOf(room) ?? '', left_at: timestamp(at) }, { at, room: labelOf(room) })

export const missed = (room: Room, count: number): string => {
  const data: MissedFrame['data'] = { action: 'missed', room_id: labelOf(room) ?? '', count }
  return text('system', data, { at: Date.now(), room: labelOf(room) })
}

function typed({ user, in: room, isTyping }: CoreEvent & { type: 'typing.changed' }): TypedFrame {
  const who = user.role === 'agent' ? voice(user) : { user_id: user.id, username: user.name }
  const data = { ...who, is_typing: isTyping, room_id: labelOf(room) }
  return frame('typing', data, { at: Date.now(), room: labelOf(room), user: who.user_id })
}

const fileUrl = (id: string): string => `/api/v1/files/${id}`

function completedCopy({ room, at, file, uploader }: RoomEvent & { type: 'file.added' }): UploadCompletedCopyFrame {
  const data = {
    upload_type: 'completed',
    file_id: file.id,
    file_url: fileUrl(file.id),
    file_name: file.name,
    file_size: file.size,
    mime_type: file.mimeType,
    user_id: uploader.id,
  } as const
  return frame('file_upload', data, { at, room: labelOf(room), user: uploader.id })
}

function progressCopy(event: CoreEvent & { type: 'upload.progressed' }): UploadProgressCopyFrame {
  const { in: room, file, uploader, name, progress } = event
  const data = {
    upload_type: 'progress',
    file_id: file,
    user_id: uploader.id,
    file_name: name,
    progress,
  } as const
  return frame('file_upload', data, { at: Date.now(), room: labelOf(room), user: uploader.id })
}

export const receipts = (
  { in: room, reader, at }: CoreEvent & { type: 'read.moved' },
  messages: readonly { readonly id: MessageId }[],
): readonly string[] =>
  messages.map(({ id }) => {
    const data: ReadFrame['data'] = {
      message_id: id,
      user_id: reader.id,
      username: reader.name,
      room_id: labelOf(room) ?? '',
      timestamp: timestamp(at),
    }
    return text('read_receipt', data, { at, room: labelOf(room), id, user: reader.id })
  })
