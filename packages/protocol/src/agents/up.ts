import { z } from 'zod'
import { BATCH_MAX } from './limits.ts'

/** The server has words of its own for a `content` that is missing, blank or too long, and for a bad `timestamp` or `user_id`. */
const said = {
  content: z.string().nullish(),
  /** Whatever `isTime` takes. */
  timestamp: z.unknown().optional(),
  /** A label of at most `USER_ID_MAX`: it says nothing about who it is. */
  user_id: z.unknown().optional(),
}

/** Asks the team. */
export const messageFrame = z.object({
  ...said,
  options: z
    .object({
      /** False: the whole text in one chunk. Default true. */
      stream: z.boolean().nullish(),
      /** For this answer alone. One that nobody knows counts as none. */
      model: z.string().nullish(),
      /** Ours. True: said to the answer under way, which takes it up where it can; else it is a question like any other. */
      steer: z.boolean().nullish(),
    })
    .nullish(),
  context: z.record(z.string(), z.unknown()).nullish(),
})
export type MessageFrame = z.output<typeof messageFrame>

/** Names the model in `options.model`, else `model`, else `content`. */
export const modelSwitchFrame = z.object({
  options: z.object({ model: z.string().nullish() }).nullish(),
  model: z.string().nullish(),
  content: z.string().nullish(),
})
export type ModelSwitchFrame = z.output<typeof modelSwitchFrame>

/** Each element is treated as if it had come alone; a plain string is a `message` with that content. */
export const batchFrame = z.object({ messages: z.array(z.unknown()).max(BATCH_MAX) })
export type BatchFrame = z.output<typeof batchFrame>

export const searchFrame = z.object(said)
export type SearchFrame = z.output<typeof searchFrame>

/** What needs no more than its name. */
export const bareFrame = z.object({})

/** Every frame a client may send, by its `type`, which is `message` where there is none. */
export const up = {
  message: messageFrame,
  ping: bareFrame,
  model_switch: modelSwitchFrame,
  session_restore: bareFrame,
  batch: batchFrame,
  search: searchFrame,
  /** Ours: ends the answer under way and those that wait, each by its last frame. */
  stop: bareFrame,
  /** Ours: goes on with the latest answer where it broke off; or answers the latest question once more. */
  continue: bareFrame,
  regenerate: bareFrame,
} as const satisfies Record<string, z.ZodType>

export type UpType = keyof typeof up

/** A frame of the client, told apart by `type`. */
export type UpFrame = { [T in UpType]: { readonly type: T } & z.output<(typeof up)[T]> }[UpType]

/** The query of an upgrade. */
export const connectQuery = z.object({
  /** An API key, a socket token or an access token. */
  token: z.string().optional(),
})
export type ConnectQuery = z.output<typeof connectQuery>
