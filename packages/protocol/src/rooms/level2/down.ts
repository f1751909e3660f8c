import { z } from 'zod'
import { errorFrame, heartbeatFrame } from '../connection.ts'
import { uploadAnswers } from '../down.ts'
import { leftFrame } from '../rooms.ts'
import { approvalsShownFrame, decidedFrame, toolCredentialsShownFrame } from './approvals.ts'
import {
  deletedFrame,
  deliveredFrame,
  editedFrame,
  historyPageFrame,
  readFrame,
  readStateFrame,
  sentFrame,
} from './messages.ts'
import { pongFrame, presentFrame, typedFrame, whoAnswerFrame } from './presence.ts'
import { connectFrame, goneFrame, resumedFrame } from './resume.ts'
import {
  fileAddedFrame,
  joinedFrame,
  memberFrame,
  roomAddedFrame,
  roomChangedFrame,
  roomDeletedFrame,
  roomDetailFrame,
  roomInfoFrame,
  roomListFrame,
} from './room-list.ts'
import {
  runAgainFrame,
  runCancelledFrame,
  runEndedFrame,
  runEndFrame,
  runStartedFrame,
  runSwitchFrame,
  runTextFrame,
  runToolFrame,
} from './runs.ts'
import { searchResultsFrame } from './search.ts'

/** Durable events: each has `seq`, its place in the room's log. */
export const eventFrame = z.union([
  sentFrame,
  editedFrame,
  deletedFrame,
  memberFrame,
  roomChangedFrame,
  roomDeletedFrame,
  runStartedFrame,
  runEndedFrame,
  fileAddedFrame,
  goneFrame,
])
export type EventFrame = z.infer<typeof eventFrame>

/** Steps of a run: each has `n`, its place in the run's log. */
export const stepFrame = z.union([runTextFrame, runSwitchFrame, runToolFrame, runEndFrame])
export type StepFrame = z.infer<typeof stepFrame>

/** Every frame a server may emit at level 2. */
export const downFrame = z.union([
  connectFrame,
  heartbeatFrame,
  errorFrame,
  ...eventFrame.options,
  ...stepFrame.options,
  deliveredFrame,
  resumedFrame,
  roomListFrame,
  roomInfoFrame,
  roomDetailFrame,
  roomAddedFrame,
  historyPageFrame,
  searchResultsFrame,
  joinedFrame,
  leftFrame,
  runAgainFrame,
  runCancelledFrame,
  approvalsShownFrame,
  decidedFrame,
  toolCredentialsShownFrame,
  readFrame,
  readStateFrame,
  presentFrame,
  whoAnswerFrame,
  typedFrame,
  pongFrame,
  ...uploadAnswers,
])
export type DownFrame = z.infer<typeof downFrame>
