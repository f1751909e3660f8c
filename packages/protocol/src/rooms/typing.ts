import { z } from 'zod'
import { frameDown, frameUp } from './envelope.ts'

/** The room is named in `data`, else in the envelope. Never answered. */
export const typingFrame = frameUp({ is_typing: z.boolean().nullish(), room_id: z.string().nullish() })
export type TypingFrame = z.output<typeof typingFrame>

export const typedData = {
  user_id: z.string(),
  username: z.string(),
  is_typing: z.boolean(),
  /** Null for the assistant that answers without a room. */
  room_id: z.string().nullable(),
}

/** To the others; the assistant's also to whoever asked. */
export const typedFrame = frameDown('typing', z.strictObject(typedData))
export type TypedFrame = z.infer<typeof typedFrame>
