import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { MessageId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { Appended, NewMessage, Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { isConflict } from './failure.ts'
import { blob } from './ids.ts'
import { retriesOf } from './retries.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './rows.ts'
import type { MemberHead, RoomHead, Transaction } from './transaction.ts'

export function messageReads(db: DatabaseSync) {
  const byId = query<MessageRow>(
    db,
    `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.id = ? AND m.deleted_at IS NULL`,
  )
  return {
    message(id: MessageId): Message | undefined {
      const row = byId.one(blob(id))
      return row && messageOf(row)
    },
  }
}

export function messageWrites(tx: Transaction) {
  const sql = prepare(tx.db)
  const reads = messageReads(tx.db)
  const retries = retriesOf(tx)

  function store(write: NewMessage, room: RoomHead, sender: MemberHead): Appended | undefined {
    const at = Math.max(write.at, room.lastAt)
    const number = insertInto(sql.insert, write, room, sender, at)
    if (number === undefined) return undefined
    room.ordinal++
    room.lastNumber = number
    sender.own++
    sender.dirty = true
    return { state: 'stored', number, seq: tx.log(room, 'message.sent', number, at), ordinal: room.ordinal, at }
  }

  function append(write: WriteOf<'message.append'>): Outcome<'message.append'> {
    const first = retries.first(write)
    if (first) return done({ state: 'repeated', first })
    const room = tx.room(write.room)
    if (!room) return refused({ code: 'room_unknown' })
    const sender = tx.member(room, write.sender)
    if (!sender) return refused({ code: 'not_member' })
    if (retries.conflicts(sender, write.retry)) return refused({ code: 'id_conflict' })
    // The row of the message comes first: where its id is taken, nothing has changed.
    const appended = store(write, room, sender)
    if (!appended) return refused({ code: 'id_conflict' })
    retries.remember(sender, write.retry, room.lastNumber)
    return done(appended)
  }

  function edit({ id, body, at }: WriteOf<'message.edit'>): Outcome<'message.edit'> {
    const before = reads.message(id)
    const room = before && tx.room(before.room)
    if (!room) return refused({ code: 'message_unknown', id })
    const editedAt = Math.max(at, room.lastAt)
    sql.edit.run(body, editedAt, before.number)
    const seq = tx.log(room, 'message.edited', before.number, editedAt)
    return done({ message: { ...before, body, editedAt }, seq })
  }

  function remove({ id, at }: WriteOf<'message.delete'>): Outcome<'message.delete'> {
    const before = reads.message(id)
    const room = before && tx.room(before.room)
    if (!room) return refused({ code: 'message_unknown', id })
    const deletedAt = Math.max(at, room.lastAt)
    sql.remove.run(deletedAt, before.number)
    sql.forgetSingles.run(room.id, room.id, before.ordinal)
    sql.forgetReads.run(room.id, before.ordinal)
    room.deleted++
    const seq = tx.log(room, 'message.deleted', before.number, deletedAt)
    return done({ message: { ...before, body: '', deletedAt }, seq })
  }

  return { append, edit, remove }
}

/** Returns the message's number; undefined, and changes nothing, when its id is taken. */
function insertInto(
  insert: StatementSync,
  { id, kind, body, retry, replyTo }: NewMessage,
  room: RoomHead,
  sender: MemberHead,
  at: number,
): number | undefined {
  const client = retry?.clientId ?? null
  const reply = replyTo && blob(replyTo)
  try {
    const place = [room.id, room.ordinal + 1, room.seq + 1] as const
    return Number(insert.run(blob(id), ...place, sender.id, kind, body, client, reply, at).lastInsertRowid)
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

function prepare(db: DatabaseSync) {
  return {
    insert: db.prepare(
      `INSERT INTO messages (id, room_id, ordinal, seq, sender_id, kind, body, client_id, reply_to, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    edit: db.prepare('UPDATE messages SET body = ?, edited_at = ? WHERE number = ?'),
    remove: db.prepare(`UPDATE messages SET body = '', deleted_at = ? WHERE number = ?`),
    forgetSingles: db.prepare(
      `UPDATE members SET singles = singles - 1
       WHERE room_id = ? AND user_id IN (SELECT user_id FROM reads WHERE room_id = ? AND ordinal = ?)`,
    ),
    forgetReads: db.prepare('DELETE FROM reads WHERE room_id = ? AND ordinal = ?'),
  }
}
