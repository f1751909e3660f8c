import { done } from '@parley/protocol/rooms/accounts'
import {
  acceptBody,
  addMemberBody,
  invitation,
  inviteBody,
  membersQuery,
  members as page,
} from '@parley/protocol/rooms/level2/endpoints'
import { roomInfo } from '@parley/protocol/rooms/level2/room-list'
import { z } from 'zod'
import { type UserId, userId } from '../../core/ids.ts'
import { refuse } from '../../core/refusals.ts'
import { refOf, roomInfo as show } from '../../protocols/rooms/level2/shapes.ts'
import { byLabel, person } from '../../protocols/rooms/shapes.ts'
import { timestamp } from '../../protocols/timestamp.ts'
import { endpoint } from '../endpoint.ts'
import { notIn, roomParams } from './rooms.ts'

/** How long an invitation is good where nobody says, in seconds: a week. */
const INVITATION_LIFE = 7 * 24 * 3600

export const members = [
  endpoint({
    method: 'GET',
    path: '/api/v1/rooms/{room_id}/members',
    summary: 'Who is in a room of the caller, in the order of their ids',
    auth: 'user',
    params: roomParams,
    query: membersQuery,
    status: 200,
    answer: page,
    refuses: ['room_unknown', 'not_member'],
    run: async ({ core, actor, params, query: { after, limit } }) => {
      const from = after === undefined ? null : idOf(after)
      // One more than is shown tells whether there are any.
      const command = { type: 'members.list', ref: refOf(params.room_id), after: from, limit: limit + 1 } as const
      const { items, total } = await core.execute(actor, command)
      return {
        members: items.slice(0, limit).map(person),
        participants_count: total,
        has_more: items.length > limit,
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/ws/rooms/{room_id}/members',
    summary: 'Bring somebody into a room, for its owner and admins',
    auth: 'user',
    params: roomParams,
    body: addMemberBody,
    status: 200,
    answer: done,
    refuses: ['room_unknown', 'not_owner', 'user_unknown'],
    run: async ({ core, actor, params, body }) => {
      const command = { type: 'members.add', ref: byLabel(params.room_id), user: idOf(body.user_id) } as const
      const { isNew } = await core.execute(actor, command)
      return { message: isNew ? 'Member added' : 'Already a member' }
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/ws/rooms/{room_id}/members/{user_id}',
    summary: 'Put somebody out of a room, for its owner and admins; oneself everybody may',
    auth: 'user',
    params: roomParams.extend({ user_id: z.string().meta({ description: 'UUID' }) }),
    status: 200,
    answer: done,
    refuses: ['room_unknown', 'not_owner', 'user_unknown'],
    words: notIn,
    run: async ({ core, actor, params }) => {
      const user = idOf(params.user_id)
      await core.execute(actor, { type: 'members.remove', ref: byLabel(params.room_id), user })
      return { message: 'Member removed' }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/ws/rooms/{room_id}/invitations',
    summary:
      'A link that lets whoever has it go into the room, for its owner and admins; good for a week where nobody says',
    auth: 'user',
    params: roomParams,
    body: inviteBody,
    status: 200,
    answer: invitation,
    refuses: ['room_unknown', 'not_owner'],
    run: async ({ core, actor, params, body }) => {
      const seconds = body.expires_in ?? INVITATION_LIFE
      const command = { type: 'invitation.make', ref: byLabel(params.room_id), seconds } as const
      const { token, expiresAt } = await core.execute(actor, command)
      // After the `#`, so that no server, ours included, writes it into a log.
      const url = `${core.context.settings.publicUrl}/app/invite#${token}`
      return { token, url, expires_at: timestamp(expiresAt) }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/invitations/accept',
    summary: 'Go into the room of an invitation, unless it was closed meanwhile',
    auth: 'user',
    body: acceptBody,
    status: 200,
    answer: roomInfo,
    refuses: ['token_refused', 'room_access_denied'],
    run: async ({ core, actor, body }) =>
      show(await core.execute(actor, { type: 'invitation.accept', token: body.token })),
  }),
]

const idOf = (text: string): UserId => userId(text) ?? refuse({ code: 'user_unknown', name: text })
