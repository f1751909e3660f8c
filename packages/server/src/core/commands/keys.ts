import type { Context } from '../context.ts'
import type { NewKey } from '../ports/writes.ts'
import type { User } from '../user.ts'

/** A new API key, in plain for its owner and as it is stored. 32 random bytes as 64 hex digits: safe in a URL as it is. */
export function makeKey(ctx: Context): { readonly plain: string; readonly stored: NewKey } {
  const plain = ctx.ids.secret(32)
  return { plain, stored: { digest: keyDigest(ctx, plain), sealed: ctx.keyring.seal(plain) } }
}

export const keyDigest = (ctx: Context, key: string): string => ctx.keyring.digest('api-key', key)

/** The user's key; '' for a user without one. */
export async function keyOf(ctx: Context, user: User): Promise<string> {
  const sealed = await ctx.store.sealedKey(user.id)
  return sealed === undefined ? '' : ctx.keyring.unseal(sealed)
}

/** Ends the user's keys and answers a new one. */
export async function replaceKey(ctx: Context, { id }: User): Promise<string> {
  const key = makeKey(ctx)
  const { user, seq } = await ctx.commits.run({ type: 'key.replace', user: id, key: key.stored, at: ctx.clock.now() })
  ctx.emit({ type: 'credentials.revoked', directory: ctx.store.directory, seq, user })
  return key.plain
}
