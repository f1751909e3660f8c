import { z } from 'zod'
import { count, text } from '../../text.ts'
import { id, timestamp } from '../envelope.ts'
import { clamped, inRoom, integer, place, position, requestId } from './envelope.ts'
import {
  LIST_LIMIT_MAX,
  MEMBERS_LIMIT_MAX,
  MESSAGES_LIMIT_DEFAULT,
  ROOMS_LIMIT_DEFAULT,
  RUN_STEPS_MAX,
  SEARCH_LIMIT_DEFAULT,
  SEARCH_LIMIT_MAX,
  TITLE_MAX,
} from './limits.ts'
import { roomChanges, roomName } from './room-list.ts'
import { person, results, runEnd, runInfo, speaker, toolState } from './runs.ts'
import { moment, searchText } from './search.ts'

/** The query of `GET /api/v1/rooms` and of `GET /api/v1/conversations`. A limit is clamped. */
export const pageQuery = z.object({ offset: integer.optional().default(0), limit: clamped(ROOMS_LIMIT_DEFAULT) })
export type PageQuery = z.output<typeof pageQuery>

/** The query of `GET /api/v1/rooms/{room_id}/messages` and of `GET /api/v1/conversations/{number}/messages`: ordinals, at most one. */
export const messagesQuery = z
  .object({
    before: integer.optional(),
    after: integer.optional(),
    around: integer.optional(),
    limit: clamped(MESSAGES_LIMIT_DEFAULT),
  })
  .check(({ value, issues }) => {
    if ([value.before, value.after, value.around].filter(one => one !== undefined).length > 1)
      issues.push({ code: 'custom', message: 'Only one of before, after and around', path: ['around'], input: value })
  })
export type MessagesQuery = z.output<typeof messagesQuery>

/** The query of `GET /api/v1/search`: as the frame `search` has it. */
export const searchQuery = z.object({
  q: searchText,
  room_id: z.string().min(1).optional(),
  sender: z.string().min(1).optional(),
  from: moment.optional(),
  until: moment.optional(),
  before: integer.optional(),
  limit: clamped(SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX),
})
export type SearchQuery = z.output<typeof searchQuery>

/** The query of `GET /api/v1/rooms/{room_id}/members`: `after` is the id of the last one of the page before. */
export const membersQuery = z.object({ after: id.optional(), limit: clamped(MEMBERS_LIMIT_MAX, MEMBERS_LIMIT_MAX) })
export type MembersQuery = z.output<typeof membersQuery>

export const members = z.strictObject({
  members: z.array(person).max(MEMBERS_LIMIT_MAX),
  participants_count: count,
  has_more: z.boolean(),
})
export type Members = z.infer<typeof members>

/** `POST /api/v1/ws/rooms/{room_id}/members`. */
export const addMemberBody = z.object({ user_id: id })
export type AddMemberBody = z.infer<typeof addMemberBody>

/** `PATCH /api/v1/ws/rooms/{room_id}`. What is left out stays. */
export const changeRoomBody = z.object({ room_name: roomName.nullish(), ...roomChanges })
export type ChangeRoomBody = z.infer<typeof changeRoomBody>

const conversation = {
  /** Server-wide. */
  number: z.int(),
  /** Of its room: `conversation:<number>` where it has none that people join. */
  room_id: z.string(),
  room: id,
  title: z.string().nullable(),
  created_at: timestamp,
  last_at: timestamp,
}
export const conversationShown = z.strictObject(conversation)
export type ConversationShown = z.infer<typeof conversationShown>

/** `GET /api/v1/conversations`, newest activity first. */
export const conversations = z.strictObject({
  conversations: z.array(conversationShown).max(LIST_LIMIT_MAX),
  total: count,
})
export type Conversations = z.infer<typeof conversations>

/** `PATCH /api/v1/conversations/{number}`. Null takes the title away. */
export const titleBody = z.object({ title: text(1, TITLE_MAX).nullable() })
export type TitleBody = z.infer<typeof titleBody>

/** `POST /api/v1/ws/rooms/{room_id}/invitations`: `expires_in` is in seconds. */
export const inviteBody = z.object({ expires_in: z.int().min(60).max(2_592_000).nullish() })
export type InviteBody = z.infer<typeof inviteBody>

export const invitation = z.strictObject({ token: z.string(), url: z.string(), expires_at: timestamp })
export type Invitation = z.infer<typeof invitation>

/** `POST /api/v1/invitations/accept`, answered with the room. */
export const acceptBody = z.object({ token: z.string().min(1).max(4096) })
export type AcceptBody = z.infer<typeof acceptBody>

/** The query of `GET /api/v1/runs/{run_id}`: `after` is the `n` of the last step that is known. */
export const runQuery = z.object({ after: integer.optional().default(0) })
export type RunQuery = z.output<typeof runQuery>

/** The body of `POST /api/v1/runs/{run_id}/continue` and `regenerate`: what the client calls the request, so that a repeat starts one run. */
export const runAgainBody = z.object({ message_id: requestId.nullish() }).optional().default({})

const step = { n: place, timestamp }

/** A step of a run, by the name and with the fields of its frame. */
export const runStep = z.discriminatedUnion('type', [
  z.strictObject({ ...step, type: z.literal('run_text'), text: z.string(), by: speaker }),
  z.strictObject({ ...step, type: z.literal('run_switch'), from: z.string(), to: z.string(), reason: z.string() }),
  z.strictObject({
    ...step,
    type: z.literal('run_tool'),
    call: z.string(),
    name: z.string(),
    state: toolState,
    detail: z.unknown(),
  }),
  z.strictObject({ ...step, type: z.literal('run_end'), state: runEnd, results }),
])
export type RunStep = z.infer<typeof runStep>

/** `GET /api/v1/runs/{run_id}`. `head` is the `n` of the last step there is, 0 before the first. */
export const runShown = z.strictObject({
  ...runInfo.shape,
  ...inRoom,
  room_id: z.string(),
  steps: z.array(runStep).max(RUN_STEPS_MAX),
  head: position,
})
export type RunShown = z.infer<typeof runShown>
