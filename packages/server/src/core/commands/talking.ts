import type { Context } from '../context.ts'
import type { ConnectionId } from '../events.ts'
import { may, signedIn } from '../permissions.ts'
import { pairOf, type RoomRef, roomAt } from '../places.ts'
import { otherOf } from '../room.ts'
import type { Desk } from '../typing.ts'
import { isDeleted, type User } from '../user.ts'
import type { Implementation } from './command.ts'
import type { Place } from './targets.ts'

export interface TalkingCommands {
  /** Tells others that the actor composes, or stopped. Never refused: where it can't be told, nothing happens. */
  'typing.set': { input: { to: Place; isTyping: boolean; via?: ConnectionId }; result: object }
}

interface Notice {
  readonly isTyping: boolean
  readonly via?: ConnectionId
}

export const talkingCommands: Implementation<TalkingCommands> = {
  'typing.set': (ctx, actor, { to, ...notice }) => {
    const user = signedIn(actor)
    const desk = deskAt(ctx, user, to)
    if (!(desk instanceof Promise)) return tell(ctx, user, desk, notice)
    return desk.then(
      found => tell(ctx, user, found, notice),
      error => {
        ctx.onFault(error)
        return {}
      },
    )
  },
}

type Looked = Desk | undefined | Promise<Desk | undefined>

function deskAt(ctx: Context, user: User, to: Place): Looked {
  switch (to.at) {
    case 'lobby':
      return { in: ctx.directory.lobby, to: null }
    case 'direct': {
      const named = ctx.directory.named(to.name)
      const found = (to: User | undefined) => withUser(ctx, user, to)
      return named instanceof Promise ? named.then(found) : found(named)
    }
    case 'room':
      return roomDesk(ctx, user, to)
    case 'conversation':
      return undefined
    default:
      return to satisfies never
  }
}

const withUser = (ctx: Context, user: User, to: User | undefined): Desk | undefined =>
  to && { in: ctx.directory.peekDirect(pairOf(user.id, to.id)) ?? null, to }

async function roomDesk(ctx: Context, user: User, { ref }: Place & { at: 'room' }): Promise<Desk | undefined> {
  const room = await roomAt(ctx, user, ref)
  if (!room) return emptyDesk(ctx, user, ref)
  if (!(await ctx.store.membership(room.id, user.id))) return undefined
  if (!room.pair) return { in: room, to: null }
  const other = await ctx.directory.user(otherOf(room.pair, user.id))
  return other && !isDeleted(other) ? { in: room, to: other } : undefined
}

/** A direct room that nobody wrote to yet. */
async function emptyDesk(ctx: Context, user: User, ref: RoomRef): Promise<Desk | undefined> {
  if (ref.by !== 'user' && ref.by !== 'pair') return undefined
  const pair = ref.by === 'user' ? pairOf(user.id, ref.id) : ref.pair
  const other = pair.includes(user.id) ? await ctx.directory.user(otherOf(pair, user.id)) : undefined
  return other && !isDeleted(other) ? { in: null, to: other } : undefined
}

function tell(ctx: Context, user: User, desk: Desk | undefined, { isTyping, via }: Notice): object {
  if (!desk || !mayTell(user, desk)) return {}
  ctx.typing.set(user, desk, isTyping, via)
  return {}
}

function mayTell(user: User, { in: room, to }: Desk): boolean {
  if (to) return may(user.role, 'direct.send') && may(to.role, 'direct.receive')
  return may(user.role, room?.kind === 'lobby' ? 'lobby.send' : 'room.send')
}
