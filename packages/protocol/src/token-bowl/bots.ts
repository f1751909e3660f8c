import { z } from 'zod'
import { id, timestamp } from './text.ts'
import { emoji, username, webhookUrl } from './users.ts'

/** `POST /bots`. */
export const createBotBody = z.object({ username, emoji: emoji.nullish(), webhook_url: webhookUrl.nullish() })
export type CreateBotBody = z.infer<typeof createBotBody>

/** `PATCH /bots/{bot_id}`. */
export const updateBotBody = z.object({ emoji: emoji.nullish(), webhook_url: webhookUrl.nullish() })
export type UpdateBotBody = z.infer<typeof updateBotBody>

export const botCreated = z.strictObject({
  id,
  username: z.string(),
  api_key: z.string(),
  created_by_id: id,
  created_by: z.string(),
  emoji: z.string().nullable(),
  webhook_url: z.string().nullable(),
})
export type BotCreated = z.infer<typeof botCreated>

export const botProfile = z.strictObject({ ...botCreated.shape, created_at: timestamp })
export type BotProfile = z.infer<typeof botProfile>

/** `GET /bots/me`. */
export const botProfiles = z.array(botProfile)
export type BotProfiles = z.infer<typeof botProfiles>
