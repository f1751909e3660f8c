import { keyOf, type Life } from '../history.ts'
import type { MessageRow } from '../snapshot.ts'
import type { Index } from './index.ts'
import type { Violation } from './violation.ts'

/** Last seq of each room at a moment when nobody sent. */
export type Heads = ReadonlyMap<string, number>

/**
 * DUR-7: what a connection was shown is stored, and of each room it is every message of others after `heads`, in order, up
 * to where the connection ended. What was deleted meanwhile may be left out.
 */
export function shownIsStored(life: Life, heads: Heads, index: Index): Violation[] {
  return stretches(life, heads, index).flatMap(({ wrong }) => wrong.map(what => ({ rule: 'DUR-7', what })))
}

/**
 * DUR-8: the same for a client that came back until it had everything: nothing may be missing at the end either. What was
 * deleted meanwhile may come late: it was pushed while the client read a history in which it was no more.
 */
export function nothingMissed(life: Life, heads: Heads, index: Index): Violation[] {
  const first = new Map(life.shown.map((id, i) => [id, i] as const).reverse())
  const repeated = life.shown.filter((id, i) => first.get(id) !== i)
  const lasting = { ...life, shown: life.shown.filter(id => !index.messages.get(id)?.deleted) }
  return [
    ...repeated.map(id => `${life.user} was shown ${id} twice`),
    ...stretches(lasting, heads, index).flatMap(({ wrong, missing }) => [
      ...wrong,
      ...missing.map(message => `${life.user} never got ${nameOf(message)}`),
    ]),
  ].map(what => ({ rule: 'DUR-8', what }))
}

interface Stretch {
  readonly wrong: readonly string[]
  readonly missing: readonly MessageRow[]
}

/** One for each room, and one for what is in no room. */
function stretches(life: Life, heads: Heads, index: Index): Stretch[] {
  const shown = Map.groupBy(life.shown, id => index.messages.get(id)?.room)
  const unknown = (shown.get(undefined) ?? []).map(id => `${life.user} was shown ${id}, which is not stored`)
  const user = index.idOf.get(life.user) ?? ''
  const rooms = (index.membersOf.get(user) ?? []).map(({ room }) => room)
  const foreign = [...shown.keys()].filter(room => room !== undefined && !rooms.includes(room))
  return [
    { wrong: unknown, missing: [] },
    ...foreign.map(room => ({
      wrong: [`${life.user} was shown messages of ${room}, which is not theirs`],
      missing: [],
    })),
    ...rooms.map(room =>
      compare(life.user, expectedIn(room, user, heads.get(room) ?? 0, index), shown.get(room) ?? []),
    ),
  ]
}

const expectedIn = (room: string, user: string, after: number, index: Index): readonly MessageRow[] =>
  (index.inRoom.get(room) ?? []).filter(message => message.seq > after && message.sender !== user)

/** Walks along both lists until they part. */
function compare(user: string, expected: readonly MessageRow[], shown: readonly string[]): Stretch {
  let next = 0
  for (const [i, id] of shown.entries()) {
    while (expected[next]?.deleted && expected[next]?.id !== id) next++
    if (expected[next]?.id !== id) return { wrong: [parting(user, expected, next, shown, i)], missing: [] }
    next++
  }
  return { wrong: [], missing: expected.slice(next).filter(message => !message.deleted) }
}

function parting(
  user: string,
  expected: readonly MessageRow[],
  next: number,
  shown: readonly string[],
  i: number,
): string {
  const place = expected.findIndex(message => message.id === shown[i])
  const due = expected[next]
  if (place < 0) return `${user} was shown ${shown[i]}, which was not for them or from before`
  if (place < next || !due) return `${user} was shown ${nameOf(expected[place])} again or late`
  const late = shown.indexOf(due.id) - i
  const fate = late < 0 ? 'never' : `only ${late} messages later`
  return `${user} was shown ${nameOf(expected[place])}, but ${fate} the ${place - next} before it, from ${nameOf(due)} on`
}

const nameOf = (message: MessageRow | undefined): string =>
  message ? `seq ${message.seq} (${keyOf(message.body)}) of ${message.room.slice(0, 13)}` : 'nothing'
