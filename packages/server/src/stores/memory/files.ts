import type { StoredFile } from '../../core/file.ts'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { FileReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { livingRoom, log, type State, timeIn } from './state.ts'

export function beginUpload(state: State, write: WriteOf<'upload.begin'>): Outcome<'upload.begin'> {
  const { upload, quota, total } = write
  if (state.uploads.has(upload.id) || state.files.has(upload.id)) return refused({ code: 'id_conflict' })
  const isOver = (max: number | null, owner: UserId | null) => max !== null && bytesOf(state, owner) + upload.size > max
  if (isOver(quota, upload.owner) || isOver(total, null)) return refused({ code: 'storage_insufficient' })
  state.uploads.set(upload.id, upload)
  return done({})
}

/** Bytes of files and open uploads, of one owner or of all. */
const bytesOf = (state: State, owner: UserId | null): number =>
  [...state.uploads.values(), ...state.files.values()]
    .filter(file => owner === null || file.owner === owner)
    .reduce((sum, { size }) => sum + size, 0)

export const dropUpload = (state: State, { id }: WriteOf<'upload.drop'>): Outcome<'upload.drop'> =>
  state.uploads.delete(id) ? done({}) : refused({ code: 'upload_unknown' })

export function addFile(state: State, { file }: WriteOf<'file.add'>): Outcome<'file.add'> {
  if (!state.uploads.delete(file.id)) return refused({ code: 'upload_unknown' })
  state.files.set(file.id, file)
  const room = file.room && state.rooms.get(file.room)
  if (!room || room.room.deletedAt !== null) return done({ seq: 0, at: file.storedAt })
  const at = timeIn(room, file.storedAt)
  return done({ seq: log(room, { type: 'file.added', file: file.id, at }), at })
}

export const dropFile = (state: State, { id }: WriteOf<'file.drop'>): Outcome<'file.drop'> =>
  state.files.delete(id) ? done({}) : refused({ code: 'file_unknown' })

/** Erases at most `limit` files and uploads of a room and returns how many. */
export function eraseFiles(state: State, room: RoomId, limit: number): number {
  const found = [...state.uploads.values(), ...state.files.values()].filter(file => file.room === room).slice(0, limit)
  for (const { id } of found) if (!state.uploads.delete(id)) state.files.delete(id)
  return found.length
}

/** What a deleted room held is not found, erased or not. */
export const isThere = (state: State, { room }: StoredFile): boolean => room === null || !!livingRoom(state, room)

export function fileReads(state: State): FileReads {
  return {
    upload: async id => state.uploads.get(id),
    uploads: async (before, limit) =>
      [...state.uploads.values()]
        .filter(({ startedAt }) => startedAt < before)
        .sort((a, b) => a.startedAt - b.startedAt)
        .slice(0, limit),
    file: async id => {
      const file = state.files.get(id)
      return file && isThere(state, file) ? file : undefined
    },
    filesOf: async (room, after, limit) => {
      const all = [...state.files.values()].filter(file => file.room === room && isThere(state, file))
      const last = after === null ? -1 : all.findIndex(({ id }) => id === after)
      // After a file that is gone there is nothing.
      return after !== null && last === -1 ? [] : all.slice(last + 1, last + 1 + limit)
    },
  }
}
