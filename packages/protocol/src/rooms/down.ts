import { z } from 'zod'
import { chunkFrame, completionFrame, userChatFrame } from './chat.ts'
import { connectFrame, errorFrame, heartbeatFrame } from './connection.ts'
import { deliveredFrame, readFrame } from './delivery.ts'
import { joinedFrame, leftFrame, membershipFrame, missedFrame } from './rooms.ts'
import { typedFrame } from './typing.ts'
import {
  uploadCancelledFrame,
  uploadCompletedCopyFrame,
  uploadCompletedFrame,
  uploadFailedFrame,
  uploadInitializedFrame,
  uploadProgressCopyFrame,
  uploadProgressFrame,
} from './uploads.ts'

/** Answers to uploads, the same at both levels. */
export const uploadAnswers = [
  uploadInitializedFrame,
  uploadProgressFrame,
  uploadProgressCopyFrame,
  uploadCompletedFrame,
  uploadCancelledFrame,
  uploadFailedFrame,
] as const

/** Every frame a server may emit to a documented client. */
export const downFrame = z.union([
  connectFrame,
  heartbeatFrame,
  errorFrame,
  userChatFrame,
  chunkFrame,
  completionFrame,
  deliveredFrame,
  readFrame,
  joinedFrame,
  leftFrame,
  membershipFrame,
  missedFrame,
  typedFrame,
  ...uploadAnswers,
  uploadCompletedCopyFrame,
])
export type DownFrame = z.infer<typeof downFrame>
