import type { DatabaseSync } from 'node:sqlite'
import type { MessageId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { NewMessage, Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import { placingIn } from './placing.ts'
import { retriesOf } from './retries.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf, ROOM_IS_THERE } from './rows.ts'
import { startingIn } from './run-starts.ts'
import { forgettingIn } from './run-steps.ts'
import type { MemberHead, RoomHead, Transaction } from './transaction.ts'

export function messageReads(db: DatabaseSync) {
  const byId = query<MessageRow>(
    db,
    `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.id = ? AND m.deleted_at IS NULL AND ${ROOM_IS_THERE}`,
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
  const placing = placingIn(tx)
  const starting = startingIn(tx)
  const forgetting = forgettingIn(tx.db)

  function append(write: WriteOf<'message.append'>): Outcome<'message.append'> {
    const first = retries.first(write)
    if (first) return done({ state: 'repeated', first })
    const room = tx.room(write.room)
    if (!room) return refused({ code: 'room_unknown' })
    const sender = tx.member(room, write.sender)
    if (!sender) return refused({ code: 'not_member' })
    const conversation = placing.conversationIn(room, write.sender, write.conversation)
    if (conversation === undefined) return refused({ code: 'conversation_unknown', id: `${write.conversation}` })
    if (retries.conflicts(sender, write.retry)) return refused({ code: 'id_conflict' })
    return store(write, room, sender, conversation)
  }

  function store(
    write: NewMessage,
    room: RoomHead,
    sender: MemberHead,
    conversation: number | null,
  ): Outcome<'message.append'> {
    if (write.run && starting.isTaken(write.run)) return refused({ code: 'id_conflict' })
    // The row of the message comes first: where its id is taken, nothing has changed.
    const clientId = write.retry?.clientId ?? null
    const placed = placing.place(room, { ...write, sender: sender.id, clientId, conversation, run: null })
    if (!placed) return refused({ code: 'id_conflict' })
    sender.own++
    sender.dirty = true
    retries.remember(sender, write.retry, placed.number)
    const question = { room: write.room, conversation, asker: write.sender, question: write.id, clientId }
    const run = write.run && starting.start(room, { ...question, startedAt: placed.at }, write.run)
    return done({ state: 'stored', ...placed, conversation, run })
  }

  function edit({ id, body, at }: WriteOf<'message.edit'>): Outcome<'message.edit'> {
    const before = reads.message(id)
    const room = before && tx.room(before.room)
    if (!room) return refused({ code: 'message_unknown', id })
    const editedAt = Math.max(at, room.lastAt)
    sql.edit.run(body, editedAt, before.number)
    if (before.run) forgetting.steps(before.number)
    const seq = tx.log(room, 'message.edited', before.number, editedAt)
    return done({ message: { ...before, body, editedAt }, seq })
  }

  function remove({ id, at }: WriteOf<'message.delete'>): Outcome<'message.delete'> {
    const before = reads.message(id)
    const room = before && tx.room(before.room)
    if (!room) return refused({ code: 'message_unknown', id })
    const deletedAt = Math.max(at, room.lastAt)
    sql.remove.run(deletedAt, before.number)
    if (before.run) forgetting.steps(before.number)
    sql.forgetSingles.run(room.id, room.id, before.ordinal)
    sql.forgetReads.run(room.id, before.ordinal)
    room.deleted++
    const seq = tx.log(room, 'message.deleted', before.number, deletedAt)
    return done({ message: { ...before, body: '', deletedAt }, seq })
  }

  return { append, edit, remove }
}

function prepare(db: DatabaseSync) {
  return {
    edit: db.prepare('UPDATE messages SET body = ?, edited_at = ? WHERE number = ?'),
    remove: db.prepare(`UPDATE messages SET body = '', deleted_at = ? WHERE number = ?`),
    forgetSingles: db.prepare(
      `UPDATE members SET singles = singles - 1
       WHERE room_id = ? AND user_id IN (SELECT user_id FROM reads WHERE room_id = ? AND ordinal = ?)`,
    ),
    forgetReads: db.prepare('DELETE FROM reads WHERE room_id = ? AND ordinal = ?'),
  }
}
