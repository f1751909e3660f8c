import type { MessageId, RoomId, UserId } from '../../packages/server/src/core/ids.ts'
import type { Write, WriteOf } from '../../packages/server/src/core/ports/writes.ts'
import { createIds } from '../../packages/server/src/system/ids.ts'
import { sharedRoom } from './stock.ts'

/** Words of the language that is talked: the one of rank n is about n times as rare as the first. */
export const VOCABULARY = 60_000
/** Words of a message, at the least and at the most. */
const LENGTH = [4, 32] as const
const SYLLABLES = 'ba de ki lo mu na pe ri so tu va we xi yo zu ch st pl an er in on'.split(' ')

/** The word of a rank, from 0; frequent ones are short, and many begin alike. */
export function wordOf(rank: number): string {
  let word = ''
  for (let rest = rank + 1; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length]
  return word
}

/** The same numbers from 0 to 1 for the same seed. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const within = (next: () => number, least: number, most: number): number =>
  least + Math.floor(next() * (most - least + 1))

const sentence = (next: () => number): string =>
  Array.from({ length: within(next, ...LENGTH) }, () => wordOf(Math.floor(VOCABULARY ** next()) - 1)).join(' ')

/** Rooms made by `owner`, the first of which has half of what is said. */
export function* roomsOf(rooms: readonly RoomId[], owner: UserId, at: number): Generator<Write> {
  for (const id of rooms) yield { type: 'room.create', room: sharedRoom(id, id, owner), at }
}

/** `count` messages of `sender`. */
export function* talk(
  rooms: readonly RoomId[],
  sender: UserId,
  count: number,
  seed: number,
): Generator<WriteOf<'message.append'>> {
  const next = random(seed)
  const ids = createIds()
  for (let number = 0; number < count; number++) {
    const room = rooms[number % 2 === 0 ? 0 : within(next, 1, rooms.length - 1)]!
    yield {
      type: 'message.append',
      id: ids.uuid() as MessageId, // a fresh uuid is what an id is
      ...{
        room,
        sender,
        kind: 'text',
        body: sentence(next),
        replyTo: null,
        retry: null,
        conversation: null,
        run: null,
      },
      at: Date.now(),
    }
  }
}
