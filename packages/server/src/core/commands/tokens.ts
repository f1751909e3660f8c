import type { Context } from '../context.ts'
import type { SignInId, UserId } from '../ids.ts'
import type { Claims, TokenType } from '../ports/tokens.ts'
import { refuse, type TokenFault } from '../refusals.ts'
import { type Actor, isDeleted, type User } from '../user.ts'
import { limit } from './limits.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How long a token works, in milliseconds. */
export const TOKEN_LIFE = { access: 30 * MINUTE, refresh: 7 * 24 * HOUR, websocket: 24 * HOUR } as const

/** Session tokens are hex; only signed ones have dots. */
export const looksSigned = (secret: string): boolean => secret.includes('.')

/** A new token of a sign-in. `id` names it among all. */
export function makeToken(
  ctx: Context,
  { id: user, name, role }: User,
  signIn: SignInId,
  type: TokenType,
  id = ctx.ids.secret(16),
): Promise<string> {
  const now = ctx.clock.now()
  const issuedAt = now - (now % 1000)
  return ctx.tokens.sign({ type, user, name, role, signIn, id, issuedAt, expiresAt: issuedAt + TOKEN_LIFE[type] })
}

/** What a token of one of these types says. Refuses unauthenticated, and rate_limited after too many that we never signed. */
export async function readToken(
  ctx: Context,
  token: string,
  types: readonly TokenType[],
  address: string,
): Promise<Claims> {
  const read = await ctx.tokens.read(token, ctx.clock.now())
  if (read.state === 'malformed') limit(ctx, 'signIns', address)
  if (read.state !== 'good') return refuseToken(read.state)
  return types.includes(read.claims.type) ? read.claims : refuseToken('wrong_type')
}

/** The user behind a token, whose sign-in still lasts. The role is the user's own, whatever the token says. */
export async function byToken(
  ctx: Context,
  token: string,
  types: readonly TokenType[],
  address: string,
): Promise<Actor & { kind: 'user' }> {
  const { user: id, signIn, expiresAt } = await readToken(ctx, token, types, address)
  const user = await tokenUser(ctx, id)
  if (!(await ctx.store.signInAlive(signIn, ctx.clock.now()))) refuseToken('expired')
  return { kind: 'user', user, credential: { by: 'sign-in', id: signIn, expiresAt } }
}

/** The living user a token names. */
export async function tokenUser(ctx: Context, id: UserId): Promise<User> {
  const user = await ctx.directory.user(id)
  return user && !isDeleted(user) ? user : refuseToken('user_unknown')
}

export const refuseToken = (why: TokenFault): never => refuse({ code: 'unauthenticated', why })
