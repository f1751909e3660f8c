import type { Context } from '../context.ts'
import type { UserId } from '../ids.ts'
import { fits } from '../message.ts'
import { signedIn } from '../permissions.ts'
import { PRESENCE_TEXT_MAX, type Shown } from '../presence.ts'
import { refuse } from '../refusals.ts'
import type { Implementation } from './command.ts'

export interface PresenceCommands {
  /** What the actor is shown as while a socket of theirs is open. Refuses body_too_long. */
  'presence.set': { input: { status: 'online' | 'away'; text: string | null }; result: Shown }
  /** What users are shown as, in the order asked. */
  'presence.of': { input: { users: readonly UserId[] }; result: readonly (Shown & { readonly user: UserId })[] }
}

export const presenceCommands: Implementation<PresenceCommands> = {
  'presence.set': (ctx, actor, { status, text }) => {
    const user = signedIn(actor)
    const said = text?.toWellFormed().trim() || null
    if (said !== null && !fits(said, PRESENCE_TEXT_MAX)) refuse({ code: 'body_too_long' })
    if (ctx.presence.set(user.id, status, said)) ctx.emit({ type: 'presence.changed', user, status, text: said })
    return ctx.presence.shown(user.id)
  },
  'presence.of': (ctx, actor, { users }) => {
    signedIn(actor)
    return users.map(user => ({ user, ...ctx.presence.shown(user) }))
  },
}

/** Tells of users whose time after a broken connection is over. */
export function expirePresence(ctx: Context): void {
  for (const id of ctx.presence.expire(ctx.clock.monotonic())) {
    ctx.typing.stop(id)
    const user = ctx.directory.peek(id)
    if (user) ctx.emit({ type: 'presence.changed', user, status: 'offline', text: null })
  }
}
