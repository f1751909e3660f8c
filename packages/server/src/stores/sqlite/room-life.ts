import type { Room } from '../../core/room.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import { ROOM_COLUMNS, type RoomRow, roomOf } from './rows.ts'
import type { RoomHead, Transaction } from './transaction.ts'

/** What a room begins as; what is not named is as rooms have it that people can't join. */
export type Beginning = Pick<Room, 'id' | 'kind'> &
  Partial<Pick<Room, 'pair' | 'label' | 'name' | 'owner' | 'assistant' | 'conversation'>>

/** How rooms begin and end, for the writes that do it. */
export function roomLifeIn(tx: Transaction) {
  const insert = tx.db.prepare(
    `INSERT INTO rooms (id, kind, pair_a, pair_b, label, name, owner_id, assistant, conversation, created_at, message_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const byId = query<RoomRow>(tx.db, `SELECT ${ROOM_COLUMNS} FROM rooms r WHERE r.id = ?`)
  const mark = tx.db.prepare('UPDATE rooms SET deleted_at = ?, members = 0 WHERE id = ?')
  const forget = tx.db.prepare('DELETE FROM conversations WHERE number = ?')

  /** The room as it is now. */
  function shown({ id }: Pick<RoomHead, 'id'>): Room {
    const row = byId.one(id)
    if (!row) throw new Error('A room that was just written is missing')
    return roomOf(row)
  }

  return {
    shown,
    /** Makes a room without members. */
    begin({ id, kind, pair = null, label = null, name = '', ...room }: Beginning, at: number): RoomHead {
      const { owner = null, assistant = 'off', conversation = null } = room
      const [a, b] = pair?.map(blob) ?? [null, null]
      const has = [label, name, owner && blob(owner), assistant, conversation] as const
      insert.run(blob(id), kind, a ?? null, b ?? null, ...has, at, at)
      const head = tx.room(id)
      if (!head) throw new Error('A room that was just made is missing')
      return head
    },
    /** Deletes a room. What it held is left to be erased, but for the conversation that people know it by. */
    end(head: RoomHead, at: number): { room: Room; seq: number; at: number } {
      const seq = tx.log(head, 'room.deleted', 0, Math.max(at, head.lastAt))
      tx.settle()
      mark.run(head.lastAt, head.id)
      if (head.kind === 'conversation') forget.run(head.conversation)
      return { room: shown(head), seq, at: head.lastAt }
    },
  }
}
