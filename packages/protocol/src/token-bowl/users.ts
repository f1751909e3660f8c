import { z } from 'zod'
import { EMOJI_MAX, LOGOS, ROLES, USERNAME_MAX, WEBHOOK_URL_MAX } from './limits.ts'
import { id, text, timestamp } from './text.ts'

export const role = z.enum(ROLES)
export type Role = z.infer<typeof role>

// --- fields that several bodies take

export const username = text(1, USERNAME_MAX)
export const emoji = text(0, EMOJI_MAX)
export const logo = z.enum(LOGOS)
export const webhookUrl = z.url({ protocol: /^https?$/ }).max(WEBHOOK_URL_MAX)

/** What everyone may see of a user. */
export const publicUser = z.strictObject({
  id,
  username: z.string(),
  role,
  logo: z.string().nullable(),
  emoji: z.string().nullable(),
  bot: z.boolean(),
  viewer: z.boolean(),
})
export type PublicUser = z.infer<typeof publicUser>

/** What users see of themselves and admins of everyone, where the key of others is "". */
export const userProfile = z.strictObject({
  id,
  username: z.string(),
  role,
  email: z.string().nullable(),
  api_key: z.string(),
  webhook_url: z.string().nullable(),
  logo: z.string().nullable(),
  viewer: z.boolean(),
  admin: z.boolean(),
  bot: z.boolean(),
  emoji: z.string().nullable(),
  created_at: timestamp,
})
export type UserProfile = z.infer<typeof userProfile>

// --- frames of the client

export const getUsersFrame = z.object({})
export const getOnlineUsersFrame = z.object({})

export const getUserProfileFrame = z.object({ username: z.unknown().optional() })
export type GetUserProfileFrame = z.infer<typeof getUserProfileFrame>

// --- frames of the server

export const usersFrame = z.strictObject({ type: z.enum(['users', 'online_users']), users: z.array(publicUser) })
export type UsersFrame = z.infer<typeof usersFrame>

export const userProfileFrame = z.strictObject({ type: z.literal('user_profile'), user: publicUser })
export type UserProfileFrame = z.infer<typeof userProfileFrame>

// --- REST

/** `GET /users` and `GET /users/online`. */
export const publicUsers = z.array(publicUser)
export type PublicUsers = z.infer<typeof publicUsers>

/** `PATCH /users/me/username`. */
export const usernameBody = z.object({ username })
export type UsernameBody = z.infer<typeof usernameBody>

/** `PATCH /users/me/webhook`; `{}` clears. */
export const webhookBody = z.object({ webhook_url: webhookUrl.nullish() })
export type WebhookBody = z.infer<typeof webhookBody>

/** "" once cleared. */
export const webhookUpdated = z.strictObject({ message: z.string(), webhook_url: z.string() })
export type WebhookUpdated = z.infer<typeof webhookUpdated>

/** `PATCH /users/me/logo`; `{}` clears. */
export const logoBody = z.object({ logo: logo.nullish() })
export type LogoBody = z.infer<typeof logoBody>

/** "" once cleared. */
export const logoUpdated = z.strictObject({ message: z.string(), logo: z.string() })
export type LogoUpdated = z.infer<typeof logoUpdated>

/** `POST /users/me/regenerate-api-key` and `POST /bots/{bot_id}/regenerate-api-key`. */
export const keyRegenerated = z.strictObject({ message: z.string(), api_key: z.string() })
export type KeyRegenerated = z.infer<typeof keyRegenerated>

/** `GET /logos`. */
export const logos = z.array(z.string())
