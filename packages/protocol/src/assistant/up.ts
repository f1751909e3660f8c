import { z } from 'zod'
import { authFrame } from './auth.ts'

/** A question, with something in it that is no blank. */
export const chatFrame = z.object({ message: z.string().nullish() })
export type ChatFrame = z.output<typeof chatFrame>

/** What needs no more than its name. */
export const bareFrame = z.object({})

/** Every frame a client may send, by its `type`, which is `chat` where there is none. */
export const up = {
  chat: chatFrame,
  auth: authFrame,
  history: bareFrame,
  get_history: bareFrame,
  clear: bareFrame,
  clear_history: bareFrame,
  ping: bareFrame,
  logout: bareFrame,
} as const satisfies Record<string, z.ZodType>

export type UpType = keyof typeof up

/** A frame of the client, told apart by `type`. */
export type UpFrame = { [T in UpType]: { readonly type: T } & z.output<(typeof up)[T]> }[UpType]

/** The query of an upgrade. */
export const connectQuery = z.object({
  /** A label of the client's own, which says nothing about who it is. */
  user_id: z.string().optional(),
  /** Of an earlier connection: goes on with its conversation. */
  session_id: z.string().optional(),
})
export type ConnectQuery = z.output<typeof connectQuery>
