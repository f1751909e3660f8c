import type { Context } from '../context.ts'
import type { SignInId } from '../ids.ts'
import { normalEmail } from '../names.ts'
import { allowed, may, signedIn } from '../permissions.ts'
import type { AccountFacts } from '../ports/store.ts'
import type { Ticket } from '../ports/writes.ts'
import { refuse } from '../refusals.ts'
import type { Actor, User } from '../user.ts'
import { admit, confirmEmail, create } from './accounts.ts'
import type { Implementation } from './command.ts'
import { issueTicket, ticketSubject } from './emails.ts'
import { replaceKey } from './keys.ts'
import { limit } from './limits.ts'
import { admitMail, mail, untold } from './mailing.ts'
import { checkedName } from './people.ts'

/** A user as they see themselves, without the key. */
export interface Profile extends AccountFacts {
  readonly user: User
}

export interface PasswordCommands {
  /**
   * Makes a member who signs in with a password; the API key comes along. Refuses registration_closed, rate_limited,
   * name_taken, name_invalid, email_taken, busy.
   */
  'account.register_with_password': {
    input: { name: string; email: string; password: string; fullName: string | null }
    result: Profile
  }
  'account.show': { input: object; result: Profile }
  /**
   * Gives the actor a password; a first one needs no old one. Ends all their other sign-ins and closes the sockets opened
   * with those. Refuses role_forbids (bots), password_wrong, rate_limited, busy.
   */
  'password.set': { input: { old: string | null; password: string }; result: object }
  /**
   * Mails a link with which the password can be set. All addresses are answered alike, before the mail leaves. Refuses
   * mail_off, rate_limited.
   */
  'password.ask_reset': { input: { email: string }; result: object }
  /** Spends a mailed token, ends all sign-ins, and the key where the address was unconfirmed. Refuses token_refused, rate_limited, busy. */
  'password.reset': { input: { token: string; password: string }; result: object }
}

export const passwordCommands: Implementation<PasswordCommands> = {
  'account.register_with_password': register,
  'account.show': (ctx, actor) => profile(ctx, signedIn(actor)),
  'password.set': change,
  'password.ask_reset': (ctx, actor, { email }) => {
    admitMail(ctx, actor, email)
    untold(ctx, mailReset(ctx, email))
    return {}
  },
  'password.reset': reset,
}

async function register(
  ctx: Context,
  actor: Actor,
  { name, email, password, fullName }: PasswordCommands['account.register_with_password']['input'],
): Promise<Profile> {
  checkedName(name)
  admit(ctx, actor)
  const registration = { password: await ctx.passwords.hash(password), fullName }
  const { user } = await create(ctx, { name, email, role: 'member', registration }, null, null)
  return profile(ctx, user)
}

const profile = async (ctx: Context, user: User): Promise<Profile> => ({
  ...(await ctx.store.accountFacts(user.id)),
  user,
})

async function change(
  ctx: Context,
  actor: Actor,
  { old, password }: PasswordCommands['password.set']['input'],
): Promise<object> {
  const user = allowed(actor, 'password.own')
  const present = await ctx.store.passwordHash(user.id)
  if (present !== undefined) await proveOld(ctx, user, old, present)
  const keep = actor.kind === 'user' && actor.credential.by === 'sign-in' ? actor.credential.id : null
  return set(ctx, user, password, keep, null)
}

/** Guesses are limited as they are at signing in, so that a stolen token is no way around it. */
async function proveOld(ctx: Context, user: User, old: string | null, present: string): Promise<void> {
  const counted = `password ${user.id}`
  limit(ctx, 'signIns', counted)
  if (old === null || !(await ctx.passwords.verify(old, present))) refuse({ code: 'password_wrong' })
  ctx.limits.signIns.giveBack(counted)
}

async function set(
  ctx: Context,
  { id }: User,
  password: string | null,
  keep: SignInId | null,
  ticket: Ticket | null,
): Promise<object> {
  const hash = password === null ? null : await ctx.passwords.hash(password)
  const write = { type: 'password.set', user: id, hash, keep, ticket, at: ctx.clock.now() } as const
  const { user, seq } = await ctx.commits.run(write)
  ctx.emit({ type: 'credentials.revoked', directory: ctx.store.directory, seq, user })
  return {}
}

async function mailReset(ctx: Context, email: string): Promise<void> {
  const user = await ctx.store.userByEmail(normalEmail(email))
  if (!user?.email || !may(user.role, 'password.own')) return
  const token = await issueTicket(ctx, 'password-reset', user)
  // To the address we know: one that merely folds to the same letters may be somebody else's.
  await mail(ctx, user.email, 'Set a new password for Parley', [
    `Somebody asked for a new password for ${user.name}. Open this link within 15 minutes to set it:`,
    `${ctx.settings.publicUrl}/auth/reset-password?token=${token}`,
    'If it was not you, ignore this mail: nothing has changed.',
  ])
}

async function reset(
  ctx: Context,
  actor: Actor,
  { token, password }: PasswordCommands['password.reset']['input'],
): Promise<object> {
  const { user, ticket } = await ticketSubject(ctx, actor, 'password-reset', token)
  const unproved = await isUnproved(ctx, user)
  if (unproved) await replaceKey(ctx, user)
  await set(ctx, user, password, null, ticket)
  return unproved ? confirmEmail(ctx, user) : {}
}

/**
 * To be called when somebody has shown that the user's address is theirs. Whoever registered with it and never did so loses
 * every way in: it may have been somebody else, who waits for its owner to move in.
 */
export async function takeOver(ctx: Context, user: User): Promise<void> {
  if (!(await isUnproved(ctx, user))) return
  if ((await ctx.store.passwordHash(user.id)) !== undefined) {
    // The password goes last: as long as it is there, a take-over that was cut off begins anew.
    await replaceKey(ctx, user)
    await set(ctx, user, null, null, null)
  }
  await confirmEmail(ctx, user)
}

const isUnproved = async (ctx: Context, { id }: User): Promise<boolean> =>
  (await ctx.store.accountFacts(id)).emailVerifiedAt === null
