import { LOGOS } from '@parley/protocol/token-bowl/limits'
import {
  keyRegenerated,
  logoBody,
  logos,
  logoUpdated,
  publicUser,
  publicUsers,
  usernameBody,
  userProfile,
  webhookBody,
  webhookUpdated,
} from '@parley/protocol/token-bowl/users'
import { z } from 'zod'
import { userProfile as profile, publicUser as show } from '../../protocols/token-bowl/shapes.ts'
import { endpoint } from '../endpoint.ts'

export const userParams = z.object({ user_id: z.string().meta({ description: 'UUID or username' }) })

export const users = [
  endpoint({
    method: 'GET',
    path: '/users',
    summary: 'Everybody but viewers, in order of registration',
    auth: 'user',
    status: 200,
    answer: publicUsers,
    run: async ({ core, actor }) => (await core.execute(actor, { type: 'people.list' })).map(show),
  }),
  endpoint({
    method: 'GET',
    path: '/users/online',
    summary: 'Users with an open socket',
    auth: 'user',
    status: 200,
    answer: publicUsers,
    run: async ({ core, actor }) => (await core.execute(actor, { type: 'people.online' })).map(show),
  }),
  endpoint({
    method: 'GET',
    path: '/users/me',
    summary: 'The caller, with the API key',
    auth: 'user',
    status: 200,
    answer: userProfile,
    run: async ({ core, actor }) => profile(await core.execute(actor, { type: 'me.show' })),
  }),
  endpoint({
    method: 'GET',
    path: '/users/{user_id}',
    summary: 'One user',
    auth: 'user',
    params: userParams,
    status: 200,
    answer: publicUser,
    refuses: ['user_unknown'],
    run: async ({ core, actor, params }) =>
      show(await core.execute(actor, { type: 'people.show', ref: params.user_id })),
  }),
  endpoint({
    method: 'PATCH',
    path: '/users/me/username',
    summary: 'Take another name; old messages show it too',
    auth: 'user',
    body: usernameBody,
    status: 200,
    answer: userProfile,
    refuses: ['role_forbids', 'name_taken', 'name_invalid'],
    run: async ({ core, actor, body }) =>
      profile(await core.execute(actor, { type: 'me.rename', name: body.username })),
  }),
  endpoint({
    method: 'PATCH',
    path: '/users/me/webhook',
    summary: 'Set the webhook; null or nothing clears it',
    auth: 'user',
    body: webhookBody,
    status: 200,
    answer: webhookUpdated,
    refuses: ['role_forbids', 'webhook_refused'],
    run: async ({ core, actor, body }) => {
      const { webhookUrl } = await core.execute(actor, { type: 'me.webhook', url: body.webhook_url ?? null })
      return { message: 'Webhook URL updated successfully', webhook_url: webhookUrl ?? '' }
    },
  }),
  endpoint({
    method: 'PATCH',
    path: '/users/me/logo',
    summary: 'Set the logo; null or nothing clears it',
    auth: 'user',
    body: logoBody,
    status: 200,
    answer: logoUpdated,
    refuses: ['role_forbids', 'bot_with_logo'],
    run: async ({ core, actor, body }) => {
      const { logo } = await core.execute(actor, { type: 'me.logo', logo: body.logo ?? null })
      return { message: 'Logo updated successfully', logo: logo ?? '' }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/users/me/regenerate-api-key',
    summary: 'Get a new API key; the old one is dead at once',
    auth: 'user',
    status: 200,
    answer: keyRegenerated,
    run: async ({ core, actor }) => {
      const { key } = await core.execute(actor, { type: 'me.replace_key' })
      return { message: 'API key regenerated successfully', api_key: key }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/logos',
    summary: 'Names of the logos there are',
    auth: 'none',
    status: 200,
    answer: logos,
    run: () => [...LOGOS],
  }),
]
