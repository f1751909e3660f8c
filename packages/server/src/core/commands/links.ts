import type { Context } from '../context.ts'
import type { SignInId } from '../ids.ts'
import { NAME_MAX, nameFault, nameKey, normalEmail, normalName } from '../names.ts'
import { adminOnly } from '../permissions.ts'
import { refuse } from '../refusals.ts'
import { type Actor, ROLES, type Role, type User } from '../user.ts'
import { create, freeName, isOpen, ticketFor } from './accounts.ts'
import type { Implementation } from './command.ts'
import { keyOf } from './keys.ts'
import { limit } from './limits.ts'
import { admitMail, mail, untold } from './mailing.ts'
import { takeOver } from './passwords.ts'

/** How long a mailed link works, in milliseconds. */
const LINK_LIFE = 15 * 60_000
const INVITATION_LIFE = 7 * 24 * 3_600_000
/** How long a sign-in by link lasts, in milliseconds. */
const SIGN_IN_LIFE = 30 * 24 * 3_600_000

export interface LinkCommands {
  /**
   * Mails a sign-in link. To an unknown address nothing is sent where people may not sign up themselves; there all
   * addresses are answered alike, before the mail leaves. Refuses mail_off, rate_limited, and elsewhere mail_failed.
   */
  'link.send': { input: { email: string; name: string | null }; result: object }
  /** Mails an invitation that makes an account with a role. Admins. Refuses mail_off, mail_failed. */
  'link.invite': { input: { email: string; role: Role; signUpUrl: string }; result: object }
  /** Spends a mailed token; makes the account on first use. Refuses token_refused, mail_off. */
  'link.use': { input: { token: string }; result: { user: User; key: string; session: string } }
}

export const linkCommands: Implementation<LinkCommands> = {
  'link.send': sendLink,
  'link.invite': invite,
  'link.use': useLink,
}

interface Subject {
  readonly email: string
  readonly name: string | null
  readonly role: Role
}

async function sendLink(ctx: Context, actor: Actor, input: { email: string; name: string | null }): Promise<object> {
  admitMail(ctx, actor, input.email)
  const open = isOpen(ctx.settings.registration, actor.kind === 'anonymous' && actor.local)
  const sending = mailLink(ctx, input, open)
  // Where only known addresses get mail, neither the time it takes nor its failure may tell which are known.
  if (open) await sending
  else untold(ctx, sending)
  return {}
}

async function mailLink(ctx: Context, input: { email: string; name: string | null }, open: boolean): Promise<void> {
  const known = await ctx.store.userByEmail(normalEmail(input.email))
  if (!known && !open) return
  // To the address we know: one that merely folds to the same letters may be somebody else's.
  const email = known?.email ?? input.email
  const token = await issue(ctx, { email, name: input.name, role: 'member' }, LINK_LIFE)
  await mail(ctx, email, 'Sign in to Parley', [
    'Open this link within 15 minutes to sign in:',
    `${ctx.settings.publicUrl}/auth/magic-link?token=${token}`,
    'If you did not ask for it, ignore this mail.',
  ])
}

async function invite(ctx: Context, actor: Actor, input: LinkCommands['link.invite']['input']): Promise<object> {
  adminOnly(actor)
  if (!ctx.mailer) refuse({ code: 'mail_off' })
  const token = await issue(ctx, { email: input.email, name: null, role: input.role }, INVITATION_LIFE)
  const url = new URL(input.signUpUrl)
  url.searchParams.set('token', token)
  await mail(ctx, input.email, 'You are invited to Parley', ['Open this link within 7 days to join:', url.href])
  return {}
}

async function issue(ctx: Context, subject: Subject, life: number): Promise<string> {
  const token = ctx.ids.secret(32)
  const at = ctx.clock.now()
  await ctx.commits.run({
    type: 'ticket.issue',
    ticket: ticketFor(ctx, 'magic-link', token),
    subject: JSON.stringify(subject),
    expiresAt: at + life,
    at,
  })
  return token
}

async function useLink(ctx: Context, actor: Actor, { token }: { token: string }) {
  if (!ctx.mailer) refuse({ code: 'mail_off' })
  if (actor.kind === 'anonymous') limit(ctx, 'signIns', actor.address)
  const ticket = ticketFor(ctx, 'magic-link', token)
  const text = await ctx.store.ticket(ticket, ctx.clock.now())
  const subject = text === undefined ? refuse({ code: 'token_refused' }) : readSubject(text)
  const known = await ctx.store.userByEmail(normalEmail(subject.email))
  if (known) {
    await takeOver(ctx, known)
    return signIn(ctx, known, ticket)
  }
  const name = await freeName(ctx, wishedName(subject))
  const { user } = await create(ctx, { name, role: subject.role, email: subject.email }, null, ticket)
  await takeOver(ctx, user)
  return signIn(ctx, user, null)
}

async function signIn(ctx: Context, user: User, ticket: ReturnType<typeof ticketFor> | null) {
  const session = ctx.ids.secret(32)
  const at = ctx.clock.now()
  const stored = {
    id: ctx.ids.uuid() as SignInId, // a fresh uuid is what a sign-in id is
    user: user.id,
    digest: ctx.keyring.digest('sign-in', session),
    createdAt: at,
    expiresAt: at + SIGN_IN_LIFE,
  }
  await ctx.commits.run({ type: 'sign_in.start', signIn: stored, ticket, at })
  return { user, session, key: await keyOf(ctx, user) }
}

// What we stored ourselves, so only its age can surprise us.
function readSubject(text: string): Subject {
  const { email, name, role } = JSON.parse(text) as Subject
  return { email, name, role: ROLES.find(one => one === role) ?? 'member' }
}

/** The name asked for, else the local part of the address, as far as it can be a name. */
function wishedName({ email, name }: Subject): string {
  const wish = normalName(name ?? email.split('@')[0] ?? '').slice(0, NAME_MAX - 3)
  return nameFault(wish) === undefined && nameKey(wish) !== '' ? wish : 'member'
}
