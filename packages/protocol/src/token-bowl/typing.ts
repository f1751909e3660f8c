import { z } from 'zod'

/** From the client. Never answered, whatever it holds. */
export const typingFrame = z.object({ to_username: z.unknown().optional() })
export type TypingFrame = z.infer<typeof typingFrame>

/** To the others: `to_username` is null for the room. Nothing says that somebody stopped. */
export const typedFrame = z.strictObject({
  type: z.literal('typing'),
  username: z.string(),
  to_username: z.string().nullable(),
})
export type TypedFrame = z.infer<typeof typedFrame>
