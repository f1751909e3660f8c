/** What travels at level 2 of the rooms protocol. Times are ISO 8601 in UTC; fields keep their names. */

import type { RoomAddedFrame } from '@parley/protocol/rooms/level2/room-list'

export type { ApprovalInfo as Approval } from '@parley/protocol/rooms/level2/approvals'
export type { Message } from '@parley/protocol/rooms/level2/messages'
export type { AssistantRule, RoomInfo } from '@parley/protocol/rooms/level2/room-list'
export type { Person, RunEnd, RunInfo, RunOrigin } from '@parley/protocol/rooms/level2/runs'

/** What a room is, without what its reader sees of it. */
export type RoomStatic = RoomAddedFrame['data']
export type RoomType = RoomStatic['room_type']
