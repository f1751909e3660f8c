import { LIST_LIMIT_MAX } from '@parley/protocol/rooms/level2/limits'
import type { Requests } from './requests.ts'
import type { RoomInfo } from './wire.ts'

/** The rooms we are in. */
export interface RoomList {
  readonly rooms: readonly RoomInfo[]
  /** Whether these are all. */
  readonly isWhole: boolean
}

/** How often a list is read again that moved while it was read. */
const READS_MAX = 3

/** Reads the list of rooms, at most `max`, as a part of the start of a connection. */
export async function readRooms(requests: Pick<Requests, 'ask'>, max: number): Promise<RoomList> {
  const rooms = new Map<string, RoomInfo>()
  for (let read = 1; ; read++) {
    const total = await readOnce(requests, max, rooms)
    // A room that came to the front meanwhile was passed over.
    if (rooms.size >= Math.min(total, max) || read === READS_MAX) {
      return { rooms: [...rooms.values()], isWhole: rooms.size >= total }
    }
  }
}

async function readOnce(requests: Pick<Requests, 'ask'>, max: number, rooms: Map<string, RoomInfo>): Promise<number> {
  for (let offset = 0; ; offset += LIST_LIMIT_MAX) {
    const page = await requests.ask('rooms', { offset, limit: LIST_LIMIT_MAX }, { wait: 'now' })
    for (const info of page.rooms) rooms.set(info.room, info)
    const next = offset + LIST_LIMIT_MAX
    if (page.rooms.length === 0 || next >= Math.min(page.total, max)) return page.total
  }
}
