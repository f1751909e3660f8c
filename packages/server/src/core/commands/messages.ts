import type { Context } from '../context.ts'
import { type MessageId, messageId, type RunId, type UserId } from '../ids.ts'
import { BODY_MAX, fits, type Message, type ShownMessage } from '../message.ts'
import { adminOnly, allowed, signedIn } from '../permissions.ts'
import type { HistoryQuery, PageOf, PageQuery } from '../ports/store.ts'
import { refuse } from '../refusals.ts'
import { otherOf, type Room, type Scope } from '../room.ts'
import type { Run } from '../run.ts'
import { type Actor, isDeleted, type User } from '../user.ts'
import type { Implementation } from './command.ts'
import { type Sent, sendAndWait } from './sending.ts'
import type { NewPost } from './targets.ts'

export interface MessageCommands {
  'message.send': { input: NewPost; result: Sent }
  /** A message of kind `system` to the lobby. Admins. */
  'message.announce': { input: { body: string }; result: ShownMessage }
  /** Any message, wherever it is. Admins. */
  'message.show': { input: { id: string }; result: ShownMessage }
  /** Changes the text of anybody's message. Admins. */
  'message.amend': { input: { id: string; body: string }; result: ShownMessage }
  /** Deletes anybody's message. Admins. */
  'message.remove': { input: { id: string }; result: { id: MessageId } }
  /** Newest first, fewer than asked for where the texts are long. `direct` means the actor's own, unless viewers may read everything and the actor is one. */
  'message.history': { input: { scope: Scope; since: number | null } & PageQuery; result: PageOf<ShownMessage> }
  /** Who read a message and when. Its author and admins; to others it is unknown. */
  'message.receipts': { input: { id: string }; result: readonly { reader: User; at: number }[] }
}

export const messageCommands: Implementation<MessageCommands> = {
  'message.send': sendAndWait,
  'message.announce': (ctx, actor, { body }) => {
    allowed(actor, 'admin')
    return sendAndWait(ctx, actor, { to: { at: 'lobby' }, body, kind: 'system' })
  },
  'message.show': async (ctx, actor, { id }) => {
    adminOnly(actor)
    return showOne(ctx, await found(ctx, id))
  },
  'message.amend': amend,
  'message.remove': remove,
  'message.history': async (ctx, actor, { scope, since, limit, offset }) => {
    const page = await ctx.store.history({ of: source(ctx, signedIn(actor), scope), since, limit, offset })
    return { items: await show(ctx, readable(page.items)), total: page.total }
  },
  'message.receipts': receipts,
}

async function amend(ctx: Context, actor: Actor, input: { id: string; body: string }): Promise<ShownMessage> {
  adminOnly(actor)
  if (input.body.length === 0) refuse({ code: 'body_empty' })
  if (!fits(input.body, BODY_MAX)) refuse({ code: 'body_too_long' })
  const before = await found(ctx, input.id)
  const shown = await showOne(ctx, before)
  const room = await roomOf(ctx, before)
  const { message } = await ctx.commits.run(
    { type: 'message.edit', id: before.id, body: input.body.toWellFormed(), at: ctx.clock.now() },
    ({ message, seq }) => {
      const at = message.editedAt ?? message.at
      ctx.emit({ type: 'message.edited', room, seq, at, ...shown, message })
    },
  )
  return { ...shown, message }
}

async function remove(ctx: Context, actor: Actor, input: { id: string }): Promise<{ id: MessageId }> {
  adminOnly(actor)
  const { id, ordinal, ...before } = await found(ctx, input.id)
  const room = await roomOf(ctx, before)
  await ctx.commits.run({ type: 'message.delete', id, at: ctx.clock.now() }, ({ seq, message }) =>
    ctx.emit({ type: 'message.deleted', room, seq, at: message.deletedAt ?? 0, messageId: id, ordinal }),
  )
  return { id }
}

async function receipts(ctx: Context, actor: Actor, input: { id: string }) {
  const user = signedIn(actor)
  const message = await found(ctx, input.id)
  if (message.sender !== user.id && user.role !== 'admin') refuse({ code: 'message_unknown', id: input.id })
  const read = await ctx.store.receipts(message.id)
  const readers = await ctx.directory.users(read.map(receipt => receipt.user))
  return read.flatMap(receipt => {
    const reader = readers.get(receipt.user)
    return reader && !isDeleted(reader) ? [{ reader, at: receipt.at }] : []
  })
}

function source(ctx: Context, user: User, scope: Scope): HistoryQuery['of'] {
  if (scope === 'lobby') return { scope }
  return user.role === 'viewer' && ctx.settings.selfAssignedRoles ? { scope: 'all-direct' } : { scope, user: user.id }
}

/** The message with this id, whoever may see it. Refuses message_unknown. */
async function found(ctx: Context, id: string): Promise<Message> {
  const known = messageId(id)
  const message = known && (await ctx.store.message(known))
  return message ?? refuse({ code: 'message_unknown', id })
}

/** The room of a stored message. */
async function roomOf(ctx: Context, message: Pick<Message, 'room'>): Promise<Room> {
  return (await ctx.directory.room(message.room)) ?? refuse({ code: 'room_unknown' })
}

async function showOne(ctx: Context, message: Message): Promise<ShownMessage> {
  const [shown] = await show(ctx, [message])
  return shown ?? refuse({ code: 'message_unknown', id: message.id })
}

/** Text of one answer, in UTF-16 units. A page of the longest messages would take a client's memory and everybody's time. */
const PAGE_TEXT_MAX = 512 * 1024

/** As many of the messages as one answer may hold, and at least one. */
export function readable(messages: readonly Message[]): readonly Message[] {
  let left = PAGE_TEXT_MAX
  const end = messages.findIndex(({ body }, i) => {
    left -= body.length
    return left < 0 && i > 0
  })
  return end === -1 ? messages : messages.slice(0, end)
}

/** Messages with their people, in the same order. */
export async function show(ctx: Context, messages: readonly Message[]): Promise<readonly ShownMessage[]> {
  const rooms = new Map<string, Room | undefined>()
  for (const { room } of messages) if (!rooms.has(room)) rooms.set(room, await ctx.directory.room(room))
  const recipientOf = (message: Message): UserId | null => {
    const pair = rooms.get(message.room)?.pair
    return pair ? otherOf(pair, message.sender) : null
  }
  const runs = await runsOf(ctx, messages)
  const people = await ctx.directory.users([
    ...messages.flatMap(message => [message.sender, recipientOf(message) ?? message.sender]),
    ...[...runs.values()].map(({ asker }) => asker),
  ])
  return messages.flatMap(message => {
    const sender = people.get(message.sender)
    if (!sender) return []
    const recipient = recipientOf(message)
    const run = message.run === null ? null : (runs.get(message.run) ?? null)
    const asker = (run && people.get(run.asker)) ?? null
    return [{ message, sender, recipient: recipient ? (people.get(recipient) ?? null) : null, run, asker }]
  })
}

async function runsOf(ctx: Context, messages: readonly Message[]): Promise<ReadonlyMap<RunId, Run>> {
  const ids = messages.flatMap(({ run }) => run ?? [])
  const runs = ids.length === 0 ? [] : await ctx.store.runs(ids)
  return new Map(runs.map(run => [run.id, run]))
}
