import type { Context } from '../context.ts'
import { normalEmail } from '../names.ts'
import { adminOnly, operatorOnly } from '../permissions.ts'
import type { UserPatch } from '../ports/writes.ts'
import { refuse } from '../refusals.ts'
import { type Actor, isGiven, type User } from '../user.ts'
import { eraseArtefacts } from './artefacts.ts'
import type { Implementation } from './command.ts'
import { keyOf, replaceKey } from './keys.ts'
import { leaveAll } from './members.ts'
import { change, checkedName, checkedWebhook, type OwnUser, person } from './people.ts'

/** All for admins and the operator; refuses admin_only. `ref` is an id or a name. */
export interface AdminCommands {
  'admin.users': { input: object; result: readonly OwnUser[] }
  'admin.user': { input: { ref: string }; result: OwnUser }
  /** Refuses nothing_to_change, name_taken, name_invalid, email_taken, webhook_refused, bot_with_logo. */
  'admin.change': { input: { ref: string; patch: UserPatch }; result: OwnUser }
  /** A new key for anybody, who has lost theirs; the old one is dead. The operator. */
  'admin.replace_key': { input: { ref: string }; result: OwnUser }
  /** Ends the user and their bots: keys, sign-ins, open sockets. Their messages stay under their names. */
  'admin.delete': { input: { ref: string }; result: object }
}

export const adminCommands: Implementation<AdminCommands> = {
  'admin.users': async (ctx, actor) => {
    adminOnly(actor)
    const people = (await ctx.store.everyone()).filter(({ role }) => isGiven(role))
    return Promise.all(people.map(user => seen(ctx, actor, user)))
  },
  'admin.user': async (ctx, actor, { ref }) => {
    adminOnly(actor)
    return seen(ctx, actor, await person(ctx, ref))
  },
  'admin.change': async (ctx, actor, { ref, patch }) => {
    adminOnly(actor)
    const user = await person(ctx, ref)
    return seen(ctx, actor, await change(ctx, user, checkedPatch(ctx, user, patch)))
  },
  'admin.replace_key': async (ctx, actor, { ref }) => {
    operatorOnly(actor)
    const user = await person(ctx, ref)
    return { user, key: await replaceKey(ctx, user) }
  },
  'admin.delete': async (ctx, actor, { ref }) => {
    adminOnly(actor)
    return deleteUser(ctx, await person(ctx, ref))
  },
}

/** Others' keys are their own business, unless everybody trusts everybody anyway. */
async function seen(ctx: Context, actor: Actor, user: User): Promise<OwnUser> {
  const self = actor.kind === 'user' ? actor.user.id : undefined
  const mine = user.id === self || (user.createdBy !== null && user.createdBy === self)
  return { user, key: mine || ctx.settings.selfAssignedRoles ? await keyOf(ctx, user) : '' }
}

function checkedPatch(ctx: Context, user: User, patch: UserPatch): UserPatch {
  if (Object.keys(patch).length === 0) refuse({ code: 'nothing_to_change' })
  const role = patch.role ?? user.role
  if (role === 'bot' && patch.logo) refuse({ code: 'bot_with_logo' })
  return {
    ...patch,
    ...(patch.name !== undefined && { name: checkedName(patch.name) }),
    ...(patch.email && { email: normalEmail(patch.email) }),
    ...(patch.webhookUrl !== undefined && { webhookUrl: checkedWebhook(ctx, patch.webhookUrl) }),
    ...(role === 'bot' && { logo: null }),
  }
}

/** Deletes a user with their bots and tells everyone, also the rooms they leave by it. */
export async function deleteUser(ctx: Context, { id }: User): Promise<object> {
  for (const bot of await ctx.store.botsOf(id)) await leaveAll(ctx, bot)
  const user = await ctx.directory.user(id)
  if (user) await leaveAll(ctx, user)
  const { users } = await ctx.commits.run({ type: 'user.delete', id, at: ctx.clock.now() })
  for (const { user, seq } of users) ctx.emit({ type: 'user.deleted', directory: ctx.store.directory, seq, user })
  eraseArtefacts(ctx)
  return {}
}
