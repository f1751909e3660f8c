import type { z } from 'zod'
import { chatFrame } from './chat.ts'
import { readReceiptFrame } from './delivery.ts'
import { frameUp } from './envelope.ts'
import { joinRoomFrame, leaveRoomFrame } from './rooms.ts'
import { typingFrame } from './typing.ts'
import { fileUploadFrame } from './uploads.ts'

/** The name of a frame that only the server sends: taken, and nothing comes of it. */
const ignoredFrame = frameUp({})

/** Every frame a client may send, by its `type`, which is `chat` where there is none. */
export const up = {
  chat: chatFrame,
  typing: typingFrame,
  join_room: joinRoomFrame,
  leave_room: leaveRoomFrame,
  file_upload: fileUploadFrame,
  read_receipt: readReceiptFrame,
  connect: ignoredFrame,
  disconnect: ignoredFrame,
  delivery_confirmation: ignoredFrame,
  error: ignoredFrame,
  system: ignoredFrame,
} as const satisfies Record<string, z.ZodType>

export type UpType = keyof typeof up

/** A frame of the client, told apart by `type`. */
export type UpFrame = { [T in UpType]: { readonly type: T } & z.output<(typeof up)[T]> }[UpType]
