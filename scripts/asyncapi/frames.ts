import * as chat from '@parley/protocol/rooms/chat'
import * as connection from '@parley/protocol/rooms/connection'
import * as delivery from '@parley/protocol/rooms/delivery'
import { frameUp, id, timestamp } from '@parley/protocol/rooms/envelope'
import * as approvals2 from '@parley/protocol/rooms/level2/approvals'
import * as messages2 from '@parley/protocol/rooms/level2/messages'
import * as presence2 from '@parley/protocol/rooms/level2/presence'
import * as resume2 from '@parley/protocol/rooms/level2/resume'
import * as rooms2 from '@parley/protocol/rooms/level2/room-list'
import * as runs2 from '@parley/protocol/rooms/level2/runs'
import * as search2 from '@parley/protocol/rooms/level2/search'
import { up as up2 } from '@parley/protocol/rooms/level2/up'
import * as rooms from '@parley/protocol/rooms/rooms'
import * as typing from '@parley/protocol/rooms/typing'
import { up } from '@parley/protocol/rooms/up'
import * as upload from '@parley/protocol/rooms/uploads'
import { uploads } from '@parley/protocol/rooms/uploads'
import { z } from 'zod'

/** A frame of the server. */
export interface Down {
  readonly schema: z.ZodType
  readonly summary: string
}

/** A frame of the client, whose schema has no `type`, and what answers it. */
export interface Up extends Down {
  readonly type: string
  /** Names of frames of the server. */
  readonly answers?: readonly string[]
}

const uploading = (type: keyof typeof uploads, summary: string, answer: string): Up => ({
  type: 'file_upload',
  schema: frameUp({ upload_type: z.literal(type), ...uploads[type].shape }),
  summary,
  answers: [`upload.${answer}`, 'upload.failed'],
})

/** What both levels have. */
const shared = {
  heartbeat: { schema: connection.heartbeatFrame, summary: 'Every 30 seconds. No answer expected' },
  error: { schema: connection.errorFrame, summary: 'A frame was refused; the connection stays open' },
  left: { schema: rooms.leftFrame, summary: 'You left a room' },
  'upload.initialized': { schema: upload.uploadInitializedFrame, summary: 'Send the pieces' },
  'upload.progress': { schema: upload.uploadProgressFrame, summary: 'A piece is there' },
  'upload.progress_copy': { schema: upload.uploadProgressCopyFrame, summary: 'Somebody sends a file to the room' },
  'upload.completed': { schema: upload.uploadCompletedFrame, summary: 'The file is there, for good' },
  'upload.cancelled': { schema: upload.uploadCancelledFrame, summary: 'The upload is gone' },
  'upload.failed': { schema: upload.uploadFailedFrame, summary: 'Something went wrong with an upload' },
} satisfies Record<string, Down>

const documentedDown: Record<string, Down> = {
  connect: { schema: connection.connectFrame, summary: 'The first frame of every connection' },
  ...shared,
  delivered: { schema: delivery.deliveredFrame, summary: 'The message is stored, for good' },
  'chat.user': { schema: chat.userChatFrame, summary: 'Somebody else wrote to a room' },
  'chat.chunk': { schema: chat.chunkFrame, summary: 'A further part of an answer' },
  'chat.completion': { schema: chat.completionFrame, summary: 'The end of an answer' },
  read: { schema: delivery.readFrame, summary: 'Somebody read a message of yours' },
  joined: { schema: rooms.joinedFrame, summary: 'You joined a room' },
  membership: { schema: rooms.membershipFrame, summary: 'Somebody joined or left a room' },
  missed: { schema: rooms.missedFrame, summary: 'More waited than was kept' },
  typing: { schema: typing.typedFrame, summary: 'Somebody, or the assistant, is typing' },
  'upload.completed_copy': { schema: upload.uploadCompletedCopyFrame, summary: 'Somebody sent a file to the room' },
}

const documentedUp: Record<string, Up> = {
  chat: {
    type: 'chat',
    schema: up.chat,
    summary: 'Write to a room, or to the assistant',
    answers: ['delivered', 'chat.chunk', 'chat.completion', 'error'],
  },
  typing: { type: 'typing', schema: up.typing, summary: 'You are typing, or no longer. Never answered' },
  join_room: {
    type: 'join_room',
    schema: up.join_room,
    summary: 'Join a room, or make it',
    answers: ['joined', 'error'],
  },
  leave_room: { type: 'leave_room', schema: up.leave_room, summary: 'Leave a room', answers: ['left', 'error'] },
  read_receipt: { type: 'read_receipt', schema: up.read_receipt, summary: 'You read a message. Never answered' },
  'upload.init': uploading('init', 'Announce a file', 'initialized'),
  'upload.chunk': uploading('chunk', 'Send a piece of a file', 'progress'),
  'upload.finalize': uploading('finalize', 'The whole file was sent', 'completed'),
  'upload.cancel': uploading('cancel', 'Give an upload up', 'cancelled'),
}

const level2Down: Record<string, Down> = {
  connect: { schema: resume2.connectFrame, summary: 'The first frame of every connection' },
  chat: { schema: messages2.sentFrame, summary: 'A new message, whoever sent it' },
  delivered: { schema: messages2.deliveredFrame, summary: 'The message is stored, for good' },
  message_edited: { schema: messages2.editedFrame, summary: 'A message has a new text' },
  message_deleted: { schema: messages2.deletedFrame, summary: 'A message is gone' },
  history: { schema: messages2.historyPageFrame, summary: 'A part of the messages of a room' },
  search_results: { schema: search2.searchResultsFrame, summary: 'Messages with these words' },
  read: { schema: messages2.readFrame, summary: 'Somebody read messages of yours' },
  read_state: { schema: messages2.readStateFrame, summary: 'What you have read of a room' },
  resumed: { schema: resume2.resumedFrame, summary: 'Everything that was missed is sent; live from here on' },
  gone: { schema: resume2.goneFrame, summary: 'What was here is erased' },
  rooms: { schema: rooms2.roomListFrame, summary: 'Your rooms' },
  room: { schema: rooms2.roomInfoFrame, summary: 'A room' },
  'room.detail': { schema: rooms2.roomDetailFrame, summary: 'A room, who is in it, and who is typing' },
  room_added: { schema: rooms2.roomAddedFrame, summary: 'A room became yours' },
  room_changed: { schema: rooms2.roomChangedFrame, summary: 'A room has other settings' },
  room_deleted: { schema: rooms2.roomDeletedFrame, summary: 'A room is gone' },
  joined: { schema: rooms2.joinedFrame, summary: 'You joined a room' },
  member: { schema: rooms2.memberFrame, summary: 'Somebody joined or left a room' },
  file_added: { schema: rooms2.fileAddedFrame, summary: 'Somebody sent a file to a room' },
  run_started: { schema: runs2.runStartedFrame, summary: 'An agent began to answer' },
  run_text: { schema: runs2.runTextFrame, summary: 'A further part of an answer' },
  run_switch: { schema: runs2.runSwitchFrame, summary: 'Another agent goes on' },
  run_tool: { schema: runs2.runToolFrame, summary: 'An agent uses a tool' },
  run_end: { schema: runs2.runEndFrame, summary: 'The last step of a run' },
  run_ended: { schema: runs2.runEndedFrame, summary: 'A run ended without text' },
  run_again: { schema: runs2.runAgainFrame, summary: 'An answer is given once more' },
  run_cancelled: { schema: runs2.runCancelledFrame, summary: 'You cancelled a run' },
  approvals: { schema: approvals2.approvalsShownFrame, summary: 'What you may decide' },
  decided: { schema: approvals2.decidedFrame, summary: 'Your decision is stored, as a message' },
  tool_credentials: { schema: approvals2.toolCredentialsShownFrame, summary: 'What this connection shows to tools' },
  presence: { schema: presence2.presentFrame, summary: 'How somebody wants to be seen' },
  who: { schema: presence2.whoAnswerFrame, summary: 'How users want to be seen' },
  typing: { schema: presence2.typedFrame, summary: 'Somebody, or an agent, is typing' },
  pong: { schema: presence2.pongFrame, summary: 'The server is there' },
}

const asking = (type: keyof typeof up2, summary: string, ...answers: readonly string[]): Up => ({
  type,
  schema: up2[type],
  summary,
  ...(answers.length > 0 && { answers: [...answers, 'error'] }),
})

const level2Up: Record<string, Up> = {
  chat: asking('chat', 'Write to a room, to a user, or to the assistant', 'delivered'),
  resume: asking('resume', 'Hear everything after these places, then go on live', 'resumed'),
  rooms: asking('rooms', 'Which rooms are mine?', 'rooms'),
  history: asking('history', 'Messages of a room', 'history'),
  search: asking('search', 'Messages with these words, in one room of yours or all', 'search_results'),
  open_direct: asking('open_direct', 'The direct room with a user', 'room'),
  room: asking('room', 'What is this room?', 'room.detail'),
  change_room: asking('change_room', 'Change a room of yours', 'room'),
  read_to: asking('read_to', 'You read everything up to here', 'read_state'),
  presence: asking('presence', 'How you want to be seen', 'presence'),
  who: asking('who', 'How do these want to be seen?', 'who'),
  cancel_run: asking('cancel_run', 'Stop an answer', 'run_cancelled'),
  continue_run: asking('continue_run', 'Have an answer go on that broke off', 'run_again'),
  regenerate_run: asking('regenerate_run', 'Have a question answered once more', 'run_again'),
  approvals: asking('approvals', 'What may I decide?', 'approvals'),
  decide: asking('decide', 'Allow a tool, or not', 'decided'),
  tool_credentials: asking('tool_credentials', 'Show this to tools, or nothing', 'tool_credentials'),
  ping: asking('ping', 'Is the server there?', 'pong'),
  join_room: asking('join_room', 'Join a room, or make it', 'joined'),
}

/** One of the two levels: its frames by names that are no part of the wire. */
export interface Level {
  readonly title: string
  readonly up: Readonly<Record<string, Up>>
  readonly down: Readonly<Record<string, Down>>
}

/** `level2` has the frames of `documented` too, except where it names another one the same. */
export const levels = {
  documented: { title: 'The documented protocol', up: documentedUp, down: documentedDown },
  level2: { title: 'Level 2', up: level2Up, down: level2Down },
} as const satisfies Record<string, Level>

/** What level 2 takes over as it is. */
export const taken: { readonly up: readonly string[]; readonly down: readonly string[] } = {
  up: Object.keys(documentedUp).filter(name => !(name in level2Up)),
  down: Object.keys(shared),
}

/** Parts that several frames have, by the name they get. */
export const parts: Readonly<Record<string, z.ZodType>> = {
  Timestamp: timestamp,
  Id: id,
  RoomType: rooms.roomType,
  AssistantRule: rooms2.assistantRule,
  RunEnd: runs2.runEnd,
  Person: runs2.person,
  RunInfo: runs2.runInfo,
  Message: messages2.message,
  RoomInfo: rooms2.roomInfo,
}
