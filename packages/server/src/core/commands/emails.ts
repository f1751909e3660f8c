import type { Context } from '../context.ts'
import { userId } from '../ids.ts'
import { signedIn } from '../permissions.ts'
import type { Ticket } from '../ports/writes.ts'
import { refuse } from '../refusals.ts'
import { type Actor, isDeleted, type User } from '../user.ts'
import { ticketFor } from './accounts.ts'
import type { Implementation } from './command.ts'
import { limit } from './limits.ts'
import { admitMail, mail } from './mailing.ts'

/** How long a mailed token works, in milliseconds. */
const TICKET_LIFE = 15 * 60_000

export interface EmailCommands {
  /** Mails the actor a link that proves their address. Refuses email_missing, mail_off, mail_failed, rate_limited. */
  'email.ask_verification': { input: object; result: object }
  /** Spends a mailed token, whoever shows it. Refuses token_refused, rate_limited. */
  'email.verify': { input: { token: string }; result: object }
}

export const emailCommands: Implementation<EmailCommands> = {
  'email.ask_verification': askVerification,
  'email.verify': async (ctx, actor, { token }) => {
    const { user, ticket } = await ticketSubject(ctx, actor, 'verify-email', token)
    return ctx.commits.run({ type: 'email.verify', user: user.id, ticket, at: ctx.clock.now() })
  },
}

async function askVerification(ctx: Context, actor: Actor): Promise<object> {
  const user = signedIn(actor)
  const { email } = user
  if (email === null) return refuse({ code: 'email_missing' })
  admitMail(ctx, actor, email)
  const token = await issueTicket(ctx, 'verify-email', user)
  await mail(ctx, email, 'Confirm your address for Parley', [
    `Open this link within 15 minutes to confirm that this is the address of ${user.name}:`,
    `${ctx.settings.publicUrl}/auth/verify-email?token=${token}`,
    'If you did not ask for it, ignore this mail.',
  ])
  return {}
}

/** A token to be mailed to a user, in place of the one before. */
export async function issueTicket(ctx: Context, purpose: Ticket['purpose'], user: User): Promise<string> {
  const token = ctx.ids.secret(32)
  const at = ctx.clock.now()
  const ticket = ticketFor(ctx, purpose, token)
  await ctx.commits.run({ type: 'ticket.issue', ticket, subject: user.id, expiresAt: at + TICKET_LIFE, at })
  return token
}

/** Whom a mailed token is for; whoever uses the ticket spends it. Refuses token_refused, rate_limited. */
export async function ticketSubject(
  ctx: Context,
  actor: Actor,
  purpose: Ticket['purpose'],
  token: string,
): Promise<{ readonly user: User; readonly ticket: Ticket }> {
  if (actor.kind === 'anonymous') limit(ctx, 'signIns', actor.address)
  const ticket = ticketFor(ctx, purpose, token)
  const id = userId((await ctx.store.ticket(ticket, ctx.clock.now())) ?? '')
  const user = id && (await ctx.directory.user(id))
  return user && !isDeleted(user) ? { user, ticket } : refuse({ code: 'token_refused' })
}
