import type { Context } from '../context.ts'
import type { Conversation } from '../conversation.ts'
import { TITLE_MAX } from '../conversation.ts'
import type { RunId } from '../ids.ts'
import { fits } from '../message.ts'
import { signedIn } from '../permissions.ts'
import type { PageOf, PageQuery } from '../ports/store.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { RunStep } from '../run.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'
import { filesIn } from './file-rooms.ts'
import { page, type RoomPage, type Window } from './history.ts'
import { erase } from './rooms.ts'

export interface ConversationCommands {
  /** One's own, latest first. */
  'conversations.list': { input: PageQuery; result: PageOf<Conversation> }
  /** Messages of one's own, or of the one that a room has which the actor is in. Refuses conversation_unknown, as for somebody else's. */
  'conversations.history': { input: { number: number } & Omit<Window, 'conversation'>; result: RoomPage }
  /** What answers in it used of tools, by their runs. Refuses as its history does. */
  'conversations.tools': {
    input: { number: number; runs: readonly RunId[] }
    result: ReadonlyMap<RunId, readonly RunStep[]>
  }
  /** Null takes the title away. Refuses conversation_unknown, body_empty, body_too_long. */
  'conversations.rename': { input: { number: number; title: string | null }; result: Conversation }
  /** Erases a conversation without a room; one of a private room is no longer listed. Refuses conversation_unknown. */
  'conversations.delete': { input: { number: number }; result: object }
}

export const conversationCommands: Implementation<ConversationCommands> = {
  'conversations.list': (ctx, actor, query) => ctx.store.conversations(signedIn(actor).id, query),
  'conversations.history': async (ctx, actor, { number, ...window }) => {
    const room = await readable(ctx, signedIn(actor), number)
    // In a private room others may have spoken meanwhile: only what is of this conversation counts.
    return page(ctx, room, { ...window, above: 0, conversation: room.conversation === number ? null : number })
  },
  'conversations.tools': async (ctx, actor, { number, runs }) => {
    await readable(ctx, signedIn(actor), number)
    const here = (await ctx.store.runs(runs)).filter(run => run.conversation === number)
    return new Map(await Promise.all(here.map(async ({ id }) => [id, await ctx.store.toolSteps(id)] as const)))
  },
  'conversations.rename': async (ctx, actor, { number, title }) => {
    await own(ctx, actor, number)
    const tidy = title?.toWellFormed().trim() ?? null
    if (tidy === '') refuse({ code: 'body_empty' })
    if (tidy !== null && !fits(tidy, TITLE_MAX)) refuse({ code: 'body_too_long' })
    return (await ctx.commits.run({ type: 'conversation.change', number, title: tidy })).conversation
  },
  'conversations.delete': async (ctx, actor, { number }) => {
    const files = await filesIn(ctx, (await own(ctx, actor, number)).room)
    const { room } = await ctx.commits.run({ type: 'conversation.delete', number, at: ctx.clock.now() }, done => {
      if (done.room) ctx.directory.keepRoom(done.room)
    })
    if (!room) return {}
    ctx.runs.cancelIn(room.id)
    erase(ctx, room.id, files)
    return {}
  },
}

async function own(ctx: Context, actor: Actor, number: number): Promise<Conversation> {
  const user = signedIn(actor)
  const conversation = await ctx.store.conversation(number)
  return conversation?.owner === user.id ? conversation : unknown(number)
}

/** The room of a conversation that the user may read: whoever left it reads nothing there, not even of their own. */
async function readable(ctx: Context, user: User, number: number): Promise<Room> {
  const conversation = await ctx.store.conversation(number)
  const isTheirs = conversation && (conversation.owner === user.id || conversation.owner === null)
  const room = isTheirs && (await ctx.directory.room(conversation.room))
  if (!room || !(await ctx.store.membership(room.id, user.id))) return unknown(number)
  return room
}

const unknown = (number: number): never => refuse({ code: 'conversation_unknown', id: String(number) })
