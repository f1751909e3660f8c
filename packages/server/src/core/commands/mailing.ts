import type { Context } from '../context.ts'
import { normalEmail } from '../names.ts'
import { Refused, refuse } from '../refusals.ts'
import type { Actor } from '../user.ts'
import { limit } from './limits.ts'

/** Lets `actor` have a mail sent to `address`. Refuses mail_off, rate_limited. */
export function admitMail(ctx: Context, actor: Actor, address: string): void {
  if (!ctx.mailer) refuse({ code: 'mail_off' })
  if (actor.kind === 'anonymous') limit(ctx, 'signIns', actor.address)
  limit(ctx, 'signIns', `mail ${normalEmail(address)}`)
}

/** Refuses mail_failed; why is told to the operator alone. */
export async function mail(ctx: Context, to: string, subject: string, lines: readonly string[]): Promise<void> {
  try {
    await ctx.mailer?.send({ to, subject, text: `${lines.join('\n\n')}\n` })
  } catch (error) {
    ctx.onFault(error)
    refuse({ code: 'mail_failed' })
  }
}

/** Lets `sending` end when it may: where only known addresses get mail, neither time nor failure may tell which are known. */
export function untold(ctx: Context, sending: Promise<void>): void {
  sending.catch(error => error instanceof Refused || ctx.onFault(error))
}
