import type { RoomRef } from '../../core/places.ts'
import type { Room } from '../../core/room.ts'
import type { User } from '../../core/user.ts'
import { timestamp } from '../timestamp.ts'

/** What a frame says beside its data. `id` is the client's name for what it is about. */
export interface Envelope {
  readonly at: number
  readonly room?: string | null | undefined
  readonly id?: string | null | undefined
  readonly user?: string | null | undefined
}

/** A frame of the server, with all keys. */
export const frame = <T extends string, D extends object>(type: T, data: D, { at, room, id, user }: Envelope) => ({
  type,
  data,
  room_id: room ?? null,
  message_id: id ?? null,
  timestamp: timestamp(at),
  user_id: user ?? null,
})

/** The same as text. */
export const text = (type: string, data: object, envelope: Envelope): string =>
  JSON.stringify(frame(type, data, envelope))

/** What the protocol calls a room that has a label; null for one that has none. */
export const labelOf = (room: Room | null): string | null => room?.label ?? null

/** What level 2 calls a room, whatever its kind. */
export function nameOf(room: Room): string {
  if (room.label !== null) return room.label
  return room.pair ? nameOfPair(room.pair) : `conversation:${room.conversation}`
}

/** What level 2 calls the direct room of two users, whose ids are in order. */
export const nameOfPair = (pair: readonly string[]): string => `dm:${pair.join(':')}`

export const typeOf = ({ kind }: Room): 'private' | 'shared' | 'group' | 'direct' | 'conversation' =>
  kind === 'lobby' || kind === 'directory' ? 'shared' : kind

/** A room by the label a client uses, or by what stands for one. */
export const byLabel = (label: string): RoomRef => ({ by: 'label', label })

export const person = ({ id, name }: User) => ({ user_id: id, username: name })
