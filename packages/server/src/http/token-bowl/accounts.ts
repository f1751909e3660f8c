import {
  magicLinkBody,
  magicLinkSent,
  magicLinkTokenBody,
  type Registered,
  registerBody,
  registered,
  signedIn,
} from '@parley/protocol/token-bowl/accounts'
import { username } from '@parley/protocol/token-bowl/users'
import { z } from 'zod'
import type { OwnUser } from '../../core/commands/people.ts'
import { refuse } from '../../core/refusals.ts'
import { userProfile } from '../../protocols/token-bowl/shapes.ts'
import { endpoint } from '../endpoint.ts'
import { wishedRole } from './roles.ts'

/** `POST /setup`. */
export const setupBody = z.object({ token: z.string().min(1), username })

export const accounts = [
  endpoint({
    method: 'POST',
    path: '/register',
    summary: 'Make an account; the answer holds its API key',
    auth: 'none',
    body: registerBody,
    status: 201,
    answer: registered,
    refuses: [
      'bot_by_registration',
      'registration_closed',
      'name_taken',
      'name_invalid',
      'webhook_refused',
      'rate_limited',
    ],
    run: async ({ core, actor, body }) => {
      const role = wishedRole(body)
      if (role === 'bot') refuse({ code: 'bot_by_registration' })
      const own = await core.execute(actor, {
        type: 'account.register',
        name: body.username,
        ...(role && { role }),
        webhookUrl: body.webhook_url ?? null,
        logo: body.logo ?? null,
        emoji: body.emoji || null,
      })
      return showNew(own)
    },
  }),
  endpoint({
    method: 'POST',
    path: '/setup',
    summary: 'Make the first admin with the one-time token that the server shows when it starts',
    auth: 'none',
    body: setupBody,
    status: 201,
    answer: registered,
    refuses: ['token_refused', 'name_taken', 'name_invalid', 'rate_limited'],
    run: async ({ core, actor, body }) =>
      showNew(await core.execute(actor, { type: 'account.claim_admin', token: body.token, name: body.username })),
  }),
  endpoint({
    method: 'POST',
    path: '/auth/magic-link/send',
    summary: 'Mail a link to sign in with',
    auth: 'none',
    body: magicLinkBody,
    status: 200,
    answer: magicLinkSent,
    refuses: ['mail_off', 'mail_failed', 'rate_limited'],
    run: async ({ core, actor, body }) => {
      await core.execute(actor, { type: 'link.send', email: body.email, name: body.username ?? null })
      return { message: 'If this address may sign in here, a link is on its way to it', email: body.email }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/auth/magic-link/authenticate',
    summary: 'Sign in with the token of a mailed link, once',
    auth: 'none',
    body: magicLinkTokenBody,
    status: 200,
    answer: signedIn,
    refuses: ['token_refused', 'mail_off', 'rate_limited'],
    run: async ({ core, actor, body }) => {
      const { user, session, key } = await core.execute(actor, { type: 'link.use', token: body.token })
      return { username: user.name, session_token: session, api_key: key }
    },
  }),
]

/** A new account as its owner gets to see it. */
function showNew(own: OwnUser): Registered {
  const { email: _, created_at: __, ...shown } = userProfile(own)
  return shown
}
