import type { z } from 'zod'
import { up as documented } from '../up.ts'
import { approvalsFrame, decideFrame, toolCredentialsFrame } from './approvals.ts'
import { requestId } from './envelope.ts'
import { chatFrame, historyFrame, readToFrame } from './messages.ts'
import { pingFrame, presenceFrame, whoFrame } from './presence.ts'
import { resumeFrame } from './resume.ts'
import { changeRoomFrame, openDirectFrame, roomFrame, roomsFrame } from './room-list.ts'
import { cancelRunFrame, continueRunFrame, regenerateRunFrame } from './runs.ts'
import { searchFrame } from './search.ts'

const envelope = { message_id: requestId.nullish() }

/** Every frame a client may send at level 2, by its `type`, which is `chat` where there is none. */
export const up = {
  ...documented,
  chat: chatFrame,
  typing: documented.typing.extend(envelope),
  join_room: documented.join_room.extend(envelope),
  leave_room: documented.leave_room.extend(envelope),
  file_upload: documented.file_upload.extend(envelope),
  read_receipt: documented.read_receipt.extend(envelope),
  resume: resumeFrame,
  rooms: roomsFrame,
  history: historyFrame,
  open_direct: openDirectFrame,
  room: roomFrame,
  change_room: changeRoomFrame,
  read_to: readToFrame,
  search: searchFrame,
  presence: presenceFrame,
  who: whoFrame,
  cancel_run: cancelRunFrame,
  continue_run: continueRunFrame,
  regenerate_run: regenerateRunFrame,
  approvals: approvalsFrame,
  decide: decideFrame,
  tool_credentials: toolCredentialsFrame,
  ping: pingFrame,
} as const satisfies Record<string, z.ZodType>

export type UpType = keyof typeof up

/** A frame of the client, told apart by `type`. */
export type UpFrame = { [T in UpType]: { readonly type: T } & z.output<(typeof up)[T]> }[UpType]
