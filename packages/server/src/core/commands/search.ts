import type { Context } from '../context.ts'
import { type RoomId, type UserId, userId } from '../ids.ts'
import type { ShownMessage } from '../message.ts'
import { allowed } from '../permissions.ts'
import { ownRoom, type RoomRef } from '../places.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { Excerpt } from '../search/excerpt.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'
import { limit } from './limits.ts'
import { readable, show } from './messages.ts'
import { ownReach, partOf, type Reach, sharedReach } from './reach.ts'

export interface SearchCommands {
  /**
   * Messages with these words among what the actor may read, newest first. No guests. Refuses room_unknown, not_member,
   * user_unknown, rate_limited, and busy when too many search at once.
   */
  'search.messages': { input: SearchInput; result: SearchPage }
}

export interface SearchInput {
  /** As people type it: see `SearchQuery`. */
  readonly text: string
  /** One of the actor's rooms; all of them without one. */
  readonly room?: RoomRef | null
  /** Name or id of who wrote it. */
  readonly sender?: string | null
  /** Times from one on, and before the other; milliseconds since 1970. */
  readonly from?: number | null
  readonly until?: number | null
  /** `next` of the page before. */
  readonly before?: number | null
  readonly limit: number
  /** A room of the actor's in which it will be told: then only what everybody in it may read. */
  readonly sharedIn?: RoomId | null
}

export interface FoundMessage extends ShownMessage, Excerpt {
  readonly room: Room
}

export interface SearchPage {
  /** Fewer than asked for, or none, where much had to be looked through or the texts are long. */
  readonly items: readonly FoundMessage[]
  /** `before` of the next page; null where there is none. */
  readonly next: number | null
}

export const searchCommands: Implementation<SearchCommands> = {
  'search.messages': search,
}

async function search(ctx: Context, actor: Actor, input: SearchInput): Promise<SearchPage> {
  const user = allowed(actor, 'search')
  limit(ctx, 'searches', user.id)
  const { text, from = null, until = null, before = null } = input
  const sender = input.sender == null ? null : await senderOf(ctx, input.sender)
  const rooms = await reachOf(ctx, user, input)
  const page = await ctx.search.find({ text, rooms, sender, from, until, before, limit: input.limit })
  const messages = readable(page.items.map(({ message }) => message))
  const isCut = messages.length < page.items.length
  const shown = new Map((await show(ctx, messages)).map(one => [one.message.id, one]))
  const items: FoundMessage[] = []
  for (const { message, excerpt, hits } of page.items) {
    const one = shown.get(message.id)
    const room = one && (await ctx.directory.room(message.room))
    if (room) items.push({ ...one, room, excerpt, hits })
  }
  return { items, next: isCut ? (messages.at(-1)?.number ?? null) : page.next }
}

/** Whoever may have written something: also an agent, and somebody deleted, by their id. */
async function senderOf(ctx: Context, ref: string): Promise<UserId> {
  const id = userId(ref)
  const user = (id && (await ctx.directory.user(id))) ?? (await ctx.directory.named(ref))
  return user && user.role !== 'guest' ? user.id : refuse({ code: 'user_unknown', name: ref })
}

async function reachOf(ctx: Context, user: User, { room: ref, sharedIn }: SearchInput): Promise<Reach> {
  const reach = sharedIn ? await sharedReach(ctx, user, sharedIn) : null
  if (!ref) return reach ?? ownReach(ctx, user)
  const { room, membership } = await ownRoom(ctx, user, ref)
  return reach ? reach.filter(one => one.room === room.id) : [partOf(room, membership)]
}
