import { z } from 'zod'
import { email } from './accounts.ts'
import { count, timestamp } from './text.ts'
import { emoji, logo, role, username, userProfile, webhookUrl } from './users.ts'

/** `GET /admin/users`. */
export const userProfiles = z.array(userProfile)
export type UserProfiles = z.infer<typeof userProfiles>

/**
 * `PATCH /admin/users/{user_id}`. A boolean that is true sets that role; false takes it away from whoever has it. A body
 * without any field is the server's 400, not a schema error.
 */
export const adminUserBody = z
  .object({
    username: username.nullish(),
    email: email.nullish(),
    webhook_url: webhookUrl.nullish(),
    logo: logo.nullish(),
    viewer: z.boolean().nullish(),
    admin: z.boolean().nullish(),
    bot: z.boolean().nullish(),
    emoji: emoji.nullish(),
  })
  .refine(body => !body.logo || body.bot !== true, { path: ['logo'], message: 'A bot has an emoji, not a logo' })
export type AdminUserBody = z.infer<typeof adminUserBody>

/** `PATCH /admin/users/{user_id}/role`. */
export const roleBody = z.object({ role })
export type RoleBody = z.infer<typeof roleBody>

/** `message` contains "Successfully assigned role". */
export const roleAssigned = z.strictObject({ username: z.string(), role, message: z.string() })
export type RoleAssigned = z.infer<typeof roleAssigned>

/** `POST /admin/invite`. */
export const inviteBody = z.object({
  email,
  role: role.nullish().transform(wish => wish ?? 'member'),
  signup_url: webhookUrl,
})
export type InviteBody = z.output<typeof inviteBody>

export const invited = z.strictObject({ email: z.string(), role, message: z.string() })
export type Invited = z.infer<typeof invited>

/** `GET /admin/websocket/connections`. */
export const connections = z.strictObject({
  total_users: count,
  total_connections: count,
  connections: z.array(
    z.strictObject({
      username: z.string(),
      connection_id: z.string(),
      last_activity: timestamp,
      last_pong: timestamp,
      seconds_since_activity: z.number().min(0),
      seconds_since_pong: z.number().min(0),
      is_healthy: z.boolean(),
    }),
  ),
})
export type Connections = z.infer<typeof connections>
