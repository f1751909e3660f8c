import type { CommitWaiter } from '../commits.ts'
import type { Context } from '../context.ts'
import { messageId, type RoomId } from '../ids.ts'
import type { ShownMessage } from '../message.ts'
import { nameKey } from '../names.ts'
import { signedIn } from '../permissions.ts'
import { ownRoom, pairOf, type RoomRef } from '../places.ts'
import type { PageQuery } from '../ports/store.ts'
import type { Marked, Outcome } from '../ports/writes.ts'
import { type Refusal, Refused } from '../refusals.ts'
import { otherOf, type Room, type Scope } from '../room.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'
import { readable, show } from './messages.ts'
import type { MarkMessage, Submitter } from './sending.ts'

export interface ReadingCommands {
  /** Marks one message read. Marking again, or one's own, succeeds and changes nothing. */
  'read.message': { input: { id: string }; result: object }
  /** Marks everything of the scopes read; answers how many messages went from unread to read. */
  'read.all': { input: { scopes: readonly Scope[] }; result: { changed: number } }
  /** Marks everything of one's own room up to an ordinal read. Refuses room_unknown, not_member. */
  'read.to': { input: { ref: RoomRef; upTo: number | 'head' }; result: { room: Room; readTo: number; unread: number } }
  /** Marks the direct messages of one person read. An unknown name changes nothing. */
  'read.direct': { input: { name: string }; result: { changed: number } }
  'unread.counts': { input: object; result: Record<Scope, number> }
  /** Oldest first, fewer than asked for where the texts are long. */
  'unread.list': { input: { scope: Scope } & PageQuery; result: readonly ShownMessage[] }
}

export const readingCommands: Implementation<ReadingCommands> = {
  'read.message': markAndWait,
  'read.all': async (ctx, actor, { scopes }) => {
    const user = signedIn(actor)
    const rooms = await Promise.all(scopes.map(scope => ctx.store.unreadRooms(user.id, scope)))
    return { changed: await markRooms(ctx, user, rooms.flat()) }
  },
  'read.to': async (ctx, actor, { ref, upTo }) => {
    const user = signedIn(actor)
    const { room } = await ownRoom(ctx, user, ref)
    await markRoom(ctx, user, room.id, upTo)
    const listed = await ctx.store.listedRoom(user.id, room.id)
    return { room, readTo: listed?.readTo ?? 0, unread: listed?.unread ?? 0 }
  },
  'read.direct': async (ctx, actor, { name }) => {
    const user = signedIn(actor)
    const author = await ctx.directory.named(name)
    const room = author
      ? await ctx.directory.direct(pairOf(user.id, author.id))
      : await unreadOfDeleted(ctx, user, nameKey(name))
    return { changed: room ? await markRooms(ctx, user, [room.id]) : 0 }
  },
  'unread.counts': (ctx, actor) => ctx.store.unreadCounts(signedIn(actor).id),
  'unread.list': async (ctx, actor, { scope, limit, offset }) =>
    show(ctx, readable(await ctx.store.unread(signedIn(actor).id, scope, { limit, offset }))),
}

/** The direct room with unread messages of somebody who is deleted: their messages still carry the name. */
async function unreadOfDeleted(ctx: Context, user: User, key: string): Promise<Room | undefined> {
  for (const id of await ctx.store.unreadRooms(user.id, 'direct')) {
    const room = await ctx.directory.room(id)
    const other = room?.pair && (await ctx.directory.user(otherOf(room.pair, user.id)))
    if (other && nameKey(other.name) === key) return room
  }
  return undefined
}

/** Marks a message read; `submitter` hears of the end either way. */
export function mark(ctx: Context, actor: Actor, command: MarkMessage, submitter: Submitter): void {
  if (actor.kind !== 'user') return submitter.refused({ code: 'unauthenticated' }, command)
  const id = messageId(command.id)
  if (!id) return submitter.refused({ code: 'message_unknown', id: command.id }, command)
  const at = ctx.clock.now()
  const write = { type: 'read.message', user: actor.user.id, id, at } as const
  ctx.commits.add(write, new Pending(ctx, actor.user, at, submitter, command))
}

function markAndWait(ctx: Context, actor: Actor, { id }: { id: string }): Promise<object> {
  return new Promise((resolve, reject) => {
    mark(
      ctx,
      actor,
      { type: 'read.message', id },
      {
        sent: () => undefined,
        marked: () => resolve({}),
        refused: refusal => reject(new Refused(refusal)),
      },
    )
  })
}

/** A mark between check and commit. */
class Pending implements CommitWaiter {
  readonly #ctx: Context
  readonly #reader: User
  readonly #at: number
  readonly #submitter: Submitter
  readonly #command: MarkMessage

  constructor(ctx: Context, reader: User, at: number, submitter: Submitter, command: MarkMessage) {
    this.#ctx = ctx
    this.#reader = reader
    this.#at = at
    this.#submitter = submitter
    this.#command = command
  }

  committed(outcome: Outcome): void {
    if (outcome.state === 'refused') return this.failed(outcome.refusal)
    const { value } = outcome as Outcome<'read.message'> & { state: 'done' } // the outcome of our own mark
    tell(this.#ctx, this.#reader, this.#at, value)
    this.#submitter.marked(this.#command)
  }

  failed(refusal: Refusal): void {
    this.#submitter.refused(refusal, this.#command)
  }
}

/** Rooms marked side by side, so that one reader's marks leave place for the writes of others. */
const ROOMS_AT_ONCE = 100

async function markRooms(ctx: Context, user: User, rooms: readonly RoomId[]): Promise<number> {
  let changed = 0
  for (let i = 0; i < rooms.length; i += ROOMS_AT_ONCE) {
    const marks = await Promise.all(rooms.slice(i, i + ROOMS_AT_ONCE).map(room => markRoom(ctx, user, room)))
    changed += marks.reduce((sum, mark) => sum + mark, 0)
  }
  return changed
}

/** Tells of the mark once it is durable, whatever becomes of those of other rooms. */
async function markRoom(ctx: Context, user: User, room: RoomId, upTo: number | 'head' = 'head'): Promise<number> {
  let all = 0
  for (let isMore = true; isMore; ) {
    const at = ctx.clock.now()
    const write = { type: 'read.room', user: user.id, room, upTo, at } as const
    const { changed, more } = await ctx.commits.run(write, marked => tell(ctx, user, at, marked))
    all += changed
    isMore = more
  }
  return all
}

function tell(ctx: Context, reader: User, at: number, marked: Marked): void {
  if (marked.changed === 0) return
  const emit = (room: Room | undefined) => {
    if (!room) return
    const { receipts: messages, readTo } = marked
    ctx.emit({ type: 'read.moved', in: room, reader, at, messages, readTo })
  }
  const room = ctx.directory.peekRoom(marked.room)
  if (room) emit(room)
  else ctx.directory.room(marked.room).then(emit, ctx.onFault)
}
