import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { UserId } from '../../core/ids.ts'
import type { NewMessage } from '../../core/ports/writes.ts'
import { isConflict } from './failure.ts'
import { blob } from './ids.ts'
import type { RoomHead, Transaction } from './transaction.ts'

/** A message that is to get its place in a room. */
export interface Draft extends Pick<NewMessage, 'id' | 'kind' | 'body' | 'replyTo' | 'at'> {
  readonly sender: Uint8Array
  readonly clientId: string | null
  /** As `conversationIn` answers. */
  readonly conversation: number | null
  /** Number of the run whose text it is. */
  readonly run: number | null
}

export interface Placed {
  readonly number: number
  readonly seq: number
  readonly ordinal: number
  readonly at: number
}

/** How messages come into rooms, whoever sends them. */
export function placingIn(tx: Transaction) {
  const insert = prepare(tx.db)

  /** What a message of the sender belongs to; undefined when it names what is not there, or not theirs. */
  function conversationIn(room: RoomHead, sender: UserId, named: number | null): number | null | undefined {
    if (room.conversation !== null || named === null) return room.conversation
    const found = tx.conversation(named)
    return found?.owner === sender && Buffer.compare(blob(found.room), room.id) === 0 ? named : undefined
  }

  /** The time of a conversation that is listed by it. A room that people share has its own. */
  function touch(room: RoomHead, conversation: number | null, at: number): void {
    if (conversation === null || (room.conversation !== null && room.kind !== 'conversation')) return
    const found = tx.conversation(conversation)
    if (found) found.lastAt = at
  }

  /** Stores the message and logs it. Undefined, and nothing has changed, when its id is taken. */
  function place(room: RoomHead, draft: Draft): Placed | undefined {
    const at = Math.max(draft.at, room.lastAt)
    const number = insertInto(insert, room, draft, at)
    if (number === undefined) return undefined
    room.ordinal++
    room.lastNumber = number
    room.messageAt = at
    touch(room, draft.conversation, at)
    return { number, seq: tx.log(room, 'message.sent', number, at), ordinal: room.ordinal, at }
  }

  return { conversationIn, place }
}

/** Returns the message's number; undefined when its id is taken. */
function insertInto(insert: StatementSync, room: RoomHead, draft: Draft, at: number): number | undefined {
  const { id, sender, kind, body, clientId, replyTo, run } = draft
  const conversation = room.conversation === null ? draft.conversation : null
  const place = [room.id, room.ordinal + 1, room.seq + 1] as const
  const reply = replyTo && blob(replyTo)
  try {
    const { lastInsertRowid } = insert.run(
      blob(id),
      ...place,
      sender,
      kind,
      body,
      clientId,
      reply,
      conversation,
      run,
      at,
    )
    return Number(lastInsertRowid)
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

const prepare = (db: DatabaseSync): StatementSync =>
  db.prepare(
    `INSERT INTO messages (id, room_id, ordinal, seq, sender_id, kind, body, client_id, reply_to, conversation, run, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
