import type { Context } from '../context.ts'
import type { MessageId, RoomId, UserId } from '../ids.ts'
import type { MessageKind } from '../message.ts'
import { may } from '../permissions.ts'
import { pairOf, type RoomRef, roomAt } from '../places.ts'
import type { Outside } from '../ports/agents.ts'
import type { RetryKey } from '../ports/writes.ts'
import { type Refusal, Refused, refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { AskOptions } from '../run.ts'
import type { Hear, Prior } from '../runs/cast.ts'
import { isDeleted, type User } from '../user.ts'
import { keepGuest } from './guests.ts'
import { join } from './members.ts'

/** Where a message goes. */
export type Place =
  | { readonly at: 'lobby' }
  /** To another user, by name. */
  | { readonly at: 'direct'; readonly name: string }
  | {
      readonly at: 'room'
      readonly ref: RoomRef
      /** What a room that was never made means: a refusal, or a conversation without a room. */
      readonly unknown: 'refuse' | 'alone'
    }
  /** A conversation without a room: the post says which. */
  | { readonly at: 'conversation' }

export interface NewPost {
  readonly to: Place
  /** 1 to BODY_MAX code points, outside of rooms to QUESTION_MAX, kept exactly as given. */
  readonly body: string
  readonly kind?: MessageKind
  /** What the client calls it: a repeat is answered with the first message. */
  readonly clientId?: string | null
  /** What the same client id with another room or body means: a new message, or the refusal id_conflict. */
  readonly onConflict?: RetryKey['onConflict']
  /** A message of the same room. */
  readonly replyTo?: MessageId | null
  /** In a room where everybody has their own: which; null for a new one, as for one that is somebody else's. */
  readonly conversation?: number | null
  /** What a new conversation without a room is opened for. */
  readonly session?: string
  /** No agent answers it, whatever the room and its text say: an answer under way heard it, or an agent posted it for somebody. */
  readonly isUnanswered?: boolean
  /** Asks the assistant, wherever the room lets it answer. */
  readonly ask?: AskOptions | null
  /** Which agent answers in a conversation; the assistant unless another is named. */
  readonly agent?: UserId | null
  /** What the answer may show to services elsewhere. */
  readonly outside?: Outside | null
  /** Hears the steps of the answer, once each is stored. */
  readonly hear?: Hear
  /** What the agent is told was said before; what is stored unless this is given. */
  readonly prior?: readonly Prior[]
}

/** Where a message goes, found. */
export interface Target {
  readonly room: Room
  /** The other user of a direct room. */
  readonly recipient: User | null
  readonly conversation: number | null
}

/** At once where everything that is needed is cached. Rejects with Refused. */
export function find(ctx: Context, user: User, post: NewPost): Target | Promise<Target> {
  const target = findPlace(ctx, user, post)
  return post.replyTo == null ? target : replying(ctx, user, { ...post, replyTo: post.replyTo }, target)
}

/** A reply stays in its room. */
async function replying(
  ctx: Context,
  user: User,
  post: NewPost & { readonly replyTo: MessageId },
  looked: Target | Promise<Target>,
): Promise<Target> {
  const target = await looked
  const message = await ctx.store.message(post.replyTo)
  // One that was sent before is confirmed again, whatever became of the other.
  const isFine = message?.room === target.room.id || (await sentBefore(ctx, user, post, target.room)) !== undefined
  return isFine ? target : refuse({ code: 'message_unknown', id: post.replyTo })
}

function findPlace(ctx: Context, user: User, post: NewPost): Target | Promise<Target> {
  const { to } = post
  switch (to.at) {
    case 'lobby':
      return inRoom(ctx.directory.lobby)
    case 'direct':
      return findDirect(ctx, user, to.name)
    case 'room': {
      const known = to.ref.by === 'label' ? ctx.directory.peekLabelled(to.ref.label) : undefined
      const isPlain = known && known.deletedAt === null && known.kind !== 'private'
      return isPlain ? inRoom(known) : findRoom(ctx, user, post, to.ref, to.unknown)
    }
    case 'conversation':
      return alone(ctx, user, post)
    default:
      return to satisfies never
  }
}

const inRoom = (room: Room, conversation: number | null = null): Target => ({ room, recipient: null, conversation })

function findDirect(ctx: Context, user: User, name: string): Target | Promise<Target> {
  const recipient = ctx.directory.named(name)
  const known = recipient instanceof Promise ? undefined : recipient
  const room = known && ctx.directory.peekDirect(pairOf(user.id, known.id))
  return room ? { room, recipient: known, conversation: null } : openWith(ctx, user, name, recipient)
}

async function openWith(
  ctx: Context,
  user: User,
  name: string,
  looked: User | undefined | Promise<User | undefined>,
): Promise<Target> {
  const recipient = await looked
  if (!recipient) return refuse({ code: 'user_unknown', name })
  return toUser(ctx, user, recipient)
}

async function toUser(ctx: Context, user: User, recipient: User): Promise<Target> {
  if (recipient.role === 'guest') refuse({ code: 'user_unknown', name: recipient.name })
  const refusal = directFault(user, recipient)
  if (refusal) throw new Refused(refusal)
  return { room: await openDirect(ctx, user, recipient), recipient, conversation: null }
}

async function findRoom(
  ctx: Context,
  user: User,
  post: NewPost,
  ref: RoomRef,
  unknown: 'refuse' | 'alone',
): Promise<Target> {
  if (ref.by === 'user' || ref.by === 'pair') return findPair(ctx, user, ref)
  const room = await roomAt(ctx, user, ref)
  if (room?.kind === 'private') return inRoom(room, await ownConversation(ctx, user, post, room))
  if (room?.kind === 'conversation') {
    return room.owner === user.id ? inRoom(room, room.conversation) : refuse({ code: 'room_unknown' })
  }
  if (room?.pair) return findPair(ctx, user, { by: 'pair', pair: room.pair })
  if (room) return inRoom(room)
  const wasMade = ref.by === 'label' && (await ctx.directory.labelled(ref.label))
  if (wasMade) return refuse({ code: 'room_access_denied' })
  return unknown === 'alone' ? alone(ctx, user, post) : refuse({ code: 'room_unknown' })
}

async function findPair(ctx: Context, user: User, ref: RoomRef & { by: 'user' | 'pair' }): Promise<Target> {
  const [a, b] = ref.by === 'user' ? pairOf(user.id, ref.id) : ref.pair
  if (a !== user.id && b !== user.id) return refuse({ code: 'room_unknown' })
  const other = await ctx.directory.user(a === user.id ? b : a)
  if (!other || isDeleted(other)) return refuse({ code: 'user_unknown', name: other?.name ?? '' })
  return toUser(ctx, user, other)
}

/** The conversation of a private room that the post names, or a new one. */
async function ownConversation(ctx: Context, user: User, post: NewPost, room: Room): Promise<number | null> {
  const known = post.conversation == null ? undefined : await ctx.store.conversation(post.conversation)
  if (known?.room === room.id && known.owner === user.id) return known.number
  if (!(await ctx.store.membership(room.id, user.id))) await join(ctx, user, room)
  const first = await sentBefore(ctx, user, post, room)
  if (first !== undefined) return first
  const opened = await ctx.commits.run({
    type: 'conversation.open',
    owner: user.id,
    room: { in: room.id },
    title: titleOf(post),
    at: ctx.clock.now(),
  })
  return opened.conversation.number
}

/** The conversation of what an earlier attempt stored; undefined when there was none. */
async function sentBefore(
  ctx: Context,
  user: User,
  post: NewPost,
  room: Room | null,
): Promise<number | null | undefined> {
  const retry = retryKey(ctx, post, room)
  const first = retry && (await ctx.store.firstSent(user.id, retry.clientId, retry.digest))
  return first ? first.conversation : undefined
}

/** The post's conversation without a room, if it is the user's, or a new one. */
async function alone(ctx: Context, user: User, post: NewPost): Promise<Target> {
  const asked = post.conversation ?? (await sentBefore(ctx, user, post, null)) ?? null
  const known = asked === null ? undefined : await ctx.store.conversation(asked)
  const room = known && known.owner === user.id ? await ctx.directory.room(known.room) : undefined
  if (room?.kind === 'conversation' && room.deletedAt === null) return inRoom(room, room.conversation)
  if (user.role === 'guest') await keepGuest(ctx, user)
  const id = ctx.ids.uuid() as RoomId // a fresh uuid is what a room id is
  const opened = await ctx.commits.run({
    type: 'conversation.open',
    owner: user.id,
    room: { own: id },
    title: titleOf(post),
    ...(post.session !== undefined && { session: post.session }),
    at: ctx.clock.now(),
  })
  return inRoom(ctx.directory.keepRoom(opened.room), opened.conversation.number)
}

/** How much of its first message names a conversation, in code points. */
const TITLE_LENGTH = 60

function titleOf({ body }: NewPost): string {
  const line = body.toWellFormed().trim().split('\n', 1)[0] ?? ''
  const points = [...line.slice(0, TITLE_LENGTH * 2)]
  return points.length > TITLE_LENGTH ? `${points.slice(0, TITLE_LENGTH - 1).join('')}…` : points.join('')
}

/** `place` stands for the room; a conversation of one's own has none that a client could know before it is made. */
export function retryKey(ctx: Context, { clientId, onConflict, body }: NewPost, room: Room | null): RetryKey | null {
  if (clientId == null) return null
  const place = room === null || room.kind === 'conversation' ? 'conversation' : room.id
  const digest = ctx.keyring.digest('message', `${place}\0${body.toWellFormed()}`)
  return { clientId: clientId.toWellFormed(), digest, onConflict: onConflict ?? 'new' }
}

/** Whether one user may write to the other. */
export function directFault({ role }: User, recipient: User): Refusal | undefined {
  if (!may(recipient.role, 'direct.receive')) return { code: 'recipient_viewer', name: recipient.name }
  return may(role, 'direct.send') ? undefined : { code: 'role_forbids', role, capability: 'direct.send' }
}

/** The direct room of two users, made on first use. */
export async function openDirect(ctx: Context, { id: a }: User, { id: b }: User): Promise<Room> {
  const pair = pairOf(a, b)
  const known = await ctx.directory.direct(pair)
  if (known) return known
  const id = ctx.ids.uuid() as RoomId // a fresh uuid is what a room id is
  const { room } = await ctx.commits.run({ type: 'room.open_direct', id, pair, at: ctx.clock.now() })
  return ctx.directory.keepRoom(room)
}
