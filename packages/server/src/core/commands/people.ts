import type { Context } from '../context.ts'
import { userId } from '../ids.ts'
import { nameFault, normalName } from '../names.ts'
import { allowed, signedIn } from '../permissions.ts'
import type { UserPatch } from '../ports/writes.ts'
import { refuse } from '../refusals.ts'
import { isDeleted, isGiven, type User } from '../user.ts'
import type { Implementation } from './command.ts'
import { keyOf, replaceKey } from './keys.ts'

/** A user as its owner sees it, with the key. */
export interface OwnUser {
  readonly user: User
  readonly key: string
}

export interface PeopleCommands {
  /** Everyone who is not a viewer, in order of registration. */
  'people.list': { input: object; result: readonly User[] }
  'people.online': { input: object; result: readonly User[] }
  /** By id or name. Refuses user_unknown. */
  'people.show': { input: { ref: string }; result: User }
  'me.show': { input: object; result: OwnUser }
  /** Refuses name_taken, name_invalid. Old messages show the new name. */
  'me.rename': { input: { name: string }; result: OwnUser }
  /** Null clears. Refuses webhook_refused. */
  'me.webhook': { input: { url: string | null }; result: User }
  /** Null clears. Bots have no logo. */
  'me.logo': { input: { logo: string | null }; result: User }
  /** A new key; the old ones are dead, and sockets opened with them are closed. */
  'me.replace_key': { input: object; result: { key: string } }
}

export const peopleCommands: Implementation<PeopleCommands> = {
  'people.list': async (ctx, actor) => {
    signedIn(actor)
    return (await ctx.store.everyone()).filter(({ role }) => role !== 'viewer' && isGiven(role))
  },
  'people.online': async (ctx, actor) => {
    signedIn(actor)
    return [...(await ctx.directory.users(ctx.presence.online())).values()]
  },
  'people.show': (ctx, actor, { ref }) => {
    signedIn(actor)
    return person(ctx, ref)
  },
  'me.show': (ctx, actor) => own(ctx, signedIn(actor)),
  'me.rename': async (ctx, actor, { name }) => {
    const user = allowed(actor, 'profile.change')
    return own(ctx, await change(ctx, user, { name: checkedName(name) }))
  },
  'me.webhook': (ctx, actor, { url }) => {
    const user = allowed(actor, 'profile.change')
    return change(ctx, user, { webhookUrl: checkedWebhook(ctx, url) })
  },
  'me.logo': (ctx, actor, { logo }) => {
    const user = allowed(actor, 'profile.change')
    if (user.role === 'bot' && logo !== null) refuse({ code: 'bot_with_logo' })
    return change(ctx, user, { logo })
  },
  'me.replace_key': async (ctx, actor) => ({ key: await replaceKey(ctx, signedIn(actor)) }),
}

/** A living user by id or name, not an agent. Refuses user_unknown. */
export async function person(ctx: Context, ref: string): Promise<User> {
  const id = userId(ref)
  const user = (id && (await ctx.directory.user(id))) ?? (await ctx.directory.named(ref))
  return user && !isDeleted(user) && isGiven(user.role) ? user : refuse({ code: 'user_unknown', name: ref })
}

/** The name in the form it is stored in. Refuses name_invalid. */
export function checkedName(text: string): string {
  const name = normalName(text)
  const fault = nameFault(name)
  return fault ? refuse({ code: 'name_invalid', fault }) : name
}

/** Refuses webhook_refused for a URL that this server would never call. */
export function checkedWebhook(ctx: Context, url: string | null): string | null {
  return url === null || ctx.outbound.mayCall(url) ? url : refuse({ code: 'webhook_refused' })
}

/** Stores a change of a user and tells everyone. */
export async function change(ctx: Context, { id }: User, patch: UserPatch): Promise<User> {
  const { user, seq } = await ctx.commits.run({ type: 'user.change', id, patch, at: ctx.clock.now() })
  ctx.emit({ type: 'user.changed', directory: ctx.store.directory, seq, user })
  return user
}

export const own = async (ctx: Context, user: User): Promise<OwnUser> => ({ user, key: await keyOf(ctx, user) })
