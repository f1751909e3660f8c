import type { MemberRow, MessageRow, RoomRow, Snapshot } from '../snapshot.ts'

/** A snapshot by the things it is asked about. */
export interface Index {
  readonly snapshot: Snapshot
  readonly lobby: RoomRow | undefined
  readonly rooms: ReadonlyMap<string, RoomRow>
  readonly messages: ReadonlyMap<string, MessageRow>
  /** Messages of a room by ordinal. */
  readonly inRoom: ReadonlyMap<string, readonly MessageRow[]>
  readonly nameOf: ReadonlyMap<string, string>
  readonly idOf: ReadonlyMap<string, string>
  /** Memberships of a user. */
  readonly membersOf: ReadonlyMap<string, readonly MemberRow[]>
  /** Whether a member read the message of a room with that ordinal. */
  isRead(member: MemberRow, ordinal: number): boolean
}

export function indexOf(snapshot: Snapshot): Index {
  const rooms = new Map(snapshot.rooms.map(room => [room.id, room]))
  const singles = Map.groupBy(snapshot.reads, place)
  const singlesOf = new Map([...singles].map(([key, rows]) => [key, new Set(rows.map(row => row.ordinal))]))
  const byOrdinal = snapshot.messages.toSorted((a, b) => a.ordinal - b.ordinal)
  return {
    snapshot,
    lobby: snapshot.rooms.find(room => room.kind === 'lobby'),
    rooms,
    messages: new Map(snapshot.messages.map(message => [message.id, message])),
    inRoom: Map.groupBy(byOrdinal, message => message.room),
    nameOf: new Map(snapshot.users.map(user => [user.id, user.name])),
    idOf: new Map(snapshot.users.map(user => [user.name, user.id])),
    membersOf: Map.groupBy(snapshot.members, member => member.user),
    isRead(member, ordinal) {
      const floor = rooms.get(member.room)?.floor ?? 0
      return ordinal <= Math.max(member.readTo, floor) || (singlesOf.get(place(member))?.has(ordinal) ?? false)
    },
  }
}

/** Of a room and a user in it. */
export const place = ({ room, user }: { readonly room: string; readonly user: string }): string => `${room} ${user}`
