import type { ConnectionId } from '../core/events.ts'
import type { RoomId, UserId } from '../core/ids.ts'
import type { FramesLeft } from './doors.ts'
import type { Session } from './session.ts'

/** An open socket, for its user and administrators. Times are milliseconds since 1970. */
export interface Connection {
  readonly username: string
  readonly userId: UserId
  readonly connectionId: ConnectionId
  readonly isGuest: boolean
  readonly openedAt: number
  readonly view: string
  /** Rooms it is shown along with others. */
  readonly rooms: readonly RoomId[]
  readonly lastActivity: number
  readonly lastPong: number | null
  readonly address: string
  readonly userAgent: string
  readonly frames: FramesLeft | null
}

/** `timeOf` tells when a tick was. */
export const describe = (open: Session, timeOf: (tick: number) => number, frames: FramesLeft | null): Connection => ({
  username: open.actor.user.name,
  userId: open.userId,
  connectionId: open.id,
  openedAt: timeOf(open.slot),
  isGuest: open.actor.user.role === 'guest',
  view: open.view.name,
  rooms: [...open.channels.keys()],
  lastActivity: timeOf(open.lastSeen),
  lastPong: open.lastPong === 0 ? null : timeOf(open.lastPong),
  address: open.visitor.address,
  userAgent: open.userAgent,
  frames,
})

/** Whose connection it is, for the log. */
export const named = ({ id, session, view, actor }: Session) => ({
  connection: id,
  ...(session !== id && { session }),
  view: view.name,
  user: actor.user.name,
})
