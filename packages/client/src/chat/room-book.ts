import type { RoomHost } from './room.ts'
import { Room } from './room.ts'
import { RoomState, type RoomStateHost } from './room-state.ts'

/** Every room that is known, by what frames call it and by its uuid. */
export interface RoomBook {
  /** The room of that name; made where nobody asked for it before. */
  named(id: string): Entry
  /** The room with that uuid, which frames call `id`. */
  of(uuid: string, id: string): Entry
  byUuid(uuid: string): Entry | undefined
  all(): IterableIterator<Entry>
  /** Those we are in, newest activity first. The same array until `changed`. */
  list(): readonly Room[]
  changed(): void
}

export interface Entry {
  readonly state: RoomState
  readonly room: Room
}

export function createRoomBook(stateHost: RoomStateHost, host: RoomHost): RoomBook {
  const byId = new Map<string, Entry>()
  const byUuid = new Map<string, Entry>()
  let list: readonly Room[] | undefined

  const named = (id: string): Entry => {
    const known = byId.get(id)
    if (known) return known
    const state = new RoomState(id, stateHost)
    const entry = { state, room: new Room(state, host) }
    byId.set(id, entry)
    return entry
  }
  return {
    named,
    of(uuid, id) {
      const known = byUuid.get(uuid)
      if (known) return known
      const entry = named(id)
      // Of another database: the room of that name is another room now.
      if (entry.state.uuid !== undefined) {
        byUuid.delete(entry.state.uuid)
        entry.state.leave('deleted')
      }
      entry.state.uuid = uuid
      byUuid.set(uuid, entry)
      return entry
    },
    byUuid: uuid => byUuid.get(uuid),
    all: () => byId.values(),
    list() {
      list ??= [...byId.values()]
        .filter(({ state }) => state.membership === 'member' && state.info)
        .sort((a, b) => compare(b.state.info?.last_activity ?? '', a.state.info?.last_activity ?? ''))
        .map(({ room }) => room)
      return list
    },
    changed() {
      list = undefined
    },
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
