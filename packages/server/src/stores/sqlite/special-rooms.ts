import type { DatabaseSync } from 'node:sqlite'
import type { RoomId } from '../../core/ids.ts'
import type { RoomKind } from '../../core/room.ts'
import { query } from './connection.ts'
import { uuid } from './ids.ts'

/** Ids of the two rooms that the first migration made. */
export function specialRooms(db: DatabaseSync): { readonly lobby: RoomId; readonly directory: RoomId } {
  const byKind = query<[id: string]>(db, "SELECT hex(id) FROM rooms WHERE kind = ? AND kind IN ('lobby', 'directory')")
  const find = (kind: RoomKind): RoomId => {
    const row = byKind.one(kind)
    if (!row) throw new Error(`The database has no ${kind}`)
    return uuid<RoomId>(row[0])
  }
  return { lobby: find('lobby'), directory: find('directory') }
}
