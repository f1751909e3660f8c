import type { Context } from '../context.ts'
import type { SignInId } from '../ids.ts'
import { nameKey } from '../names.ts'
import { may, signedIn } from '../permissions.ts'
import type { SignIn } from '../ports/writes.ts'
import { Refused, refuse } from '../refusals.ts'
import type { Actor, SignedIn, User } from '../user.ts'
import type { Implementation } from './command.ts'
import { limit, limitKey } from './limits.ts'
import { makeToken, readToken, refuseToken, TOKEN_LIFE, tokenUser } from './tokens.ts'

/** What a client works with from a sign-in on. */
export interface TokenPair {
  readonly access: string
  /** Good for one `account.refresh`. */
  readonly refresh: string
}

export interface SignInCommands {
  /**
   * Signs in with name and password. Failures are counted by address and by name, which are refused with rate_limited
   * after too many. Refuses credentials_wrong, whichever of the two is wrong and in the same time; busy.
   */
  'account.sign_in': { input: { name: string; password: string }; result: TokenPair }
  /**
   * New tokens for a refresh token, which is spent. One that was spent before ends the whole sign-in: whoever shows it,
   * somebody has a copy. Refuses unauthenticated, rate_limited.
   */
  'account.refresh': { input: { token: string }; result: TokenPair }
  /** A token to open sockets with, for who can't send headers. Made with an API key it ends with that key. */
  'account.socket_token': { input: object; result: { token: string } }
}

export const signInCommands: Implementation<SignInCommands> = {
  'account.sign_in': signInByPassword,
  'account.refresh': refresh,
  'account.socket_token': async (ctx, actor) => {
    const user = signedIn(actor)
    return { token: await makeToken(ctx, user, await signInOf(ctx, actor, user), 'websocket') }
  },
}

interface NamePassword {
  readonly name: string
  readonly password: string
}

async function signInByPassword(ctx: Context, actor: Actor, shown: NamePassword): Promise<TokenPair> {
  const refreshId = ctx.ids.secret(16)
  const { user, signIn } = await prove(ctx, actor, shown, { refreshId, life: TOKEN_LIFE.refresh })
  return pair(ctx, user, signIn, refreshId)
}

/** A sign-in by password for one connection, without tokens. Refuses as `account.sign_in` does. */
export async function signInWith(ctx: Context, actor: Actor, shown: NamePassword): Promise<SignedIn> {
  const { user, signIn: id } = await prove(ctx, actor, shown, {
    refreshId: ctx.ids.secret(16),
    life: TOKEN_LIFE.websocket,
  })
  return { kind: 'user', user, credential: { by: 'sign-in', id } }
}

async function prove(
  ctx: Context,
  actor: Actor,
  { name, password }: NamePassword,
  signIn: NewSignIn,
): Promise<{ readonly user: User; readonly signIn: SignInId }> {
  // Counted before the answer is known, so that many guesses at once count too.
  const counted = [limitKey(actor), `name ${nameKey(name)}`]
  for (const key of counted) limit(ctx, 'signIns', key)
  const user = await ctx.directory.named(name)
  // A member who was made a bot may still have one.
  const hash = user && may(user.role, 'password.own') ? await ctx.store.passwordHash(user.id) : undefined
  const right = await ctx.passwords.verify(password, hash)
  if (!user || hash === undefined || !right) return refuse({ code: 'credentials_wrong' })
  const started = await start(ctx, user, { ...signIn, hash })
  for (const key of counted) ctx.limits.signIns.giveBack(key)
  return { user, signIn: started }
}

interface NewSignIn {
  readonly refreshId: string
  /** In milliseconds. */
  readonly life: number
  readonly hash?: string
  readonly byKey?: boolean
}

async function start(ctx: Context, user: User, { refreshId, life, hash, byKey }: NewSignIn): Promise<SignInId> {
  const at = ctx.clock.now()
  const signIn: SignIn = {
    id: ctx.ids.uuid() as SignInId, // a fresh uuid is what a sign-in id is
    user: user.id,
    digest: refreshDigest(ctx, refreshId),
    ...(byKey && { byKey }),
    createdAt: at,
    expiresAt: at + life,
  }
  await ctx.commits.run({ type: 'sign_in.start', signIn, ...(hash && { hash }), ticket: null, at })
  return signIn.id
}

const refreshDigest = (ctx: Context, id: string): string => ctx.keyring.digest('refresh', id)

async function pair(ctx: Context, user: User, signIn: SignInId, refreshId: string): Promise<TokenPair> {
  return {
    access: await makeToken(ctx, user, signIn, 'access'),
    refresh: await makeToken(ctx, user, signIn, 'refresh', refreshId),
  }
}

async function refresh(ctx: Context, actor: Actor, { token }: { token: string }): Promise<TokenPair> {
  const claims = await readToken(ctx, token, ['refresh'], limitKey(actor))
  const user = await tokenUser(ctx, claims.user)
  const next = ctx.ids.secret(16)
  const at = ctx.clock.now()
  const refreshed = await ctx.commits
    .run({
      type: 'sign_in.refresh',
      id: claims.signIn,
      user: user.id,
      digest: refreshDigest(ctx, claims.id),
      next: refreshDigest(ctx, next),
      expiresAt: at + TOKEN_LIFE.refresh,
      at,
    })
    .catch(asTokenFault)
  if (refreshed.state === 'refreshed') return pair(ctx, user, claims.signIn, next)
  ctx.emit({ type: 'credentials.revoked', directory: ctx.store.directory, seq: refreshed.seq, user })
  return refuseToken('expired')
}

/** The store's word for a sign-in that is over, in the words for tokens. */
function asTokenFault(error: unknown): never {
  const { code } = error instanceof Refused ? error.refusal : {}
  if (code === 'token_refused') refuseToken('expired')
  if (code === 'user_unknown') refuseToken('user_unknown')
  throw error
}

/** The sign-in that a token of the actor's belongs to. Who came with a key has none yet. */
async function signInOf(ctx: Context, actor: Actor, user: User): Promise<SignInId> {
  if (actor.kind === 'user' && actor.credential.by === 'sign-in') return actor.credential.id
  return start(ctx, user, { refreshId: ctx.ids.secret(16), life: TOKEN_LIFE.websocket, byKey: true })
}
