import { createHash } from 'node:crypto'
import type { Conversation } from '../../src/core/conversation.ts'
import type { MessageId, RoomId, UserId } from '../../src/core/ids.ts'
import type { Message } from '../../src/core/message.ts'
import type { Store } from '../../src/core/ports/store.ts'
import type {
  NewMessage,
  NewRoom,
  Outcome,
  RetryKey,
  Write,
  WriteOf,
  Writes,
  WriteType,
} from '../../src/core/ports/writes.ts'
import type { Refusal } from '../../src/core/refusals.ts'
import type { Room } from '../../src/core/room.ts'
import type { User } from '../../src/core/user.ts'

/** A store under test, and what can happen to it. */
export interface StoreUnderTest {
  readonly store: Store
  /** Closes the store and opens what it kept. Absent where nothing outlives the store. */
  reopen?(): Promise<Store>
  /** Opens what a process that was killed just now would have left behind. */
  crash?(): Promise<Store>
  close(): Promise<void>
}

export type OpenStore = () => Promise<StoreUnderTest>

export const START = 1_700_000_000_000

let last = 0

/** Ids in rising order, unlike any other in this run. */
export const newId = <Id extends string>(): Id =>
  `01890000-0000-7000-8000-${(++last).toString(16).padStart(12, '0')}` as Id

/** 64 hex digits that stand for `text`. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export const retryOf = (clientId: string, of: string, onConflict: RetryKey['onConflict'] = 'new'): RetryKey => ({
  clientId,
  digest: digestOf(of),
  onConflict,
})

export const newUser = (name: string, over: Partial<User> = {}): User => ({
  id: newId<UserId>(),
  name,
  role: 'member',
  email: null,
  webhookUrl: null,
  logo: null,
  emoji: null,
  createdBy: null,
  createdAt: START,
  deletedAt: null,
  ...over,
})

/** Short words for writing to a store and looking at it. */
export type World = ReturnType<typeof worldOn>

export function worldOn(store: Store) {
  const commit = (...writes: readonly Write[]): Promise<readonly Outcome[]> => store.commit(writes)

  async function outcome<T extends WriteType>(write: WriteOf<T>): Promise<Outcome<T>> {
    const [first] = await store.commit([write as unknown as Write])
    return first as Outcome<T>
  }

  /** What a write that must succeed answers. */
  async function write<T extends WriteType>(write: WriteOf<T>): Promise<Writes[T]['out']> {
    const ended = await outcome(write)
    if (ended.state === 'refused') throw new Error(`${write.type} was refused: ${JSON.stringify(ended.refusal)}`)
    return ended.value
  }

  /** Why a write that must be refused was refused. */
  async function refusal<T extends WriteType>(write: WriteOf<T>): Promise<Refusal> {
    const ended = await outcome(write)
    if (ended.state === 'done') throw new Error(`${write.type} was not refused`)
    return ended.refusal
  }

  async function person(name: string, over: Partial<User> = {}): Promise<User> {
    const user = newUser(name, over)
    await write({ type: 'user.create', user, key: null, ticket: null, at: START })
    return user
  }

  const draft = (sender: User, over: Partial<NewMessage> = {}): WriteOf<'message.append'> => ({
    type: 'message.append',
    id: newId<MessageId>(),
    room: store.lobby,
    sender: sender.id,
    kind: 'text',
    body: 'hello',
    replyTo: null,
    retry: null,
    conversation: null,
    run: null,
    at: START,
    ...over,
  })

  /** Sends a message and returns it as the store shows it. */
  async function send(sender: User, over: Partial<NewMessage> = {}): Promise<Message> {
    const message = draft(sender, over)
    await write(message)
    return shown(message.id)
  }

  async function shown(id: MessageId): Promise<Message> {
    const message = await store.message(id)
    if (!message) throw new Error(`There is no message ${id}`)
    return message
  }

  async function sendMany(sender: User, count: number, over: Partial<NewMessage> = {}): Promise<readonly MessageId[]> {
    const drafts = Array.from({ length: count }, () => draft(sender, over))
    await commit(...drafts)
    return drafts.map(message => message.id)
  }

  async function direct(a: User, b: User): Promise<RoomId> {
    const pair = a.id < b.id ? ([a.id, b.id] as const) : ([b.id, a.id] as const)
    const { room } = await write({ type: 'room.open_direct', id: newId<RoomId>(), pair, at: START })
    return room.id
  }

  /** A room that `owner` makes, shared unless `over` says otherwise. */
  async function roomOf(owner: User, over: Partial<NewRoom> = {}): Promise<Room> {
    const id = newId<RoomId>()
    const made = { id, kind: 'shared', label: `room ${id}`, name: 'A room', assistant: 'mention', ...over } as const
    return (await write({ type: 'room.create', room: { ...made, owner: owner.id }, at: START })).room
  }

  /** A conversation of `owner`: in a room of its own, or in the private one that is named. */
  async function conversationOf(owner: User, room: RoomId | null = null, at = START): Promise<Conversation> {
    const where = room ? { in: room } : { own: newId<RoomId>() }
    return (await write({ type: 'conversation.open', owner: owner.id, room: where, title: null, at })).conversation
  }

  const enter = (user: User, room: RoomId, at = START) => write({ type: 'member.join', room, user: user.id, at })
  const exit = (user: User, room: RoomId, at = START) => write({ type: 'member.leave', room, user: user.id, at })

  const edit = (id: MessageId, body: string, at = START) => write({ type: 'message.edit', id, body, at })
  const remove = (id: MessageId, at = START) => write({ type: 'message.delete', id, at })
  const trim = (room: RoomId, keep: number, limit = 1_000) => write({ type: 'room.trim', room, keep, limit })
  const read = (user: User, id: MessageId, at = START) => write({ type: 'read.message', user: user.id, id, at })
  const readAll = (user: User, over: Partial<WriteOf<'read.room'>> = {}) =>
    write({ type: 'read.room', user: user.id, room: store.lobby, upTo: 'head', at: START, ...over })
  const leave = (user: User) => write({ type: 'user.delete', id: user.id, at: START })
  const unread = (user: User) => store.unreadCounts(user.id)

  async function unreadIds(user: User, scope: 'lobby' | 'direct' = 'lobby'): Promise<readonly MessageId[]> {
    return (await store.unread(user.id, scope, { limit: 10_000, offset: 0 })).map(message => message.id)
  }

  async function readersOf(id: MessageId): Promise<readonly UserId[]> {
    return (await store.receipts(id)).map(receipt => receipt.user)
  }

  async function historyIds(query: Partial<Parameters<Store['history']>[0]> = {}): Promise<readonly MessageId[]> {
    const page = await store.history({ of: { scope: 'lobby' }, since: null, limit: 10_000, offset: 0, ...query })
    return page.items.map(message => message.id)
  }

  return {
    ...{ store, commit, outcome, write, refusal, person, draft, send, sendMany, shown, direct },
    ...{ roomOf, conversationOf, enter, exit },
    ...{ edit, remove, trim, read, readAll, leave, unread, unreadIds, readersOf, historyIds },
  }
}
