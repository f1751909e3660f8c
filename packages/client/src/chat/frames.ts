import type { PresentFrame } from '@parley/protocol/rooms/level2/presence'
import { type AddedFile, type LogEvent, sentMessage } from './room-log.ts'
import type { RunStep } from './run.ts'
import type { Message, Person, RoomStatic, RunInfo } from './wire.ts'

export type Data = Readonly<Record<string, unknown>>

/** A frame of the server, taken apart as far as every type has it in common. */
export interface Frame {
  readonly type: string
  readonly data: Data
  readonly roomId: string | null
  /** The request that it answers. */
  readonly answers: string | null
}

/** What the server says on its own account. */
export type Pushed =
  | { readonly is: 'event'; readonly room: string; readonly event: LogEvent }
  | { readonly is: 'step'; readonly room: string; readonly runId: string; readonly step: RunStep }
  | { readonly is: 'added'; readonly info: RoomStatic }
  | ({ readonly is: 'typing'; readonly room: string | null; readonly isTyping: boolean } & Person)
  | ({
      readonly is: 'read'
      readonly room: string
      readonly up_to: number
      readonly message_ids: readonly string[]
    } & Person)
  | { readonly is: 'read_state'; readonly room: string; readonly readTo: number; readonly unread: number }
  | ({ readonly is: 'presence' } & Presence)

export type Presence = PresentFrame['data']

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const textOrNull = (value: unknown): string | null => (isText(value) ? value : null)

/** Reads a frame. Undefined for what is none. */
export function readFrame(text: string): Frame | undefined {
  const fields = parse(text)
  if (!isData(fields) || !isText(fields.type) || !isData(fields.data)) return undefined
  const { type, data } = fields
  return { type, data, roomId: textOrNull(fields.room_id), answers: textOrNull(fields.message_id) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a frame means that answers nobody. Undefined for what is unknown, malformed or of no interest. */
export function readPushed({ type, data }: Frame): Pushed | undefined {
  if (type === 'presence') return isText(data.user_id) ? { is: 'presence', ...as<Presence>(data) } : undefined
  const { room } = data
  if (type === 'typing') return readTyping(data)
  if (!isText(room)) return undefined
  switch (type) {
    case 'room_added':
      return isText(data.room_id) ? { is: 'added', info: as<RoomStatic>(data) } : undefined
    case 'read_receipt':
      return isPerson(data)
        ? { is: 'read', room, ...as<Person & { up_to: number; message_ids: string[] }>(data) }
        : undefined
    case 'read_state':
      return isPlace(data.read_to) && isPlace(data.unread)
        ? { is: 'read_state', room, readTo: data.read_to, unread: data.unread }
        : undefined
    case 'run_text':
    case 'run_switch':
    case 'run_tool':
    case 'run_end':
      return isText(data.run_id) && isPlace(data.n)
        ? { is: 'step', room, runId: data.run_id, step: as<RunStep>({ ...data, type: type.slice('run_'.length) }) }
        : undefined
    default: {
      const event = isPlace(data.seq) ? readEvent(type, data.seq, data) : undefined
      return event && { is: 'event', room, event }
    }
  }
}

function readTyping(data: Data): Pushed | undefined {
  if (!isPerson(data)) return undefined
  const { user_id, username } = data
  return { is: 'typing', room: textOrNull(data.room), user_id, username, isTyping: data.is_typing === true }
}

function readEvent(type: string, seq: number, data: Data): LogEvent | undefined {
  switch (type) {
    case 'chat':
      return isMessage(data) ? { type: 'message', seq, message: sentMessage(data) } : { type: 'gone', seq }
    case 'message_edited': {
      const message = { ...data, seq: data.message_seq }
      return isMessage(message) ? { type: 'edited', seq, message: sentMessage(message) } : { type: 'gone', seq }
    }
    case 'message_deleted':
      return isText(data.id) && isPlace(data.ordinal)
        ? { type: 'deleted', seq, id: data.id, ordinal: data.ordinal }
        : { type: 'gone', seq }
    case 'member_joined':
    case 'member_left': {
      if (!isPerson(data) || !isPlace(data.participants_count)) return { type: 'gone', seq }
      const { user_id, username, participants_count } = data
      return { type: type === 'member_left' ? 'left' : 'joined', seq, user_id, username, participants_count }
    }
    case 'room_changed':
      return { ...as<Pick<RoomStatic, 'room_name' | 'owner' | 'assistant' | 'closed'>>(data), type: 'changed', seq }
    case 'room_deleted':
      return { type: 'room_deleted', seq }
    case 'run_started':
    case 'run_ended':
      return isText(data.run_id) ? { type, seq, run: as<RunInfo>(data) } : { type: 'gone', seq }
    case 'file_added':
      return { type: 'file', seq, file: as<AddedFile>(data) }
    // Of a newer server: its place in the log counts, its meaning is not ours.
    default:
      return { type: 'gone', seq }
  }
}

/**
 * What the schemas of the server promise. Only what this client's order depends on is checked; a validator in the browser
 * would weigh more than everything else.
 */
const as = <T>(data: Data): T => data as T

const isPerson = (data: Data): data is Data & Person => isText(data.user_id) && isText(data.username)

const isMessage = (value: unknown): value is Message =>
  isData(value) && isText(value.id) && isText(value.content) && isPlace(value.seq) && isPlace(value.ordinal)
