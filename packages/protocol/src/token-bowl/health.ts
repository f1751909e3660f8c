import { z } from 'zod'

/** `GET /health`, shared with the other protocols: more keys than this one. */
export const health = z.looseObject({ status: z.literal('healthy') })
export type Health = z.infer<typeof health>
