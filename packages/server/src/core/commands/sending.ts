import type { CommitWaiter } from '../commits.ts'
import type { Context } from '../context.ts'
import type { MessageId, UserId } from '../ids.ts'
import { BODY_MAX, fits, type Message, type MessageKind, type ShownMessage } from '../message.ts'
import { may } from '../permissions.ts'
import type { Appended, NewMessage, Outcome } from '../ports/writes.ts'
import { type Refusal, Refused } from '../refusals.ts'
import { trimAfter } from '../retention.ts'
import type { Room } from '../room.ts'
import type { Actor, User } from '../user.ts'

/** Where a message or a typing notice goes. */
export type Place = { readonly at: 'lobby' } | { readonly at: 'direct'; readonly name: string }

export interface NewPost {
  readonly to: Place
  /** 1 to BODY_MAX code points, kept exactly as given. */
  readonly body: string
  readonly kind?: MessageKind
}

export type SendMessage = { readonly type: 'message.send' } & NewPost
/** Marks one message read. */
export type MarkMessage = { readonly type: 'read.message'; readonly id: string }

/**
 * Told once how each write it submitted ended: of those that were stored in the order it submitted them, of a refused one
 * maybe sooner. A connection is one, so that a message or a mark costs no promise. `command` is the very object that was
 * submitted.
 */
export interface Submitter {
  /** The message is durable. Of a note to oneself it is told after the event, of any other message before it. */
  sent(shown: ShownMessage, command: SendMessage): void
  /** The mark is durable. */
  marked(command: MarkMessage): void
  /** Nothing was stored. */
  refused(refusal: Refusal, command: SendMessage | MarkMessage): void
}

/**
 * Checks and stores a message; `submitter` hears of the end either way. Returns a promise only when the place had to be
 * looked up first; the caller then waits before it sends on.
 *
 * Checked in this order: body, recipient exists, recipient may receive, role may send, rate.
 */
export function send(
  ctx: Context,
  actor: Actor,
  command: SendMessage,
  submitter: Submitter,
): Promise<void> | undefined {
  const refusal = bodyFault(command.body)
  if (refusal) return void submitter.refused(refusal, command)
  if (actor.kind !== 'user') return void submitter.refused({ code: 'unauthenticated' }, command)
  const { to } = command
  if (to.at === 'lobby')
    return void store(ctx, actor.user, command, { room: ctx.directory.lobby, recipient: null }, submitter)
  const recipient = ctx.directory.named(to.name)
  if (recipient instanceof Promise || recipient === undefined) {
    return sendDirect(ctx, actor.user, command, Promise.resolve(recipient), to.name, submitter)
  }
  const room = ctx.directory.peekDirect(pairOf(actor.user.id, recipient.id))
  if (!room) return sendDirect(ctx, actor.user, command, Promise.resolve(recipient), to.name, submitter)
  return void store(ctx, actor.user, command, { room, recipient }, submitter)
}

/** `send` for callers that want to wait; rejects with Refused. */
export function sendAndWait(ctx: Context, actor: Actor, post: NewPost): Promise<ShownMessage> {
  return new Promise((resolve, reject) => {
    const submitter: Submitter = {
      sent: resolve,
      marked: () => undefined,
      refused: refusal => reject(new Refused(refusal)),
    }
    send(ctx, actor, { ...post, type: 'message.send' }, submitter)?.catch(reject)
  })
}

export const pairOf = (a: UserId, b: UserId): readonly [UserId, UserId] => (a < b ? [a, b] : [b, a])

interface Target {
  readonly room: Room
  readonly recipient: User | null
}

async function sendDirect(
  ctx: Context,
  user: User,
  command: SendMessage,
  looked: Promise<User | undefined>,
  name: string,
  submitter: Submitter,
): Promise<void> {
  try {
    const recipient = await looked
    if (!recipient) return submitter.refused({ code: 'user_unknown', name }, command)
    const refusal = directFault(user, recipient)
    if (refusal) return submitter.refused(refusal, command)
    store(ctx, user, command, { room: await openDirect(ctx, user.id, recipient.id), recipient }, submitter)
  } catch (error) {
    if (!(error instanceof Refused)) ctx.onFault(error)
    submitter.refused(error instanceof Refused ? error.refusal : { code: 'storage_failed' }, command)
  }
}

/** The direct room of two users, made on first use. */
async function openDirect(ctx: Context, a: UserId, b: UserId): Promise<Room> {
  const pair = pairOf(a, b)
  const known = await ctx.directory.direct(pair)
  if (known) return known
  const id = ctx.ids.uuid() as Room['id'] // a fresh uuid is what a room id is
  const { room } = await ctx.commits.run({ type: 'room.open_direct', id, pair, at: ctx.clock.now() })
  ctx.directory.keepRoom(room)
  return room
}

function store(ctx: Context, user: User, command: SendMessage, target: Target, submitter: Submitter): void {
  const refusal = sendFault(ctx, user, target)
  if (refusal) return submitter.refused(refusal, command)
  const draft: NewMessage = {
    id: ctx.ids.uuid() as MessageId, // a fresh uuid is what a message id is
    room: target.room.id,
    sender: user.id,
    kind: command.kind ?? 'text',
    // A half of a surrogate pair has no UTF-8: what is confirmed and pushed would not be what is stored.
    body: command.body.toWellFormed(),
    replyTo: null,
    retry: null,
    at: ctx.clock.now(),
  }
  ctx.commits.add({ type: 'message.append', ...draft }, new Pending(ctx, draft, user, target, submitter, command))
}

function bodyFault(body: string): Refusal | undefined {
  if (body.length === 0) return { code: 'body_empty' }
  return fits(body, BODY_MAX) ? undefined : { code: 'body_too_long' }
}

function sendFault(ctx: Context, user: User, target: Target): Refusal | undefined {
  const role = target.recipient ? directFault(user, target.recipient) : lobbyFault(user)
  if (role) return role
  const retryAfter = ctx.limits.messages?.take(user.id) ?? 0
  return retryAfter > 0 ? { code: 'rate_limited', retryAfter } : undefined
}

function lobbyFault({ role }: User): Refusal | undefined {
  return may(role, 'lobby.send') ? undefined : { code: 'role_forbids', role, capability: 'lobby.send' }
}

function directFault({ role }: User, recipient: User): Refusal | undefined {
  if (!may(recipient.role, 'direct.receive')) return { code: 'recipient_viewer', name: recipient.name }
  return may(role, 'direct.send') ? undefined : { code: 'role_forbids', role, capability: 'direct.send' }
}

/** A message between check and commit. */
class Pending implements CommitWaiter {
  readonly #ctx: Context
  readonly #draft: NewMessage
  readonly #user: User
  readonly #target: Target
  readonly #submitter: Submitter
  readonly #command: SendMessage

  constructor(ctx: Context, draft: NewMessage, user: User, target: Target, submitter: Submitter, command: SendMessage) {
    this.#ctx = ctx
    this.#draft = draft
    this.#user = user
    this.#target = target
    this.#submitter = submitter
    this.#command = command
  }

  committed(outcome: Outcome): void {
    if (outcome.state === 'refused') return this.failed(outcome.refusal)
    const appended = (outcome as Outcome<'message.append'> & { state: 'done' }).value // the outcome of our own append
    if (appended.state === 'repeated') return this.#submitter.sent(this.#shown(appended.first), this.#command)
    const shown = this.#shown(stored(this.#draft, appended))
    this.#ctx.emit({ type: 'message.sent', room: this.#target.room, seq: appended.seq, ...shown })
    trimAfter(this.#ctx, shown.message.room, shown.message.ordinal)
    // The event leaves when all of this group were told.
    if (this.#target.recipient?.id === this.#user.id) queueMicrotask(() => this.#submitter.sent(shown, this.#command))
    else this.#submitter.sent(shown, this.#command)
  }

  failed(refusal: Refusal): void {
    this.#submitter.refused(refusal, this.#command)
  }

  #shown(message: Message): ShownMessage {
    return { message, sender: this.#user, recipient: this.#target.recipient }
  }
}

function stored(draft: NewMessage, given: Appended & { state: 'stored' }): Message {
  return {
    id: draft.id,
    number: given.number,
    room: draft.room,
    seq: given.seq,
    ordinal: given.ordinal,
    sender: draft.sender,
    kind: draft.kind,
    body: draft.body,
    clientId: draft.retry?.clientId ?? null,
    replyTo: draft.replyTo,
    at: given.at,
    editedAt: null,
    deletedAt: null,
  }
}
