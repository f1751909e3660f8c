import { z } from 'zod'
import { timestamp } from './down.ts'

/** A model that people may choose. `active`: it answers where a message names none. */
export const modelShown = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  active: z.boolean(),
})
export type ModelShown = z.infer<typeof modelShown>

/** GET /models: the list, and the same by id. */
export const models = z.strictObject({
  models: z.array(modelShown),
  current_model: z.string(),
  available_models: z.record(z.string(), modelShown),
})

/** GET /models/current */
export const currentModel = z.strictObject({ current_model: z.string(), model_info: modelShown })

/** POST /models/{id}/switch */
export const modelSwitched = z.strictObject({
  success: z.literal(true),
  previous_model: z.string(),
  current_model: z.string(),
  message: z.string(),
  model_info: modelShown,
})

/** The session whose model is meant. */
export const sessionQuery = z.object({ session_id: z.string().optional() })
export const sessionBody = z.object({ session_id: z.string().nullish() }).optional()

/** GET /agents */
export const teamQuery = z.object({ team: z.string().optional() })
export const agents = z.strictObject({
  agents: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      capabilities: z.array(z.string()),
      tools: z.array(z.string()),
      status: z.literal('available'),
    }),
  ),
  total: z.int().min(0),
})

/** `active`: a client is in it now. `user_id`: the account's; of a guest's session what guests are called. */
export const sessionInfo = z.strictObject({
  session_id: z.string(),
  user_id: z.string(),
  created_at: timestamp,
  last_activity: timestamp,
  active: z.boolean(),
})
export type SessionInfo = z.infer<typeof sessionInfo>

/** GET /sessions */
export const sessionsQuery = z.object({
  limit: z.coerce.number().pipe(z.int().min(1).max(100)).default(50),
  offset: z.coerce.number().pipe(z.int().min(0)).default(0),
})
export const sessions = z.strictObject({ sessions: z.array(sessionInfo), total: z.int().min(0) })

/** GET /sessions/{session_id} */
export const sessionShown = z.strictObject({
  ...sessionInfo.shape,
  message_count: z.int().min(0),
  agents_used: z.array(z.string()),
})
