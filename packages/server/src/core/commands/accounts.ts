import type { Context, Openness } from '../context.ts'
import type { SignInId, UserId } from '../ids.ts'
import { nameKey, normalEmail } from '../names.ts'
import { operatorOnly, signedIn } from '../permissions.ts'
import type { Registration, Ticket } from '../ports/writes.ts'
import { refuse } from '../refusals.ts'
import type { Actor, Credential, Role, SignedIn, User } from '../user.ts'
import type { Implementation } from './command.ts'
import { keyDigest, makeKey } from './keys.ts'
import { limit } from './limits.ts'
import { checkedName, checkedWebhook, type OwnUser } from './people.ts'
import { byToken, looksSigned } from './tokens.ts'

/** How long the first admin's link works, in milliseconds. */
const OFFER_LIFE = 3_600_000

export interface NewAccount {
  readonly name: string
  /** Taken only from the operator, or from anybody where roles are self-assigned. */
  readonly role?: Role
  readonly email?: string | null
  readonly webhookUrl?: string | null
  readonly logo?: string | null
  readonly emoji?: string | null
  /** Of who comes with a password. */
  readonly registration?: Registration
}

export interface AccountCommands {
  /** Refuses registration_closed, rate_limited, name_taken, name_invalid, bot_by_registration, bot_with_logo. */
  'account.register': { input: NewAccount; result: OwnUser }
  /**
   * A token with which one person can become the first admin within an hour, in place of the one before; null when there
   * is an admin. Only its digest is kept. The operator.
   */
  'account.offer_admin': { input: object; result: { token: string } | null }
  /** Makes the first admin with the one-time token that start-up shows. Refuses token_refused, name_taken. */
  'account.claim_admin': { input: { token: string; name: string }; result: OwnUser }
  /**
   * The user behind a credential: an API key; or of a sign-in a session token, an access token or, for a `socket`, a
   * websocket token; or either of them, where a client has one place for all. Refuses unauthenticated, and rate_limited after too many wrong ones from one address.
   */
  'account.identify': {
    input: { by: 'key' | 'sign-in' | 'either'; secret: string; address: string; socket?: boolean }
    result: Actor
  }
  /** Whether a credential is still good, for a socket that was opened with it. */
  'account.alive': { input: { credential: Credential; user: UserId }; result: boolean }
  'account.sign_out': { input: object; result: object }
}

export const accountCommands: Implementation<AccountCommands> = {
  'account.register': register,
  'account.offer_admin': offerAdmin,
  'account.claim_admin': claimAdmin,
  'account.identify': identify,
  'account.alive': alive,
  'account.sign_out': async (ctx, actor) => {
    const user = signedIn(actor)
    if (actor.kind !== 'user' || actor.credential.by !== 'sign-in') return {}
    await endSignIn(ctx, user, actor.credential.id)
    return {}
  },
}

async function register(ctx: Context, actor: Actor, account: NewAccount): Promise<OwnUser> {
  const role = grantedRole(ctx, actor, account.role)
  if (role === 'bot') refuse(account.logo ? { code: 'bot_with_logo' } : { code: 'bot_by_registration' })
  admit(ctx, actor)
  const made = await create(ctx, { ...account, role }, null, null)
  // The operator knows whose address it is.
  if (actor.kind === 'operator' && account.email) await confirmEmail(ctx, made.user)
  return made
}

function grantedRole(ctx: Context, actor: Actor, asked: Role | undefined): Role {
  return actor.kind === 'operator' || ctx.settings.selfAssignedRoles ? (asked ?? 'member') : 'member'
}

/** Lets an actor sign up, or refuses registration_closed or rate_limited. */
export function admit(ctx: Context, actor: Actor): void {
  if (actor.kind === 'operator') return
  const local = actor.kind === 'anonymous' && actor.local
  if (!isOpen(ctx.settings.registration, local)) refuse({ code: 'registration_closed' })
  limit(ctx, 'registrations', actor.kind === 'user' ? actor.user.id : actor.address)
}

/** Whether something open to `openness` is open to a request that is or is not local. */
export const isOpen = (openness: Openness, local: boolean): boolean =>
  openness === 'on' || (openness === 'local' && local)

/** Stores a new user with a key. Spends `ticket` in the same write. */
export async function create(
  ctx: Context,
  account: NewAccount & { readonly role: Role },
  createdBy: UserId | null,
  ticket: Ticket | null,
): Promise<OwnUser> {
  const at = ctx.clock.now()
  const user: User = {
    id: ctx.ids.uuid() as UserId, // a fresh uuid is what a user id is
    name: checkedName(account.name),
    role: account.role,
    email: account.email ? normalEmail(account.email) : null,
    webhookUrl: checkedWebhook(ctx, account.webhookUrl ?? null),
    logo: account.logo ?? null,
    emoji: account.emoji ?? null,
    createdBy,
    createdAt: at,
    deletedAt: null,
  }
  const key = makeKey(ctx)
  const { registration } = account
  const { seq } = await ctx.commits.run({
    type: 'user.create',
    user,
    key: key.stored,
    ...(registration && { registration }),
    ticket,
    at,
  })
  ctx.emit({ type: 'user.created', directory: ctx.store.directory, seq, user })
  return { user, key: key.plain }
}

/** Takes the user's address as theirs. */
export const confirmEmail = (ctx: Context, { id }: User): Promise<object> =>
  ctx.commits.run({ type: 'email.verify', user: id, ticket: null, at: ctx.clock.now() })

/** The stored form of a one-time token. */
export const ticketFor = (ctx: Context, purpose: Ticket['purpose'], token: string): Ticket => ({
  purpose,
  digest: ctx.keyring.digest(purpose, token),
})

async function offerAdmin(ctx: Context, actor: Actor): Promise<{ token: string } | null> {
  operatorOnly(actor)
  if (await ctx.store.hasAdmin()) return null
  const token = ctx.ids.secret(32)
  const at = ctx.clock.now()
  const ticket = ticketFor(ctx, 'first-admin', token)
  await ctx.commits.run({ type: 'ticket.issue', ticket, subject: 'first admin', expiresAt: at + OFFER_LIFE, at })
  return { token }
}

async function claimAdmin(ctx: Context, actor: Actor, input: { token: string; name: string }): Promise<OwnUser> {
  if (actor.kind === 'anonymous') limit(ctx, 'signIns', actor.address)
  // A link that was not used before somebody became admin another way is worth nothing any more.
  if (await ctx.store.hasAdmin()) refuse({ code: 'token_refused' })
  const ticket = ticketFor(ctx, 'first-admin', input.token)
  return create(ctx, { name: input.name, role: 'admin' }, null, ticket)
}

async function identify(
  ctx: Context,
  _actor: Actor,
  { by, secret, address, socket = false }: AccountCommands['account.identify']['input'],
): Promise<Actor> {
  if (by !== 'key' && looksSigned(secret)) return byToken(ctx, secret, socket ? SOCKET_TOKENS : ['access'], address)
  const found =
    (by !== 'sign-in' && (await byKey(ctx, secret))) || (by !== 'key' && (await bySession(ctx, secret))) || undefined
  if (found) return found
  limit(ctx, 'signIns', address)
  return refuse({ code: 'unauthenticated', why: by === 'key' ? 'user_unknown' : 'malformed' })
}

const SOCKET_TOKENS = ['websocket', 'access'] as const

export async function byKey(ctx: Context, key: string): Promise<SignedIn | undefined> {
  const digest = keyDigest(ctx, key)
  const user = await ctx.store.userByKey(digest)
  return user && { kind: 'user', user, credential: { by: 'key', digest } }
}

export async function bySession(ctx: Context, token: string): Promise<SignedIn | undefined> {
  const found = await ctx.store.signIn(ctx.keyring.digest('sign-in', token), ctx.clock.now())
  return found && { kind: 'user', user: found.user, credential: { by: 'sign-in', id: found.id } }
}

async function alive(ctx: Context, _actor: Actor, input: AccountCommands['account.alive']['input']): Promise<boolean> {
  const { credential, user } = input
  if (credential.by === 'guest') return true
  // It has no connection to keep open.
  if (credential.by === 'agent') return false
  if (credential.by === 'key') return (await ctx.store.userByKey(credential.digest))?.id === user
  return ctx.store.signInAlive(credential.id, ctx.clock.now())
}

async function endSignIn(ctx: Context, user: User, id: SignInId): Promise<void> {
  const { seq } = await ctx.commits.run({ type: 'sign_in.end', id, user: user.id, at: ctx.clock.now() })
  ctx.emit({ type: 'credentials.revoked', directory: ctx.store.directory, seq, user })
}

/** A free name like `wish`: itself, or with the smallest number that makes it free. */
export async function freeName(ctx: Context, wish: string): Promise<string> {
  for (let n = 1; n < 100; n++) {
    const name = n === 1 ? wish : `${wish}-${n}`
    if (!(await ctx.store.isNameUsed(nameKey(name)))) return name
  }
  return `${wish}-${ctx.ids.secret(4)}`
}
