import { z } from 'zod'
import { timestamp } from './text.ts'

/** From the client, about liveness; answered with `pong`. */
export const pingFrame = z.object({})
/** From the client, in reply to `ping`. Not answered. */
export const pongFrame = z.object({})

/** From the server to every connection; the client answers `pong` at once. */
export const serverPingFrame = z.strictObject({ type: z.literal('ping'), timestamp })
export type ServerPingFrame = z.infer<typeof serverPingFrame>

export const serverPongFrame = z.strictObject({ type: z.literal('pong') })
export type ServerPongFrame = z.infer<typeof serverPongFrame>
