import type { RoomView } from '../../core/commands/rooms.ts'
import type { ShownMessage } from '../../core/message.ts'
import type { Question } from '../../core/ports/agents.ts'
import { hasOthers } from '../../core/room.ts'
import type { SignedIn } from '../../core/user.ts'
import { askerOf, inWords } from '../tools/built-in/acting.ts'
import { nameOfRoom } from '../tools/built-in/messages.ts'
import { minuteOf } from '../waiting.ts'
import { type GuideMeans, isCommand, sharedNote } from './means.ts'
import { type Said, tellingOf } from './telling.ts'

/** Rooms that are looked at, and that are told of. */
const LISTED_MAX = 100
const ROOMS_MAX = 10
/** Messages of a room that are read, and that are where nothing is unread. */
const READ_MAX = 200
const LATEST = 50
/** Sentences of the only room, and of one among others. */
const SENTENCES = 7
const SENTENCES_EACH = 3
const SPEAKERS_MAX = 5

/**
 * What was said, in sentences of those who said it: in a room with others there, elsewhere in all rooms of the asker. It is what
 * they have not read, or the latest `count` messages where they name a number. Throws ToolFailed.
 */
export async function summaryText(count: number | null, question: Question, { core }: GuideMeans): Promise<string> {
  const asker = await askerOf(core, question)
  const { room } = question
  const rooms = await inWords(() => roomsOf(asker, count, question, core))
  if (rooms.length === 0)
    return 'You have read everything. For the latest messages of each room give me a number: /summary 20'
  const sentences = rooms.length === 1 ? SENTENCES : SENTENCES_EACH
  const parts: string[] = []
  for (const view of rooms) {
    const said = await inWords(() => saidIn(view, asker, count, question, core))
    parts.push(partOf(view, said, asker.user.name, { sentences, isUnread: count === null && view.unread > 0 }))
  }
  const head = 'The sentences that seem to tell most, picked by fixed rules; times in UTC.'
  return `${head}${sharedNote(room)}\n\n${parts.join('\n\n')}`
}

async function roomsOf(
  asker: SignedIn,
  count: number | null,
  { room }: Question,
  core: GuideMeans['core'],
): Promise<readonly RoomView[]> {
  if (hasOthers(room)) return [await core().execute(asker, { type: 'room.view', ref: { by: 'id', id: room.id } })]
  const { items } = await core().execute(asker, { type: 'room.list', limit: LISTED_MAX, offset: 0 })
  // What somebody said to an agent alone, they know.
  const isPeoples = ({ room: { kind }, peer }: RoomView) => kind !== 'conversation' && peer?.role !== 'agent'
  return items
    .filter(view => isPeoples(view) && (count === null ? view.unread > 0 : view.ordinal > 0))
    .slice(0, ROOMS_MAX)
}

async function saidIn(
  { room, readTo, unread }: RoomView,
  asker: SignedIn,
  count: number | null,
  question: Question,
  core: GuideMeans['core'],
): Promise<readonly Said[]> {
  const isUnread = count === null && unread > 0
  const { items } = await core().execute(asker, {
    type: 'room.history',
    ref: { by: 'id', id: room.id },
    ...{ conversation: null, where: { newest: true }, limit: READ_MAX, isShared: hasOthers(question.room) },
  })
  const isNew = ({ message, sender }: ShownMessage) => message.ordinal > readTo && sender.id !== asker.user.id
  const said = items.filter(item => isTold(item, question) && (!isUnread || isNew(item)))
  return said
    .slice(isUnread ? 0 : -Math.min(count ?? LATEST, READ_MAX))
    .map(({ message, sender }) => ({ who: sender.name, at: message.at, text: message.body }))
}

const isTold = ({ message, sender }: ShownMessage, question: Question): boolean =>
  message.kind === 'text' &&
  message.id !== question.message.id &&
  sender.role !== 'agent' &&
  !isCommand(message.body) &&
  message.body.trim() !== ''

interface Manner {
  readonly sentences: number
  readonly isUnread: boolean
}

function partOf(
  { room, peer }: RoomView,
  said: readonly Said[],
  reader: string,
  { sentences, isUnread }: Manner,
): string {
  const name = nameOfRoom(room, peer ? [reader, peer.name] : [reader])
  const what = `${said.length}${isUnread ? ' unread' : ' latest'} ${said.length === 1 ? 'message' : 'messages'}`
  if (said.length === 0) return `${name}: nothing to tell.`
  const lines = tellingOf(said, reader, sentences).map(({ who, at, text }) => `- ${who}, ${minuteOf(at)}: ${text}`)
  return [`${name}: ${what}, by ${speakersOf(said)}.`, ...lines].join('\n')
}

/** Who said how much, whoever said most first. */
function speakersOf(said: readonly Said[]): string {
  const counts = new Map<string, number>()
  for (const { who } of said) counts.set(who, (counts.get(who) ?? 0) + 1)
  const all = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const named = all.slice(0, SPEAKERS_MAX).map(([who, count]) => `${who} (${count})`)
  return [...named, ...(all.length > SPEAKERS_MAX ? [`${all.length - SPEAKERS_MAX} more`] : [])].join(', ')
}
