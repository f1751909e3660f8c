import type { Context } from '../context.ts'
import { may, signedIn } from '../permissions.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'
import type { Place } from './sending.ts'

export interface TalkingCommands {
  /** Tells others that the actor is composing. Never refused: where it can't be told, nothing happens. */
  'typing.start': { input: { to: Place }; result: object }
}

export const talkingCommands: Implementation<TalkingCommands> = { 'typing.start': startTyping }

function startTyping(ctx: Context, actor: Actor, { to }: { to: Place }): object | Promise<object> {
  const user = signedIn(actor)
  if (to.at === 'lobby') return tell(ctx, user, null)
  const recipient = ctx.directory.named(to.name)
  if (!(recipient instanceof Promise)) return tell(ctx, user, recipient)
  return recipient.then(
    found => tell(ctx, user, found),
    error => {
      ctx.onFault(error)
      return {}
    },
  )
}

function tell(ctx: Context, user: User, to: User | null | undefined): object {
  if (to === undefined || !may(user.role, to ? 'direct.send' : 'lobby.send')) return {}
  if (to && !may(to.role, 'direct.receive')) return {}
  if (ctx.typing.take(`${user.id} ${to?.id ?? ''}`) === 0) ctx.emit({ type: 'typing.started', user, to })
  return {}
}
