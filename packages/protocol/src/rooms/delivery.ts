import { z } from 'zod'
import { frameDown, frameUp, id, timestamp } from './envelope.ts'

export const deliveredData = {
  /** As the client sent it, or the one that was made for it. */
  message_id: z.string(),
  /** Of the stored message. */
  id,
  status: z.literal('delivered'),
  timestamp,
}

/** To the sending connection: the message is durable. */
export const deliveredFrame = frameDown('delivery_confirmation', z.strictObject(deliveredData))
export type DeliveredFrame = z.infer<typeof deliveredFrame>

/** From a reader: the id of a message as a `chat` frame showed it, which for an answer is a number. One that is unknown is ignored. */
export const readReceiptFrame = frameUp({
  message_id: z.union([z.string(), z.int()]).nullish(),
  room_id: z.string().nullish(),
})
export type ReadReceiptFrame = z.output<typeof readReceiptFrame>

/** To all connections of the author. */
export const readFrame = frameDown(
  'read_receipt',
  z.strictObject({ message_id: id, user_id: z.string(), username: z.string(), room_id: z.string(), timestamp }),
)
export type ReadFrame = z.infer<typeof readFrame>
