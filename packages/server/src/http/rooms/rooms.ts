import { done } from '@parley/protocol/rooms/accounts'
import { createRoomBody, type RoomShown, roomCreated, roomShown } from '@parley/protocol/rooms/endpoints'
import { changeRoomBody } from '@parley/protocol/rooms/level2/endpoints'
import { roomIdentity, roomInfo } from '@parley/protocol/rooms/level2/room-list'
import { ROOM_TYPES, TEXTS } from '@parley/protocol/rooms/limits'
import { z } from 'zod'
import type { Attendance } from '../../core/commands/rooms.ts'
import type { Refusal } from '../../core/refusals.ts'
import type { Room } from '../../core/room.ts'
import { identityOf, patchOf, roomInfo as show } from '../../protocols/rooms/level2/shapes.ts'
import { byLabel } from '../../protocols/rooms/shapes.ts'
import { timestamp } from '../../protocols/timestamp.ts'
import { endpoint } from '../endpoint.ts'
import { Fault } from '../faults.ts'

export const roomParams = z.object({ room_id: z.string().meta({ description: 'What people call the room' }) })

/** Of whoever is not there and should be. */
export const notIn = ({ code }: Refusal): string | undefined => (code === 'not_member' ? TEXTS.notInRoom : undefined)

export const rooms = [
  endpoint({
    method: 'POST',
    path: '/api/v1/ws/rooms',
    summary: 'Make a room, with an id of its own where none is named; whoever makes it owns it and is in it',
    auth: 'user',
    body: createRoomBody,
    status: 200,
    answer: roomCreated,
    refuses: ['room_type_invalid', 'role_forbids', 'room_exists', 'room_label_invalid'],
    run: async ({ core, actor, body: { room_id, room_name, room_type } }) => {
      const kind = ROOM_TYPES.find(type => type === (room_type ?? 'private'))
      if (!kind) throw new Fault('room_type_invalid')
      const name = room_name ?? null
      const room = await core.execute(actor, { type: 'room.make', label: room_id ?? null, name, kind })
      return {
        room_id: room.label ?? '',
        room_name: room.name,
        room_type: kind,
        creator: room.owner ?? '',
        created_at: timestamp(room.createdAt),
      }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/ws/rooms/{room_id}',
    summary: 'A room, for its participants, its owner and admins',
    auth: 'user',
    params: roomParams,
    status: 200,
    answer: roomShown,
    refuses: ['room_unknown', 'not_member'],
    run: async ({ core, actor, params }) =>
      showRoom(await core.execute(actor, { type: 'room.show', ref: byLabel(params.room_id) })),
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/v1/ws/rooms/{room_id}',
    summary: 'Change a room, for its owner and admins; what is absent or null stays',
    auth: 'user',
    params: roomParams,
    body: changeRoomBody,
    status: 200,
    answer: roomIdentity,
    refuses: ['nothing_to_change', 'room_unknown', 'not_owner'],
    words: ({ code }) => (code === 'not_member' ? 'The new owner is not in the room' : undefined),
    run: async ({ core, actor, params, body: { room_name: name, ...changes } }) =>
      identityOf(
        await core.execute(actor, {
          type: 'room.change',
          ref: byLabel(params.room_id),
          patch: patchOf({ name, ...changes }),
        }),
      ),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/ws/rooms/{room_id}',
    summary:
      'Delete a room, for its owner and admins: everybody leaves, its history is erased, its id is taken for ever',
    auth: 'user',
    params: roomParams,
    status: 200,
    answer: done,
    refuses: ['room_unknown', 'not_owner'],
    run: async ({ core, actor, params }) => {
      await core.execute(actor, { type: 'room.delete', ref: byLabel(params.room_id) })
      return { message: TEXTS.roomDeleted }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/ws/rooms/{room_id}/join',
    summary: 'Go into a room that is there; whoever is in it stays',
    auth: 'user',
    params: roomParams,
    status: 200,
    answer: roomInfo,
    refuses: ['room_unknown', 'room_access_denied'],
    run: async ({ core, actor, params: { room_id: label } }) => {
      const { room } = await core.execute(actor, { type: 'room.join', label, name: label, kind: null })
      return show(await core.execute(actor, { type: 'room.view', ref: { by: 'id', id: room.id } }))
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/ws/rooms/{room_id}/leave',
    summary: 'Leave a room',
    auth: 'user',
    params: roomParams,
    status: 200,
    answer: done,
    refuses: ['not_member'],
    words: notIn,
    run: async ({ core, actor, params }) => {
      await core.execute(actor, { type: 'room.leave', ref: byLabel(params.room_id) })
      return { message: 'Left the room' }
    },
  }),
]

const showRoom = ({ room, people, members, typing, lastAt }: Attendance): RoomShown => ({
  room_id: room.label ?? '',
  name: room.name,
  room_type: kindOf(room),
  participants: people.map(({ id }) => id),
  participants_count: members,
  created_at: timestamp(room.createdAt),
  last_activity: timestamp(lastAt),
  typing_users: typing.map(({ id }) => id),
})

/** Of a room with a label: the lobby is shared. */
const kindOf = ({ kind }: Room): RoomShown['room_type'] => (kind === 'private' || kind === 'group' ? kind : 'shared')
