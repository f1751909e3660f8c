import { botCreated, botProfile, botProfiles, createBotBody, updateBotBody } from '@parley/protocol/token-bowl/bots'
import { keyRegenerated } from '@parley/protocol/token-bowl/users'
import { z } from 'zod'
import { isUuid } from '../../core/ids.ts'
import { botProfile as profile, botCreated as showNew } from '../../protocols/token-bowl/shapes.ts'
import { endpoint } from '../endpoint.ts'
import { Fault } from '../faults.ts'

const botParams = z.object({ bot_id: z.string() })

export const bots = [
  endpoint({
    method: 'POST',
    path: '/bots',
    summary: 'Make a bot that belongs to the caller; the answer holds its API key',
    auth: 'user',
    body: createBotBody,
    status: 201,
    answer: botCreated,
    refuses: ['role_forbids', 'name_taken', 'name_invalid', 'webhook_refused'],
    run: async ({ core, actor, body }) => {
      const bot = { name: body.username, emoji: body.emoji || null, webhookUrl: body.webhook_url ?? null }
      return showNew(await core.execute(actor, { type: 'bots.create', ...bot }))
    },
  }),
  endpoint({
    method: 'GET',
    path: '/bots/me',
    summary: "The caller's bots",
    auth: 'user',
    status: 200,
    answer: botProfiles,
    run: async ({ core, actor }) => (await core.execute(actor, { type: 'bots.list' })).map(profile),
  }),
  endpoint({
    method: 'PATCH',
    path: '/bots/{bot_id}',
    summary: "Change a bot's emoji or webhook; what is absent or null stays, an empty emoji clears it",
    auth: 'user',
    params: botParams,
    body: updateBotBody,
    status: 200,
    answer: botProfile,
    refuses: ['request_invalid', 'not_owner', 'bot_unknown', 'webhook_refused'],
    run: async ({ core, actor, params, body }) => {
      if (!isUuid(params.bot_id)) throw new Fault('request_invalid', { text: 'Invalid bot ID format' })
      const patch = {
        ...(typeof body.emoji === 'string' && { emoji: body.emoji || null }),
        ...(body.webhook_url && { webhookUrl: body.webhook_url }),
      }
      return profile(await core.execute(actor, { type: 'bots.change', id: params.bot_id, patch }))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/bots/{bot_id}',
    summary: 'Delete a bot; its messages stay',
    auth: 'user',
    params: botParams,
    status: 204,
    answer: null,
    refuses: ['not_owner', 'bot_unknown'],
    run: ({ core, actor, params }) => core.execute(actor, { type: 'bots.delete', id: params.bot_id }),
  }),
  endpoint({
    method: 'POST',
    path: '/bots/{bot_id}/regenerate-api-key',
    summary: 'Give a bot a new API key; the old one is dead at once',
    auth: 'user',
    params: botParams,
    status: 200,
    answer: keyRegenerated,
    refuses: ['not_owner', 'bot_unknown'],
    run: async ({ core, actor, params }) => {
      const { key } = await core.execute(actor, { type: 'bots.replace_key', id: params.bot_id })
      return { message: 'API key regenerated successfully', api_key: key }
    },
  }),
]
