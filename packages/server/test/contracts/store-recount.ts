import { expect } from 'vitest'
import { READ_EVENT_MAX } from '../../src/core/events.ts'
import type { MessageId, RoomId, UserId } from '../../src/core/ids.ts'
import type { Message } from '../../src/core/message.ts'
import type { HistoryQuery, LogRow, Store } from '../../src/core/ports/store.ts'
import type { Marked, Outcome, Write, WriteOf } from '../../src/core/ports/writes.ts'
import type { User } from '../../src/core/user.ts'
import type { Step } from './store-model.ts'
import { newId, newUser, retryOf, START } from './store-world.ts'

interface Sent {
  readonly id: MessageId
  readonly room: Place
  readonly sender: UserId
  state: 'there' | 'deleted' | 'erased'
}

interface Place {
  readonly id: RoomId
  readonly pair: readonly [UserId, UserId] | null
  readonly sent: Sent[]
  readonly log: LogRow['type'][]
  floor: number
  lastAt: number
  /** How many messages were there when the member came. */
  readonly members: Map<UserId, number>
}

interface Model {
  now: number
  readonly people: User[]
  readonly places: Place[]
  readonly sent: Map<MessageId, Sent>
  readonly retries: Map<string, MessageId>
  /** `user message` of everything that was marked, with the second of its first receipt. */
  readonly receipts: Map<string, number>
  readonly read: Set<string>
}

interface Attempt {
  readonly write: Write
  /** Checks the outcome and takes note of it. */
  settle(outcome: Outcome): void
}

/** Does steps to a store, checks each answer, and compares what the store says with a recount. */
export interface Recount {
  commit(steps: readonly Step[]): Promise<void>
  check(): Promise<void>
  checkReceipts(): Promise<void>
  /** Carries on with the same knowledge on a store that was opened again. */
  on(store: Store): Recount
}

export async function recountOf(store: Store): Promise<Recount> {
  const lobby: Place = { id: store.lobby, pair: null, sent: [], log: [], floor: 0, lastAt: 0, members: new Map() }
  const maps = { sent: new Map(), retries: new Map(), receipts: new Map(), read: new Set<string>() }
  const model: Model = { now: START, people: [], places: [lobby], ...maps }
  const recount = recountOn(store, model)
  await recount.commit([{ do: 'join' }, { do: 'join' }, { do: 'join' }])
  await recount.commit([{ do: 'open', by: 0, with: 1 }])
  return recount
}

function recountOn(store: Store, model: Model): Recount {
  return {
    async commit(steps) {
      const attempts: Attempt[] = []
      for (const step of steps) attempts.push(attempt(model, store, step, attempts.length))
      const outcomes = await store.commit(attempts.map(({ write }) => write))
      expect(outcomes).toHaveLength(attempts.length)
      for (const [index, { settle }] of attempts.entries()) settle(outcomes[index]!)
    },
    check: () => check(store, model),
    checkReceipts: () => checkReceipts(store, model),
    on: again => recountOn(again, model),
  }
}

const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!
const mark = (user: UserId, message: MessageId): string => `${user} ${message}`
const refusedWith = (code: string) => ({ state: 'refused', refusal: { code } })

function isUnread(model: Model, place: Place, user: UserId, message: Sent): boolean {
  const since = place.members.get(user)
  if (since === undefined || message.sender === user || message.state !== 'there') return false
  return place.sent.indexOf(message) >= since && !model.read.has(mark(user, message.id))
}

function attempt(model: Model, store: Store, step: Step, index: number): Attempt {
  model.now += 40
  const at = model.now
  switch (step.do) {
    case 'send':
      return send(model, step, at, index)
    case 'edit':
    case 'delete':
      return change(model, step, at)
    case 'mark':
      return markOne(model, step, at)
    case 'mark room':
      return markRoom(model, step, at)
    case 'join':
      return join(model, store, at)
    case 'leave':
      return leave(model, step, at)
    case 'open':
      return openRoom(model, step, at)
    case 'trim':
      return trim(model, step)
    default:
      return step satisfies never
  }
}

function send(model: Model, step: Step & { do: 'send' }, now: number, index: number): Attempt {
  const sender = pick(model.people, step.by)
  const place = pick(model.places, step.to)
  const retry = step.retry === null ? null : retryOf(`c${step.retry}`, `${place.id} ${step.retry}`)
  const id = newId<MessageId>()
  const at = now + step.late
  const body = `${index} ${id}`
  const write = {
    type: 'message.append',
    id,
    room: place.id,
    sender: sender.id,
    kind: 'text',
    body,
    replyTo: null,
    retry,
    conversation: null,
    run: null,
    at,
  } as const
  const key = `${sender.id} ${step.retry} ${place.id}`
  return {
    write,
    settle(outcome) {
      const first = retry && model.retries.get(key)
      if (first) return expect(outcome).toMatchObject({ value: { state: 'repeated', first: { id: first } } })
      if (!place.members.has(sender.id)) return expect(outcome).toMatchObject(refusedWith('not_member'))
      const sent: Sent = { id, room: place, sender: sender.id, state: 'there' }
      place.lastAt = Math.max(place.lastAt, at)
      const given = { seq: place.log.push('message.sent'), ordinal: place.sent.push(sent), at: place.lastAt }
      expect(outcome).toMatchObject({ value: { state: 'stored', ...given } })
      model.sent.set(id, sent)
      if (retry) model.retries.set(key, id)
    },
  }
}

// Counted from the newest, so that small numbers pick what the readers have not read yet.
const pickSent = (model: Model, index: number): Sent | undefined =>
  [...model.sent.values()].at(-1 - (index % (model.sent.size || 1)))

function change(model: Model, step: Step & { do: 'edit' | 'delete' }, at: number): Attempt {
  const sent = pickSent(model, step.which)
  const id = sent?.id ?? newId<MessageId>()
  const write: Write =
    step.do === 'edit' ? { type: 'message.edit', id, body: `edited ${at}`, at } : { type: 'message.delete', id, at }
  return {
    write,
    settle(outcome) {
      if (sent?.state !== 'there') return expect(outcome).toMatchObject(refusedWith('message_unknown'))
      const seq = sent.room.log.push(step.do === 'edit' ? 'message.edited' : 'message.deleted')
      sent.room.lastAt = Math.max(sent.room.lastAt, at)
      if (step.do === 'delete') sent.state = 'deleted'
      const body = step.do === 'edit' ? `edited ${at}` : ''
      expect(outcome).toMatchObject({ value: { seq, message: { id, body } } })
    },
  }
}

/** What a mark of these messages by `user` must answer; takes note of it. */
function settleMark(
  model: Model,
  user: UserId,
  place: Place,
  messages: readonly Sent[],
  at: number,
): Omit<Marked, 'room' | 'readTo'> {
  const changed = messages.filter(message => isUnread(model, place, user, message)).length
  const first = messages.filter(({ id }) => !model.receipts.has(mark(user, id)))
  for (const { id } of first) model.receipts.set(mark(user, id), Math.floor(at / 1_000) * 1_000)
  for (const { id } of messages) model.read.add(mark(user, id))
  return { changed, receipts: first.map(receiptOf).slice(-READ_EVENT_MAX) }
}

const receiptOf = (message: Sent): Marked['receipts'][number] => ({
  id: message.id,
  author: message.sender,
  ordinal: message.room.sent.indexOf(message) + 1,
})

function markOne(model: Model, step: Step & { do: 'mark' }, at: number): Attempt {
  const user = pick(model.people, step.by).id
  const sent = pickSent(model, step.which)
  const id = sent?.id ?? newId<MessageId>()
  return {
    write: { type: 'read.message', user, id, at },
    settle(outcome) {
      const isThere = sent?.state === 'there' && sent.room.members.has(user)
      if (!sent || !isThere)
        return expect(outcome).toEqual({ state: 'refused', refusal: { code: 'message_unknown', id } })
      const marked = settleMark(model, user, sent.room, sent.sender === user ? [] : [sent], at)
      expect(outcome).toEqual({ state: 'done', value: { room: sent.room.id, ...marked, readTo: expect.any(Number) } })
    },
  }
}

function markRoom(model: Model, step: Step & { do: 'mark room' }, at: number): Attempt {
  const user = pick(model.people, step.by).id
  const place = pick(model.places, step.to)
  const upTo = step.part === null ? 'head' : Math.floor(step.part * place.sent.length)
  return {
    write: { type: 'read.room', user, room: place.id, upTo, at },
    settle(outcome) {
      if (!place.members.has(user)) return expect(outcome).toMatchObject(refusedWith('not_member'))
      const reached = place.sent.slice(0, upTo === 'head' ? undefined : upTo)
      const unread = reached.filter(message => isUnread(model, place, user, message))
      const marked = settleMark(model, user, place, unread, at)
      expect(outcome).toEqual({
        state: 'done',
        value: { room: place.id, ...marked, readTo: expect.any(Number), more: false },
      })
    },
  }
}

function join(model: Model, store: Store, at: number): Attempt {
  const user = newUser(`user ${newId()}`)
  const lobby = model.places.find(place => place.id === store.lobby)!
  return {
    write: { type: 'user.create', user, key: null, ticket: null, at },
    settle(outcome) {
      expect(outcome.state).toBe('done')
      model.people.push(user)
      lobby.members.set(user.id, lobby.sent.length)
    },
  }
}

function leave(model: Model, step: Step & { do: 'leave' }, at: number): Attempt {
  const { id } = pick(model.people, step.who)
  return {
    write: { type: 'user.delete', id, at },
    settle(outcome) {
      const [lobby] = model.places
      expect(outcome.state).toBe(lobby?.members.has(id) ? 'done' : 'refused')
      for (const place of model.places) place.members.delete(id)
    },
  }
}

function openRoom(model: Model, step: Step & { do: 'open' }, at: number): Attempt {
  const [a, b] = [pick(model.people, step.by).id, pick(model.people, step.with).id]
  const pair = a < b ? ([a, b] as const) : ([b, a] as const)
  const write: WriteOf<'room.open_direct'> = { type: 'room.open_direct', id: newId<RoomId>(), pair, at }
  return {
    write,
    settle(outcome) {
      const known = model.places.find(place => place.pair?.[0] === pair[0] && place.pair[1] === pair[1])
      if (known) return expect(outcome).toMatchObject({ value: { room: { id: known.id, pair } } })
      const [lobby] = model.places
      if (!pair.every(user => lobby?.members.has(user))) {
        return expect(outcome).toMatchObject(refusedWith('user_unknown'))
      }
      expect(outcome).toMatchObject({ value: { room: { id: write.id, pair } } })
      const members = new Map(pair.map(user => [user, 0]))
      model.places.push({ id: write.id, pair, sent: [], log: [], floor: 0, lastAt: 0, members })
    },
  }
}

function trim(model: Model, step: Step & { do: 'trim' }): Attempt {
  const place = pick(model.places, step.to)
  return {
    write: { type: 'room.trim', room: place.id, keep: step.keep, limit: step.limit },
    settle(outcome) {
      const removed = Math.max(0, Math.min(place.sent.length - step.keep - place.floor, step.limit))
      expect(outcome).toEqual({ state: 'done', value: { removed } })
      for (const sent of place.sent.slice(place.floor, place.floor + removed)) sent.state = 'erased'
      place.floor += removed
    },
  }
}

async function check(store: Store, model: Model): Promise<void> {
  const heads = store.heads(model.places.map(place => place.id))
  const logs = model.places.map(async place => [place, await checkLog(store, model, place)] as const)
  const shown = new Map(await Promise.all(logs))
  const checks = model.people.map(({ id }) => checkUnread(store, model, id, shown))
  for (const since of [null, model.now - 40 * 25]) {
    checks.push(checkHistory(store, { scope: 'lobby' }, since, shown, place => place.pair === null))
    checks.push(checkHistory(store, { scope: 'all-direct' }, since, shown, place => place.pair !== null))
    for (const { id: user } of model.people) {
      const isOwn = (place: Place) => place.pair !== null && place.members.has(user)
      checks.push(checkHistory(store, { scope: 'direct', user }, since, shown, isOwn))
    }
  }
  await Promise.all(checks)
  expect(await heads).toEqual(model.places.map(place => place.log.length))
}

/** The log is dense, in order and tells what happened; returns the messages it shows. */
async function checkLog(store: Store, model: Model, place: Place): Promise<readonly Message[]> {
  const rows = await store.log(place.id, 0, 100_000)
  expect(rows.map(row => row.seq)).toEqual(place.log.map((_, index) => index + 1))
  for (const [index, row] of rows.entries()) {
    expect(row.at).toBeGreaterThanOrEqual(rows[index - 1]?.at ?? 0)
    if (row.type !== 'gone') expect(row.type).toBe(place.log[index])
  }
  const messages = rows.flatMap(row => (row.type === 'message.sent' ? [row.message] : []))
  expect(messages.map(({ id, ordinal }) => [id, ordinal])).toEqual(
    place.sent.slice(place.floor).map(({ id }, index) => [id, place.floor + index + 1]),
  )
  for (const message of messages) expect(message.deletedAt === null).toBe(model.sent.get(message.id)?.state === 'there')
  return messages
}

type Shown = ReadonlyMap<Place, readonly Message[]>

async function checkUnread(store: Store, model: Model, user: UserId, shown: Shown): Promise<void> {
  const counts = { lobby: 0, direct: 0 }
  for (const scope of ['lobby', 'direct'] as const) {
    const rooms = [...shown].filter(([place]) => (place.pair === null) === (scope === 'lobby'))
    const unread = rooms.flatMap(([place, messages]) =>
      messages.filter(message => {
        const since = place.members.get(user)
        if (since === undefined || message.ordinal <= since || message.sender === user) return false
        return message.deletedAt === null && !model.read.has(mark(user, message.id))
      }),
    )
    unread.sort((a, b) => a.number - b.number)
    counts[scope] = unread.length
    expect(await store.unread(user, scope, { limit: 10_000, offset: 0 })).toEqual(unread)
    expect(await store.unread(user, scope, { limit: 3, offset: 2 })).toEqual(unread.slice(2, 5))
    const inRooms = new Set(unread.map(message => message.room))
    expect(new Set(await store.unreadRooms(user, scope))).toEqual(inRooms)
  }
  expect(await store.unreadCounts(user)).toEqual(counts)
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
  expect(await store.history({ of, since, limit: 10_000, offset: 0 })).toEqual({ items: expected, total })
  expect(await store.history({ of, since, limit: 4, offset: 3 })).toEqual({ items: expected.slice(3, 7), total })
}

async function checkReceipts(store: Store, model: Model): Promise<void> {
  await Promise.all([...model.sent.values()].map(message => checkReceiptsOf(store, model, message)))
}

async function checkReceiptsOf(store: Store, model: Model, { id, state }: Sent): Promise<void> {
  const sentAt = (await store.message(id))?.at ?? 0
  const readers = model.people.flatMap(({ id: user }) => {
    const at = model.receipts.get(mark(user, id))
    // The second in which it was read may have begun before it was sent.
    return at === undefined ? [] : [{ user, at: Math.max(at, sentAt) }]
  })
  readers.sort((a, b) => a.at - b.at || (a.user < b.user ? -1 : 1))
  expect(await store.receipts(id)).toEqual(state === 'there' ? readers : [])
}
