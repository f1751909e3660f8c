import type { Context } from '../context.ts'
import { roomId } from '../ids.ts'
import { allowed } from '../permissions.ts'
import { type RoomRef, ruledRoom } from '../places.ts'
import { refuse } from '../refusals.ts'
import { isJoinable } from '../room.ts'
import type { Implementation } from './command.ts'
import { enter } from './members.ts'
import { type RoomView, viewOf } from './rooms.ts'

export interface InvitationCommands {
  /**
   * A token with which whoever has it may go into the room, a group too, until it expires or the room is closed. `seconds` from
   * now, at most INVITATION_MAX. The room's owner and admins. Refuses room_unknown, not_owner.
   */
  'invitation.make': { input: { ref: RoomRef; seconds: number }; result: { token: string; expiresAt: number } }
  /** Goes into the room of an invitation. Refuses token_refused, room_access_denied (closed meanwhile). */
  'invitation.accept': { input: { token: string }; result: RoomView }
}

/** Longest life of an invitation, in seconds. */
const INVITATION_MAX = 30 * 24 * 3600

export const invitationCommands: Implementation<InvitationCommands> = {
  'invitation.make': async (ctx, actor, { ref, seconds }) => {
    const { room } = await ruledRoom(ctx, actor, ref)
    if (!isJoinable(room.kind)) return refuse({ code: 'room_access_denied' })
    const expiresAt = ctx.clock.now() + Math.min(seconds, INVITATION_MAX) * 1000
    const said = `${room.id}.${expiresAt}`
    return { token: `${said}.${seal(ctx, said)}`, expiresAt }
  },
  'invitation.accept': async (ctx, actor, { token }) => {
    const user = allowed(actor, 'room.join')
    const room = await invitedTo(ctx, token)
    if (room.deletedAt !== null || room.isClosed) return refuse({ code: 'room_access_denied' })
    await enter(ctx, user, room)
    return viewOf(ctx, user, room)
  },
}

/** Only this server's secret makes it. */
const seal = (ctx: Context, said: string): string => ctx.keyring.digest('invitation', said)

/** Compares digests of the two: how long that takes tells nothing of either. */
const isSame = (ctx: Context, one: string, other: string): boolean =>
  ctx.keyring.digest('invitation-check', one) === ctx.keyring.digest('invitation-check', other)

async function invitedTo(ctx: Context, token: string) {
  const [id = '', expires = '', sealed = '', ...rest] = token.split('.')
  const isOurs = rest.length === 0 && isSame(ctx, sealed, seal(ctx, `${id}.${expires}`))
  const isGood = isOurs && Number(expires) > ctx.clock.now()
  const known = isGood ? roomId(id) : undefined
  return (known && (await ctx.directory.room(known))) ?? refuse({ code: 'token_refused' })
}
