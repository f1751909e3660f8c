import type { DatabaseSync } from 'node:sqlite'
import type { StoredFile, Upload } from '../../core/file.ts'
import type { FileId, RoomId, UserId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob, bytes, uuid, uuidOrNull } from './ids.ts'
import type { Transaction } from './transaction.ts'

const UPLOAD_COLUMNS = 'hex(id), hex(owner_id), hex(room_id), name, size, mime_type, started_at'
/** Whether the room of a file `f` is there, or it has none. */
const ROOM_IS_THERE = 'NOT EXISTS (SELECT 1 FROM rooms g WHERE g.id = f.room_id AND g.deleted_at IS NOT NULL)'
const FILE_COLUMNS = 'hex(id), hex(owner_id), hex(room_id), name, size, mime_type, sniffed, hex(checksum), stored_at'

type Head = [id: string, owner: string, room: string, name: string, size: number, mimeType: string]
type UploadRow = [...Head, startedAt: number]
type FileRow = [...Head, sniffed: string | null, checksum: string, storedAt: number]

const headOf = ([id, owner, room, name, size, mimeType]: Head | UploadRow | FileRow) => ({
  id: uuid<FileId>(id),
  owner: uuid<UserId>(owner),
  room: uuidOrNull<RoomId>(room),
  name,
  size,
  mimeType,
})

const uploadOf = (row: UploadRow): Upload => ({ ...headOf(row), startedAt: row[6] })

function fileOf(row: FileRow): StoredFile {
  const [, , , , , , sniffed, checksum, storedAt] = row
  return { ...headOf(row), sniffed, checksum: checksum.toLowerCase(), storedAt }
}

export function fileReads(db: DatabaseSync) {
  const upload = query<UploadRow>(db, `SELECT ${UPLOAD_COLUMNS} FROM uploads WHERE id = ?`)
  const uploads = query<UploadRow>(
    db,
    `SELECT ${UPLOAD_COLUMNS} FROM uploads WHERE started_at < ? ORDER BY started_at LIMIT ?`,
  )
  const file = query<FileRow>(db, `SELECT ${FILE_COLUMNS} FROM files f WHERE id = ? AND ${ROOM_IS_THERE}`)
  const numbered = query<FileRow>(db, `SELECT ${FILE_COLUMNS} FROM files f WHERE number = ? AND ${ROOM_IS_THERE}`)
  const ofRoom = query<FileRow>(
    db,
    `SELECT ${FILE_COLUMNS} FROM files f
     WHERE room_id = ? AND number > ? AND ${ROOM_IS_THERE} ORDER BY number LIMIT ?`,
  )
  const number = query<[number: number]>(db, 'SELECT number FROM files WHERE id = ?')
  const one = (row: FileRow | undefined): StoredFile | undefined => row && fileOf(row)
  return {
    upload(id: FileId): Upload | undefined {
      const row = upload.one(blob(id))
      return row && uploadOf(row)
    },
    uploads: (before: number, limit: number): readonly Upload[] => uploads.all(before, limit).map(uploadOf),
    file: (id: FileId): StoredFile | undefined => one(file.one(blob(id))),
    /** By the number that the log of its room names. */
    loggedFile: (number: number): StoredFile | undefined => one(numbered.one(number)),
    filesOf(room: RoomId, after: FileId | null, limit: number): readonly StoredFile[] {
      const last = after === null ? 0 : number.one(blob(after))?.[0]
      // After a file that is gone there is nothing.
      return last === undefined ? [] : ofRoom.all(blob(room), last, limit).map(fileOf)
    },
  }
}

export function fileWrites(tx: Transaction) {
  const sql = prepare(tx.db)

  function begin({ upload, quota, total }: WriteOf<'upload.begin'>): Outcome<'upload.begin'> {
    const { name, size, mimeType, startedAt } = upload
    const [id, owner, room] = [blob(upload.id), blob(upload.owner), upload.room && blob(upload.room)]
    if (sql.file.one(id) || sql.upload.one(id)) return refused({ code: 'id_conflict' })
    const [own] = sql.bytes.one(owner) ?? [0]
    const [all] = sql.allBytes.one() ?? [0]
    if ((quota !== null && own + size > quota) || (total !== null && all + size > total))
      return refused({ code: 'storage_insufficient' })
    sql.insertUpload.run(id, owner, room, name, size, mimeType, startedAt)
    return done({})
  }

  function drop({ id }: WriteOf<'upload.drop'>): Outcome<'upload.drop'> {
    return sql.dropUpload.run(blob(id)).changes === 1 ? done({}) : refused({ code: 'upload_unknown' })
  }

  function add({ file }: WriteOf<'file.add'>): Outcome<'file.add'> {
    const { name, size, mimeType, sniffed, checksum, storedAt } = file
    const id = blob(file.id)
    if (sql.dropUpload.run(id).changes === 0) return refused({ code: 'upload_unknown' })
    const { lastInsertRowid } = sql.insertFile.run(
      ...[id, blob(file.owner), file.room && blob(file.room), name],
      ...[size, mimeType, sniffed, bytes(checksum), storedAt],
    )
    const room = file.room && tx.room(file.room)
    if (!room) return done({ seq: 0, at: storedAt })
    const at = Math.max(storedAt, room.lastAt)
    return done({ seq: tx.log(room, 'file.added', Number(lastInsertRowid), at), at })
  }

  function forget({ id }: WriteOf<'file.drop'>): Outcome<'file.drop'> {
    return sql.dropFile.run(blob(id)).changes === 1 ? done({}) : refused({ code: 'file_unknown' })
  }

  return { begin, drop, add, forget }
}

function prepare(db: DatabaseSync) {
  return {
    upload: query<[one: number]>(db, 'SELECT 1 FROM uploads WHERE id = ?'),
    file: query<[one: number]>(db, 'SELECT 1 FROM files WHERE id = ?'),
    bytes: query<[bytes: number]>(db, 'SELECT bytes FROM stored_bytes WHERE owner_id = ?'),
    allBytes: query<[bytes: number]>(db, `SELECT bytes FROM stored_bytes WHERE owner_id = x''`),
    insertUpload: db.prepare(
      'INSERT INTO uploads (id, owner_id, room_id, name, size, mime_type, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    dropUpload: db.prepare('DELETE FROM uploads WHERE id = ?'),
    insertFile: db.prepare(
      `INSERT INTO files (id, owner_id, room_id, name, size, mime_type, sniffed, checksum, stored_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    dropFile: db.prepare('DELETE FROM files WHERE id = ?'),
  }
}
