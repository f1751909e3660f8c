import type {
  DeletedFrame,
  EditedFrame,
  ReadFrame,
  ReadStateFrame,
  SentFrame,
} from '@parley/protocol/rooms/level2/messages'
import type { PresentFrame, TypedFrame } from '@parley/protocol/rooms/level2/presence'
import type { GoneFrame } from '@parley/protocol/rooms/level2/resume'
import type {
  FileAddedFrame,
  MemberFrame,
  RoomAddedFrame,
  RoomChangedFrame,
  RoomDeletedFrame,
} from '@parley/protocol/rooms/level2/room-list'
import type { RunEndedFrame, RunStartedFrame } from '@parley/protocol/rooms/level2/runs'
import type { UploadProgressCopyFrame } from '@parley/protocol/rooms/uploads'
import type { CoreEvent, RoomEvent, RunEvent } from '../../../core/events.ts'
import type { MessageId } from '../../../core/ids.ts'
import { pairOf } from '../../../core/places.ts'
import type { Room } from '../../../core/room.ts'
import type { RunStep } from '../../../core/run.ts'
import { timestamp } from '../../timestamp.ts'
import { type Envelope, frame, nameOf, nameOfPair } from '../shapes.ts'
import { content, identityOf, runInfo, settingsOf, stepShown } from './shapes.ts'

/** The frames for an event, one for each step of a run; null for what has none. */
export function encode(event: CoreEvent): string | null {
  switch (event.type) {
    case 'run.moved':
      return null
    case 'lobby.chosen':
    case 'read.moved': // to authors and the reader, each in their own words
    case 'user.created':
    case 'user.changed':
    case 'user.deleted':
    case 'credentials.revoked':
      return null
    case 'typing.changed':
      return JSON.stringify(typed(event))
    case 'presence.changed':
      return JSON.stringify(present(event))
    case 'upload.progressed':
      return JSON.stringify(progressed(event))
    default:
      return JSON.stringify(inRoom(event))
  }
}

/** Every step of a run is a frame of its own, since clients count them. */
export const encodeSteps = (event: RunEvent): readonly string[] =>
  event.steps.map(step => JSON.stringify(stepFrame(event, step)))

function inRoom(event: RoomEvent): object {
  const { room, seq, at } = event
  const envelope: Envelope = { at, room: nameOf(room) }
  const durable = { room: room.id, seq }
  switch (event.type) {
    case 'message.sent': {
      const data: SentFrame['data'] = { ...content(event), ...durable }
      return frame('chat', data, { ...envelope, id: event.message.clientId, user: event.sender.id })
    }
    case 'message.edited': {
      const data: EditedFrame['data'] = { ...content(event), ...durable, message_seq: event.message.seq }
      return frame('message_edited', data, { ...envelope, user: event.sender.id })
    }
    case 'message.deleted': {
      const data: DeletedFrame['data'] = { ...durable, id: event.messageId, ordinal: event.ordinal }
      return frame('message_deleted', data, envelope)
    }
    case 'member.joined':
    case 'member.left':
      return moved(event, envelope)
    case 'room.changed': {
      const data: RoomChangedFrame['data'] = { ...durable, ...settingsOf(room) }
      return frame('room_changed', data, envelope)
    }
    case 'room.deleted': {
      const data: RoomDeletedFrame['data'] = durable
      return frame('room_deleted', data, envelope)
    }
    case 'run.started': {
      const data: RunStartedFrame['data'] = { ...durable, ...runInfo(event.run, event) }
      return frame('run_started', data, { ...envelope, user: event.agent.id })
    }
    case 'run.ended': {
      const data: RunEndedFrame['data'] = { ...durable, ...runInfo(event.run, event) }
      return frame('run_ended', data, { ...envelope, user: event.agent.id })
    }
    case 'file.added':
      return added(event, envelope)
    case 'gone': {
      const data: GoneFrame['data'] = durable
      return frame('gone', data, envelope)
    }
    default:
      return event satisfies never
  }
}

function moved(event: RoomEvent & { type: 'member.joined' | 'member.left' }, envelope: Envelope): MemberFrame {
  const { room, seq, user, members, type } = event
  const data = { room: room.id, seq, user_id: user.id, username: user.name, participants_count: members }
  return frame(type === 'member.joined' ? 'member_joined' : 'member_left', data, { ...envelope, user: user.id })
}

function added({ room, seq, at, file, uploader }: RoomEvent & { type: 'file.added' }, envelope: Envelope) {
  const data: FileAddedFrame['data'] = {
    room: room.id,
    seq,
    file_id: file.id,
    file_name: file.name,
    file_size: file.size,
    mime_type: file.mimeType,
    checksum: file.checksum,
    file_url: `/api/v1/files/${file.id}`,
    user_id: uploader.id,
    username: uploader.name,
    timestamp: timestamp(at),
  }
  return frame('file_added', data, { ...envelope, user: uploader.id })
}

function stepFrame({ of, run, agent }: RunEvent, step: RunStep): object {
  // The envelope has the time.
  const { type, timestamp: _, ...fields } = stepShown(step)
  return frame(type, { room: of.id, run_id: run.id, ...fields }, { at: step.at, room: nameOf(of), user: agent.id })
}

function typed({ user, in: room, to, isTyping }: CoreEvent & { type: 'typing.changed' }): TypedFrame {
  const name = room ? nameOf(room) : nameOfPair(pairOf(user.id, to?.id ?? user.id))
  const data = { user_id: user.id, username: user.name, is_typing: isTyping, room_id: name, room: room?.id ?? null }
  return frame('typing', data, { at: Date.now(), room: name, user: user.id })
}

function present({ user, status, text }: CoreEvent & { type: 'presence.changed' }): PresentFrame {
  return frame('presence', { user_id: user.id, username: user.name, status, text }, { at: Date.now(), user: user.id })
}

function progressed(event: CoreEvent & { type: 'upload.progressed' }): UploadProgressCopyFrame {
  const { in: room, file, uploader, name, progress } = event
  const data = { upload_type: 'progress', file_id: file, user_id: uploader.id, file_name: name, progress } as const
  return frame('file_upload', data, { at: Date.now(), room: nameOf(room), user: uploader.id })
}

/** To somebody's own connections: a room they are now in, live from `seq` on. */
export function roomAdded(room: Room, seq: number): string {
  const data: RoomAddedFrame['data'] = { ...identityOf(room), seq }
  return JSON.stringify(frame('room_added', data, { at: Date.now(), room: nameOf(room) }))
}

/** To an author: one frame for all that somebody read. */
export function receipts(
  { in: room, reader, at, readTo }: CoreEvent & { type: 'read.moved' },
  messages: readonly { readonly id: MessageId }[],
): readonly string[] {
  const data: ReadFrame['data'] = {
    room: room.id,
    user_id: reader.id,
    username: reader.name,
    up_to: readTo,
    message_ids: messages.map(({ id }) => id),
  }
  return [JSON.stringify(frame('read_receipt', data, { at, room: nameOf(room), user: reader.id }))]
}

export function readState(room: Room, readTo: number, unread: number, id: string | null = null): ReadStateFrame {
  const data = { room: room.id, read_to: readTo, unread }
  return frame('read_state', data, { at: Date.now(), room: nameOf(room), id })
}
