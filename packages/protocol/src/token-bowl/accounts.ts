import { z } from 'zod'
import { address } from '../email.ts'
import { EMAIL_MAX, EMAIL_MIN } from './limits.ts'
import { id } from './text.ts'
import { emoji, logo, role, username, webhookUrl } from './users.ts'

export const email = address(EMAIL_MIN, EMAIL_MAX)

/** `POST /register`. Which of the role fields count is the server's setting. */
export const registerBody = z
  .object({
    username,
    webhook_url: webhookUrl.nullish(),
    logo: logo.nullish(),
    role: role.nullish(),
    viewer: z.boolean().nullish(),
    admin: z.boolean().nullish(),
    bot: z.boolean().nullish(),
    emoji: emoji.nullish(),
  })
  .refine(body => !body.logo || (body.bot !== true && body.role !== 'bot'), {
    path: ['logo'],
    message: 'A bot has an emoji, not a logo',
  })
export type RegisterBody = z.infer<typeof registerBody>

export const registered = z.strictObject({
  id,
  username: z.string(),
  api_key: z.string(),
  role,
  webhook_url: z.string().nullable(),
  logo: z.string().nullable(),
  viewer: z.boolean(),
  admin: z.boolean(),
  bot: z.boolean(),
  emoji: z.string().nullable(),
})
export type Registered = z.infer<typeof registered>

/** `POST /auth/magic-link/send`. */
export const magicLinkBody = z.object({ email, username: username.nullish() })
export type MagicLinkBody = z.infer<typeof magicLinkBody>

export const magicLinkSent = z.strictObject({ message: z.string(), email: z.string() })
export type MagicLinkSent = z.infer<typeof magicLinkSent>

/** `POST /auth/magic-link/authenticate`. */
export const magicLinkTokenBody = z.object({ token: z.string().min(1) })
export type MagicLinkTokenBody = z.infer<typeof magicLinkTokenBody>

export const signedIn = z.strictObject({ username: z.string(), session_token: z.string(), api_key: z.string() })
export type SignedIn = z.infer<typeof signedIn>
