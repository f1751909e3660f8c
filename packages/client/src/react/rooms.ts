import { useEffect, useMemo, useState } from 'react'
import type {
  ChatClient,
  ChatError,
  JoinOptions,
  Membership,
  Person,
  Room,
  RoomEvent,
  RoomInfo,
  Run,
} from '../chat/index.ts'
import { useChat, useConnection } from './provider.ts'
import { listening, NONE, type Store, stable, useStore } from './store.ts'

/** What is shown of a room. Another object whenever something changed, and the same one until then. */
export interface RoomView {
  /** To send, to upload, and for everything else. */
  readonly room: Room
  readonly id: string
  readonly name: string
  /** Undefined until the server said it, and where we are not in the room. */
  readonly info: RoomInfo | undefined
  readonly membership: Membership
  readonly unread: number
}

const views = new WeakMap<Room, () => RoomView>()

function viewOf(room: Room): RoomView {
  const known = views.get(room) ?? readerOf(room)
  views.set(room, known)
  return known()
}

/** The server says the same again in other objects. */
function readerOf(room: Room): () => RoomView {
  let shown: RoomInfo | undefined
  return stable(() => {
    const { id, name, info, membership, unread } = room
    if (info !== shown && JSON.stringify(info) !== JSON.stringify(shown)) shown = info
    return { room, id, name, info: shown, membership, unread }
  })
}

const roomEvents = (room: Room, ...types: readonly RoomEvent['type'][]) =>
  listening((type: RoomEvent['type'], listener) => room.on(type, listener), types)

// --- rooms

/** The rooms we are in, newest activity first. */
export function useRooms(): readonly RoomView[] {
  const client = useChat()
  return useStore(useMemo(() => roomsOf(client), [client]))
}

const roomsOf = (client: ChatClient): Store<readonly RoomView[]> => ({
  subscribe: listener => client.on('rooms', () => listener()),
  read: stable(() => client.rooms.map(viewOf)),
  server: NONE,
})

export interface UseRoomOptions {
  /** Whether to enter it where we are not in it; with these options, where there is none yet. */
  readonly join?: boolean | JoinOptions | undefined
}

/** A room by what frames call it: a label, `lobby`, `dm:…` or `conversation:…`. `error` says why it could not be entered. */
export function useRoom(id: string, { join = false }: UseRoomOptions = {}): RoomView & { error: ChatError | null } {
  const client = useChat()
  const room = useStore(useMemo(() => named(client, id), [client, id]))
  const view = useStore(useMemo(() => showing(client, room), [client, room]))
  const error = useJoin(room, view.membership, join)
  return useMemo(() => ({ ...view, error }), [view, error])
}

/** `dm:` and one user is another room once it is known who we are. */
const named = (client: ChatClient, id: string): Store<Room> => ({
  subscribe: listener => client.on('state', () => listener()),
  read: () => client.room(id),
  server: client.room(id),
})

function showing(client: ChatClient, room: Room): Store<RoomView> {
  const { id } = room
  return {
    subscribe(listener) {
      const offs = [client.on('rooms', () => listener()), roomEvents(room, 'update', 'membership')(listener)]
      return () => {
        for (const off of offs) off()
      }
    },
    read: () => viewOf(room),
    server: { room, id, name: id, info: undefined, membership: 'unknown', unread: 0 },
  }
}

/** Enters the room once there is a connection. Who was put out stays out. */
function useJoin(room: Room, membership: Membership, join: boolean | JoinOptions): ChatError | null {
  const [refused, setRefused] = useState<{ readonly room: Room; readonly error: ChatError } | null>(null)
  const isLive = useConnection().state === 'live'
  const { name, type } = typeof join === 'object' ? join : {}
  const mayJoin = join !== false && isLive && membership === 'unknown'
  useEffect(() => {
    if (!mayJoin) return
    room.join({ name, type }).then(
      () => setRefused(null),
      // Methods of rooms reject with ChatError.
      (error: ChatError) => setRefused({ room, error }),
    )
  }, [room, mayJoin, name, type])
  return refused?.room === room && membership === 'unknown' ? refused.error : null
}

// --- what is in one

/** Who types, without us. Call `room.composing()` for each key of ours. */
export function useTyping(room: Room): readonly Person[] {
  return useStore(useMemo(() => typingIn(room), [room]))
}

const typingIn = (room: Room): Store<readonly Person[]> => ({
  subscribe: roomEvents(room, 'typing'),
  read: () => room.typing,
  server: NONE,
})

/** Unread messages of a room; of all rooms without one. */
export function useUnread(room?: Room): number {
  const client = useChat()
  return useStore(useMemo(() => unreadIn(client, room), [client, room]))
}

const unreadIn = (client: ChatClient, room: Room | undefined): Store<number> => ({
  subscribe: listener => client.on('rooms', () => listener()),
  read: () => (room ?? client).unread,
  server: 0,
})

/** Answers being produced in a room. Show each with `useRun`. */
export function useRuns(room: Room): readonly Run[] {
  return useStore(useMemo(() => runsIn(room), [room]))
}

const runsIn = (room: Room): Store<readonly Run[]> => ({
  subscribe: roomEvents(room, 'run', 'run_ended', 'message', 'reset', 'membership', 'update'),
  read: stable(() => room.runs),
  server: NONE,
})
