import type { Context } from '../context.ts'
import { userId } from '../ids.ts'
import { allowed, signedIn } from '../permissions.ts'
import { refuse } from '../refusals.ts'
import { type Actor, isDeleted, type User } from '../user.ts'
import { create } from './accounts.ts'
import { deleteUser } from './admin.ts'
import type { Implementation } from './command.ts'
import { replaceKey } from './keys.ts'
import { change, checkedWebhook, type OwnUser, own } from './people.ts'

/** A bot as its owner sees it. */
export interface OwnBot extends OwnUser {
  readonly owner: User | null
}

export interface BotPatch {
  readonly emoji?: string | null
  readonly webhookUrl?: string | null
}

/** The owner of a bot and admins may change it; to others it is refused with not_owner. */
export interface BotCommands {
  'bots.create': { input: { name: string } & BotPatch; result: OwnBot }
  'bots.list': { input: object; result: readonly OwnBot[] }
  'bots.change': { input: { id: string; patch: BotPatch }; result: OwnBot }
  'bots.delete': { input: { id: string }; result: object }
  'bots.replace_key': { input: { id: string }; result: { key: string } }
}

export const botCommands: Implementation<BotCommands> = {
  'bots.create': async (ctx, actor, account) => {
    const owner = allowed(actor, 'bots.own')
    return { ...(await create(ctx, { ...account, role: 'bot' }, owner.id, null)), owner }
  },
  'bots.list': async (ctx, actor) => {
    const owner = signedIn(actor)
    return Promise.all((await ctx.store.botsOf(owner.id)).map(bot => ownBot(ctx, bot)))
  },
  'bots.change': async (ctx, actor, { id, patch }) => {
    const bot = await owned(ctx, actor, id)
    const { webhookUrl } = patch
    if (webhookUrl !== undefined) checkedWebhook(ctx, webhookUrl)
    return ownBot(ctx, await change(ctx, bot, patch))
  },
  'bots.delete': async (ctx, actor, { id }) => deleteUser(ctx, await owned(ctx, actor, id)),
  'bots.replace_key': async (ctx, actor, { id }) => ({ key: await replaceKey(ctx, await owned(ctx, actor, id)) }),
}

async function owned(ctx: Context, actor: Actor, ref: string): Promise<User> {
  const user = signedIn(actor)
  const id = userId(ref)
  const bot = id && (await ctx.directory.user(id))
  if (bot?.role !== 'bot' || isDeleted(bot)) refuse({ code: 'bot_unknown' })
  return bot.createdBy === user.id || user.role === 'admin' ? bot : refuse({ code: 'not_owner', of: 'bot' })
}

async function ownBot(ctx: Context, bot: User): Promise<OwnBot> {
  const owner = bot.createdBy && (await ctx.directory.user(bot.createdBy))
  return { ...(await own(ctx, bot)), owner: owner || null }
}
