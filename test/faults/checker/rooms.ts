import type { LogRow, MessageRow, RoomRow } from '../snapshot.ts'
import type { Index } from './index.ts'
import type { Violation } from './violation.ts'

/** The kind of a log row that says a message was sent. */
const SENT = 1

/** DUR-3: each room's `seq` and `ordinal` run from 1 to its head without a gap, log and messages tell the same, time never falls. */
export function roomsAreDense(index: Index): Violation[] {
  const logs = Map.groupBy(index.snapshot.log, row => row.room)
  return index.snapshot.rooms.flatMap(room => {
    const log = logs.get(room.id) ?? []
    const messages = index.inRoom.get(room.id) ?? []
    return [...numbers(room, log, messages), ...times(log), ...references(log, messages)].map(what => ({
      rule: 'DUR-3',
      what: `${room.kind} ${room.id}: ${what}`,
    }))
  })
}

function numbers(room: RoomRow, log: readonly LogRow[], messages: readonly MessageRow[]): string[] {
  return [
    ...gaps(
      'seq',
      1,
      room.seq,
      log.map(row => row.seq),
    ),
    ...gaps(
      'ordinal',
      room.floor + 1,
      room.ordinal,
      messages.map(message => message.ordinal),
    ),
  ]
}

/** What is wrong with a rising list that has to hold every whole number from `first` to `last`. */
function gaps(name: string, first: number, last: number, found: readonly number[]): string[] {
  const wrong = found.findIndex((number, i) => number !== first + i)
  if (wrong >= 0) return [`${name} ${found[wrong]} stands where ${first + wrong} belongs`]
  const end = first + found.length - 1
  return end === last ? [] : [`${name} ends at ${end}, the room says ${last}`]
}

function times(log: readonly LogRow[]): string[] {
  const falls = log.find((row, i) => row.at < (log[i - 1]?.at ?? 0))
  return falls ? [`time falls at seq ${falls.seq}`] : []
}

function references(log: readonly LogRow[], messages: readonly MessageRow[]): string[] {
  const sent = log.filter(row => row.kind === SENT)
  if (sent.length !== messages.length) return [`${messages.length} messages, but ${sent.length} log rows of them`]
  const wrong = messages.find(({ number, seq }, i) => sent[i]?.ref !== number || sent[i]?.seq !== seq)
  return wrong ? [`message ${wrong.id} has another place than its log row`] : []
}
