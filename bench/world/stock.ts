import type { MessageId, RoomId, UserId } from '../../packages/server/src/core/ids.ts'
import type { NewMessage, Write } from '../../packages/server/src/core/ports/writes.ts'
import type { User } from '../../packages/server/src/core/user.ts'
import { createIds } from '../../packages/server/src/system/ids.ts'
import { blankContent } from '../generator/content.ts'
import { readUpTo, type StockShape, stockLabel, stockRoom, stockSizes } from '../generator/stock.ts'

export interface Stock extends StockShape {
  /** Number of the user who is in all of its rooms. */
  readonly user: number
}

/** A room in which the assistant answers only where it is asked. */
export const sharedRoom = (id: RoomId, label: string, owner: UserId) =>
  ({ id, kind: 'shared', label, name: label, owner, assistant: 'mention' }) as const

/** Members of every room of the stock besides its user, who wrote the messages. */
const WRITERS = 4
const CONTENT_LENGTH = 200
/** Over how long the messages were written, in milliseconds. */
const AGE = 365 * 86_400_000
/** The rooms with their messages, oldest first, then what their user has read. */
export function* stockWrites(stock: Stock, users: readonly User[], now: number): Generator<Write> {
  const { user, rooms, messages } = stock
  const reader = users[user]!
  const writers = users.filter(other => other !== reader).slice(0, WRITERS)
  let at = now - AGE
  const ids = createIds(() => at)
  const made = Array.from({ length: rooms }, (_, room) => ({ label: stockLabel(room), id: ids.uuid() as RoomId }))
  for (const { id, label } of made) {
    yield { type: 'room.create', room: sharedRoom(id, label, reader.id), at }
    for (const writer of writers) yield { type: 'member.join', room: id, user: writer.id, at }
  }
  for (let number = 0; number < messages; number++) {
    at = now - AGE + Math.floor((number * AGE) / messages)
    const room = made[stockRoom(number, stock)]!.id
    const sender = writers[number % writers.length]!.id
    yield { type: 'message.append', ...message(room, sender, ids.uuid() as MessageId, number, at) }
  }
  for (const [room, size] of stockSizes(stock).entries()) {
    const upTo = readUpTo(room, size)
    if (upTo > 0) yield { type: 'read.room', user: reader.id, room: made[room]!.id, upTo, at: now }
  }
}

function message(room: RoomId, sender: UserId, id: MessageId, number: number, at: number): NewMessage {
  return {
    id,
    room,
    sender,
    kind: 'text',
    body: blankContent(number, CONTENT_LENGTH),
    replyTo: null,
    retry: null,
    conversation: null,
    run: null,
    at,
  }
}
