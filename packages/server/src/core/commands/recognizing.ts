import type { Context } from '../context.ts'
import { refuse } from '../refusals.ts'
import type { Actor, SignedIn } from '../user.ts'
import { byKey, bySession } from './accounts.ts'
import type { Implementation } from './command.ts'
import { signInWith } from './sign-ins.ts'
import { byToken, looksSigned, refuseToken } from './tokens.ts'

/** A credential that may be of this server or of anybody's. */
export type SomeCredential =
  | { readonly by: 'secret'; readonly secret: string }
  | { readonly by: 'password'; readonly name: string; readonly password: string }

export type Recognized =
  | { readonly state: 'known'; readonly actor: SignedIn }
  /** This server never gave it. */
  | { readonly state: 'foreign' }

export interface RecognizingCommands {
  /**
   * Whether a credential is of this server, and then whose: a key, a session token, an access or websocket token, or the name of
   * somebody here with their password. Refuses unauthenticated for one that was ours and is over, or is for another use;
   * credentials_wrong, rate_limited and busy as signing in does.
   */
  'account.recognize': { input: SomeCredential; result: Recognized }
}

export const recognizingCommands: Implementation<RecognizingCommands> = {
  'account.recognize': (ctx, actor, shown) =>
    shown.by === 'secret' ? bySecret(ctx, shown.secret) : byPassword(ctx, actor, shown),
}

const FOREIGN: Recognized = { state: 'foreign' }

async function bySecret(ctx: Context, secret: string): Promise<Recognized> {
  if (looksSigned(secret)) return bySigned(ctx, secret)
  const actor = (await byKey(ctx, secret)) ?? (await bySession(ctx, secret))
  return actor ? { state: 'known', actor } : FOREIGN
}

async function bySigned(ctx: Context, token: string): Promise<Recognized> {
  const read = await ctx.tokens.read(token, ctx.clock.now())
  if (read.state === 'malformed') return FOREIGN
  if (read.state === 'expired') return refuseToken('expired')
  return { state: 'known', actor: await byToken(ctx, token, ['access', 'websocket'], '') }
}

async function byPassword(
  ctx: Context,
  actor: Actor,
  { name, password }: SomeCredential & { by: 'password' },
): Promise<Recognized> {
  if (actor.kind !== 'anonymous') return refuse({ code: 'unauthenticated' })
  if (!(await ctx.directory.named(name))) return FOREIGN
  return { state: 'known', actor: await signInWith(ctx, actor, { name, password }) }
}
