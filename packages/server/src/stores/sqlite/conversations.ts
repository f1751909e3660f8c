import type { DatabaseSync } from 'node:sqlite'
import type { Conversation } from '../../core/conversation.ts'
import type { RoomId, UserId } from '../../core/ids.ts'
import { type PageOf, type PageQuery, SESSION_OWNERS_MAX, type SessionOf } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { guestsFirst, type User } from '../../core/user.ts'
import { done, refused } from '../outcomes.ts'
import { forgettingApprovalsIn } from './approvals.ts'
import { inOneMoment, query } from './connection.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob, uuid, uuidOrNull } from './ids.ts'
import { membersOf } from './members.ts'
import { roomLifeIn } from './room-life.ts'
import { USER_COLUMNS, type UserRow, userOf } from './rows.ts'
import type { RoomHead, Transaction } from './transaction.ts'

type ConversationRow = [
  number: number,
  room: string,
  owner: string,
  title: string | null,
  model: string | null,
  createdAt: number,
  lastAt: number,
]

const COLUMNS =
  'c.number, hex(c.room_id), hex(c.owner_id), c.title, c.model, c.created_at, coalesce(c.last_at, r.message_at)'
const THERE = 'conversations c JOIN rooms r ON r.id = c.room_id AND r.deleted_at IS NULL'
/** Something was said in it; in a room of others it begins with that. */
const BEGUN = "(r.kind <> 'conversation' OR r.ordinal > 0)"
const PREFIXED = 'substr(c.session, 1, length(?2)) = ?2'

function conversationOf([number, room, owner, title, model, createdAt, lastAt]: ConversationRow): Conversation {
  return { number, room: uuid<RoomId>(room), owner: uuidOrNull<UserId>(owner), title, model, createdAt, lastAt }
}

export function conversationReads(db: DatabaseSync) {
  const byNumber = query<ConversationRow>(db, `SELECT ${COLUMNS} FROM ${THERE} WHERE c.number = ?`)
  const ofOwner = query<ConversationRow>(
    db,
    `SELECT ${COLUMNS} FROM ${THERE} WHERE c.owner_id = ? AND ${BEGUN}
     ORDER BY c.last_at DESC, c.number DESC LIMIT ? OFFSET ?`,
  )
  const sessions = query<[session: string, ...ConversationRow]>(
    db,
    `SELECT c.session, ${COLUMNS} FROM ${THERE} WHERE c.owner_id = ? AND ${PREFIXED}
     ORDER BY c.last_at DESC, c.number DESC LIMIT ? OFFSET ?`,
  )
  const countSessions = query<[count: number]>(db, `SELECT count(*) FROM ${THERE} WHERE c.owner_id = ? AND ${PREFIXED}`)
  const ofSession = query<ConversationRow>(
    db,
    `SELECT ${COLUMNS} FROM ${THERE} WHERE c.session = ? AND c.owner_id = ? ORDER BY c.number DESC LIMIT 1`,
  )
  const owners = query<UserRow>(
    db,
    `SELECT ${USER_COLUMNS} FROM ${THERE} JOIN users u ON u.id = c.owner_id AND u.deleted_at IS NULL
     WHERE c.session = ? LIMIT ${SESSION_OWNERS_MAX}`,
  )
  const count = query<[count: number]>(db, `SELECT count(*) FROM ${THERE} WHERE c.owner_id = ? AND ${BEGUN}`)
  const atOnce = inOneMoment(db)
  return {
    conversation(number: number): Conversation | undefined {
      const row = byNumber.one(number)
      return row && conversationOf(row)
    },
    conversationOf(owner: UserId, session: string): Conversation | undefined {
      const row = ofSession.one(session, blob(owner))
      return row && conversationOf(row)
    },
    sessionOwners(session: string): readonly User[] {
      const found = new Map(owners.all(session).map(row => [row[0], userOf(row)]))
      return guestsFirst([...found.values()])
    },
    sessionsOf: (owner: UserId, prefix: string, { limit, offset }: PageQuery): PageOf<SessionOf> =>
      atOnce(() => ({
        items: sessions
          .all(blob(owner), prefix, limit, offset)
          .map(([session, ...row]) => ({ session, conversation: conversationOf(row) })),
        total: countSessions.one(blob(owner), prefix)?.[0] ?? 0,
      })),
    conversations: (owner: UserId, { limit, offset }: PageQuery): PageOf<Conversation> =>
      atOnce(() => ({
        items: ofOwner.all(blob(owner), limit, offset).map(conversationOf),
        total: count.one(blob(owner))?.[0] ?? 0,
      })),
  }
}

type Opening = Pick<Conversation, 'room' | 'owner' | 'title'> & { readonly session?: string | undefined }

/** New conversations, for the writes that need one. */
export function openingIn({ db }: Transaction) {
  const insert = db.prepare(
    'INSERT INTO conversations (room_id, owner_id, title, session, created_at, last_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  return {
    /** Returns its number. */
    open({ room, owner, title, session }: Opening, at: number): number {
      const lastAt = owner && at
      return Number(insert.run(blob(room), owner && blob(owner), title, session ?? null, at, lastAt).lastInsertRowid)
    },
  }
}

export function conversationWrites(tx: Transaction) {
  const reads = conversationReads(tx.db)
  const directory = directoryOf(tx)
  const members = membersOf(tx)
  const life = roomLifeIn(tx)
  const opening = openingIn(tx)
  const put = tx.db.prepare('UPDATE conversations SET title = ?, model = ? WHERE number = ?')
  const putName = tx.db.prepare(`UPDATE rooms SET name = ? WHERE id = ? AND kind = 'conversation'`)
  const forget = tx.db.prepare('UPDATE conversations SET session = NULL WHERE number = ?')
  const drop = tx.db.prepare('DELETE FROM conversations WHERE number = ?')
  const approvals = forgettingApprovalsIn(tx.db)

  function opened(number: number, head: RoomHead): Outcome<'conversation.open'> {
    const conversation = reads.conversation(number)
    if (!conversation) throw new Error('A conversation that was just opened is missing')
    return done({ conversation, room: life.shown(head) })
  }

  function open({ room, at, ...of }: WriteOf<'conversation.open'>): Outcome<'conversation.open'> {
    const { owner } = of
    if ('own' in room) return openOwn({ ...of, room: room.own, owner }, at)
    const head = tx.room(room.in)
    if (head?.kind !== 'private') return refused({ code: 'room_unknown' })
    if (!tx.member(head, owner)) return refused({ code: 'not_member' })
    return opened(opening.open({ ...of, room: room.in }, at), head)
  }

  function openOwn(of: Opening & { readonly owner: UserId }, at: number): Outcome<'conversation.open'> {
    const { room: id, owner } = of
    if (!directory.living(owner)) return refused(unknownUser(owner))
    const conversation = opening.open(of, at)
    const name = of.title ?? ''
    const head = life.begin({ id, kind: 'conversation', name, owner, assistant: 'always', conversation }, at)
    members.put(head, owner, at)
    return opened(conversation, head)
  }

  function change({ number, ...patch }: WriteOf<'conversation.change'>): Outcome<'conversation.change'> {
    const before = reads.conversation(number)
    if (!before) return refused({ code: 'conversation_unknown', id: `${number}` })
    const { title = before.title, model = before.model } = patch
    put.run(title, model, number)
    putName.run(title ?? '', blob(before.room))
    return done({ conversation: { ...before, title, model } })
  }

  function remove({ number, at }: WriteOf<'conversation.delete'>): Outcome<'conversation.delete'> {
    const found = reads.conversation(number)
    const head = found && tx.room(found.room)
    if (!head || found.owner === null) return refused({ code: 'conversation_unknown', id: `${number}` })
    if (head.kind === 'conversation') return done(life.end(head, at))
    drop.run(number)
    approvals.ofConversation(found.room, number)
    return done({ room: null, seq: 0, at })
  }

  function letGo({ number }: WriteOf<'conversation.let_go'>): Outcome<'conversation.let_go'> {
    const { changes } = forget.run(number)
    return changes > 0 ? done({}) : refused({ code: 'conversation_unknown', id: `${number}` })
  }

  return { open, change, remove, letGo }
}
