import { accountsHold } from './checker/accounts.ts'
import { indexOf } from './checker/index.ts'
import { acknowledgedMessages, noMessageTwice } from './checker/messages.ts'
import { marksHold, unreadIsARecount } from './checker/reads.ts'
import { roomsAreDense } from './checker/rooms.ts'
import { type Heads, nothingMissed, shownIsStored } from './checker/shown.ts'
import type { Violation } from './checker/violation.ts'
import type { History, Life } from './history.ts'
import type { Snapshot } from './snapshot.ts'

/** Connections, and where the rooms stood when they were opened. */
export interface Watched {
  readonly lives: readonly Life[]
  readonly heads: Heads
}

/** Everything that is wrong with what a recovered server has, given what its clients were told and shown. Pure. */
export function check(history: History, snapshot: Snapshot, { lives, heads }: Watched): Violation[] {
  const index = indexOf(snapshot)
  return [
    ...acknowledgedMessages(history, index),
    ...noMessageTwice(history, index),
    ...roomsAreDense(index),
    ...marksHold(history, index),
    ...unreadIsARecount(index),
    ...accountsHold(history, index),
    ...lives.flatMap(life => shownIsStored(life, heads, index)),
  ]
}

/** What clients that came back after every crash were not shown in the end, or shown wrongly. Pure. */
export function checkReturned(snapshot: Snapshot, { lives, heads }: Watched): Violation[] {
  const index = indexOf(snapshot)
  return lives.flatMap(life => nothingMissed(life, heads, index))
}

export const headsOf = (snapshot: Snapshot): Heads => new Map(snapshot.rooms.map(room => [room.id, room.seq]))
