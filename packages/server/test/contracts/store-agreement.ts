import { expect } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import type { Message } from '../../src/core/message.ts'
import type { HistoryQuery, Store } from '../../src/core/ports/store.ts'
import type { RoomKind } from '../../src/core/room.ts'
import { type Asked, isUnread, type Knowledge, mark, type Place, type Sent } from './store-knowledge.ts'

/** The messages that each room's log shows. */
type Shown = ReadonlyMap<Place, readonly Message[]>

const ALL = { limit: 10_000, offset: 0 }

/** Compares everything the store says with a recount from its log. */
export async function check(store: Store, known: Knowledge): Promise<void> {
  const heads = store.heads(known.places.map(place => place.id))
  const logs = known.places.map(async place => [place, await checkLog(store, known, place)] as const)
  const shown = new Map(await Promise.all(logs))
  const checks = known.people.flatMap(({ id }) => [
    checkUnread(store, known, id, shown),
    checkRooms(store, known, id),
    checkTalks(store, known, id),
  ])
  for (const place of known.places) checks.push(checkPlace(store, place, shown.get(place) ?? []))
  for (const run of known.runs) if (!run.room.isDeleted) checks.push(checkRun(store, run))
  const ofKind = (kind: RoomKind) => (place: Place) => place.kind === kind
  for (const since of [null, known.now - 40 * 25]) {
    checks.push(checkHistory(store, { scope: 'lobby' }, since, shown, ofKind('lobby')))
    checks.push(checkHistory(store, { scope: 'all-direct' }, since, shown, ofKind('direct')))
    for (const { id: user } of known.people) {
      const isOwn = (place: Place) => place.kind === 'direct' && place.members.has(user)
      checks.push(checkHistory(store, { scope: 'direct', user }, since, shown, isOwn))
    }
  }
  await Promise.all(checks)
  expect(await heads).toEqual(known.places.map(place => place.log.length))
}

/** The log is dense, in order and tells what happened; returns the messages it shows. */
async function checkLog(store: Store, known: Knowledge, place: Place): Promise<readonly Message[]> {
  const rows = await store.log(place.id, 0, 100_000)
  expect(rows.map(row => row.seq)).toEqual(place.log.map((_, index) => index + 1))
  for (const [index, row] of rows.entries()) {
    expect(row.at).toBeGreaterThanOrEqual(rows[index - 1]?.at ?? 0)
    if (row.type === 'gone') expect(place.log[index]).toMatch(/^(message|run)[.]/)
    else expect(row.type).toBe(place.log[index])
  }
  const messages = rows.flatMap(row => (row.type === 'message.sent' ? [row.message] : []))
  const kept = place.isDeleted ? [] : place.sent.slice(place.floor)
  expect(messages.map(({ id, ordinal, conversation }) => [id, ordinal, conversation])).toEqual(
    kept.map(({ id, conversation }, index) => [id, place.floor + index + 1, conversation]),
  )
  for (const message of messages) expect(message.deletedAt === null).toBe(known.sent.get(message.id)?.state === 'there')
  return messages
}

async function checkUnread(store: Store, known: Knowledge, user: UserId, shown: Shown): Promise<void> {
  const counts = { lobby: 0, direct: 0 }
  for (const scope of ['lobby', 'direct'] as const) {
    const rooms = [...shown].filter(([place]) => place.kind === scope)
    const unread = rooms.flatMap(([place, messages]) =>
      messages.filter(message => {
        const since = place.members.get(user)
        if (since === undefined || message.ordinal <= since || message.sender === user) return false
        return message.deletedAt === null && !known.read.has(mark(user, message.id))
      }),
    )
    unread.sort((a, b) => a.number - b.number)
    counts[scope] = unread.length
    expect(await store.unread(user, scope, ALL)).toEqual(unread)
    expect(await store.unread(user, scope, { limit: 3, offset: 2 })).toEqual(unread.slice(2, 5))
    const inRooms = new Set(unread.map(message => message.room))
    expect(new Set(await store.unreadRooms(user, scope))).toEqual(inRooms)
  }
  expect(await store.unreadCounts(user)).toEqual(counts)
}

/** A person's rooms, with what is unread in each and how many people are there. */
async function checkRooms(store: Store, known: Knowledge, user: UserId): Promise<void> {
  const { items, total } = await store.roomList(user, ALL)
  const mine = known.places.filter(place => place.members.has(user))
  expect(total).toBe(mine.length)
  expect(new Set(items.map(({ room }) => room.id))).toEqual(new Set(mine.map(({ id }) => id)))
  let latest = Number.POSITIVE_INFINITY
  for (const one of items) {
    const place = mine.find(({ id }) => id === one.room.id)!
    expect(place.messageAt).toBeLessThanOrEqual(latest)
    latest = place.messageAt
    const unread = place.sent.filter((message, index) => index >= place.floor && isUnread(known, place, user, message))
    const numbers = { seq: place.log.length, ordinal: place.sent.length, since: place.members.get(user)! }
    expect(one).toMatchObject({ ...numbers, unread: unread.length, members: place.members.size })
    expect(unread.every(message => place.sent.indexOf(message) >= one.readTo)).toBe(true)
  }
  expect((await store.roomList(user, { limit: 2, offset: 1 })).items).toEqual(items.slice(1, 3))
  const open = await store.memberships(user)
  expect(new Set(open.map(({ room }) => room))).toEqual(new Set(items.map(({ room }) => room)))
}

async function checkTalks(store: Store, known: Knowledge, user: UserId): Promise<void> {
  const { items, total } = await store.conversations(user, ALL)
  const mine = known.talks.filter(
    ({ owner, room }) => owner === user && (room.kind !== 'conversation' || room.sent.length > 0),
  )
  expect(total).toBe(mine.length)
  mine.sort((a, b) => b.lastAt - a.lastAt || b.number - a.number)
  expect(items.map(({ number, lastAt, room }) => ({ number, lastAt, room }))).toEqual(
    mine.map(({ number, lastAt, room }) => ({ number, lastAt, room: room.id })),
  )
}

/** Who is in a room, and its messages, from all sides. */
async function checkPlace(store: Store, place: Place, messages: readonly Message[]): Promise<void> {
  const ids = [...place.members.keys()].sort()
  expect(await store.members(place.id, { after: null, limit: 10_000 })).toEqual({ items: ids, total: ids.length })
  const there = messages.filter(message => message.deletedAt === null)
  const middle = Math.ceil(place.sent.length / 2)
  const conversation = there.at(-1)?.conversation ?? null
  for (const only of [null, conversation]) {
    const wanted = there.filter(message => only === null || message.conversation === only)
    const query = { room: place.id, above: 0, conversation: only, limit: 4 }
    const [before, after] = [wanted.filter(one => one.ordinal < middle), wanted.filter(one => one.ordinal >= middle)]
    expect(await store.roomHistory({ ...query, where: { newest: true } })).toEqual({
      ...{ items: wanted.slice(-4), isMoreBefore: wanted.length > 4, isMoreAfter: false },
    })
    expect(await store.roomHistory({ ...query, where: { around: middle } })).toEqual({
      ...{ items: [...before.slice(-2), ...after.slice(0, 2)] },
      ...{ isMoreBefore: before.length > 2, isMoreAfter: after.length > 2 },
    })
  }
}

/** A run is open, or ended with its answer; what it said is there unless the answer was changed. */
async function checkRun(store: Store, { id, state, head, text, answer }: Asked): Promise<void> {
  const [run] = await store.runs([id])
  const isOpen = (await store.openRuns()).some(one => one.id === id)
  expect(isOpen).toBe(state === 'open')
  expect(await store.runHeads([id])).toEqual([state === 'erased' ? 0 : head])
  if (state === 'erased') expect(run).toBeUndefined()
  else expect(run?.end?.answer ?? null).toBe(answer?.id ?? null)
  const message = answer ? await store.message(answer.id) : undefined
  const isKept = state !== 'erased' && (!answer || message?.editedAt === null)
  const said = (await store.runSteps(id, 0, 10_000)).map(step => (step.type === 'text' ? step.text : ''))
  expect(said.join('')).toBe(isKept ? text : '')
  if (message) expect(message).toMatchObject({ run: id, ...(message.editedAt === null && { body: text }) })
}

async function checkHistory(
  store: Store,
  of: HistoryQuery['of'],
  since: number | null,
  shown: Shown,
  isWanted: (place: Place) => boolean,
): Promise<void> {
  const expected = [...shown]
    .filter(([place]) => isWanted(place))
    .flatMap(([, messages]) => messages)
    .filter(message => message.deletedAt === null && (since === null || message.at > since))
    .sort((a, b) => b.number - a.number)
  const total = expected.length
  expect(await store.history({ of, since, ...ALL })).toEqual({ items: expected, total })
  expect(await store.history({ of, since, limit: 4, offset: 3 })).toEqual({ items: expected.slice(3, 7), total })
}

export async function checkReceipts(store: Store, known: Knowledge): Promise<void> {
  await Promise.all([...known.sent.values()].map(message => checkReceiptsOf(store, known, message)))
}

async function checkReceiptsOf(store: Store, known: Knowledge, { id, state, room }: Sent): Promise<void> {
  const sentAt = (await store.message(id))?.at ?? 0
  const readers = known.people.flatMap(({ id: user }) => {
    const at = known.receipts.get(mark(user, id))
    // The second in which it was read may have begun before it was sent.
    return at === undefined ? [] : [{ user, at: Math.max(at, sentAt) }]
  })
  readers.sort((a, b) => a.at - b.at || (a.user < b.user ? -1 : 1))
  expect(await store.receipts(id)).toEqual(state === 'there' && !room.isDeleted ? readers : [])
}
