import { expect } from 'vitest'
import { READ_EVENT_MAX } from '../../src/core/events.ts'
import type { MessageId, UserId } from '../../src/core/ids.ts'
import type { Store } from '../../src/core/ports/store.ts'
import type { Marked, Write } from '../../src/core/ports/writes.ts'
import { check, checkReceipts } from './store-agreement.ts'
import {
  type Attempt,
  answerOf,
  isUnread,
  type Knowledge,
  mark,
  noteIn,
  noteSent,
  type Place,
  pick,
  placeOf,
  refusedWith,
  type Sent,
} from './store-knowledge.ts'
import type { Step } from './store-model.ts'
import { roomAttempt } from './store-recount-rooms.ts'
import { runAttempt } from './store-recount-runs.ts'
import { newId, retryOf, START } from './store-world.ts'

/** Does steps to a store, checks each answer, and compares what the store says with a recount. */
export interface Recount {
  commit(steps: readonly Step[]): Promise<void>
  check(): Promise<void>
  checkReceipts(): Promise<void>
  /** Carries on with the same knowledge on a store that was opened again. */
  on(store: Store): Recount
}

export async function recountOf(store: Store): Promise<Recount> {
  const { createdAt = 0, conversation = null } = (await store.room(store.lobby)) ?? {}
  const lobby = placeOf({ id: store.lobby, kind: 'lobby', createdAt, conversation })
  const maps = { sent: new Map(), retries: new Map(), receipts: new Map(), read: new Set<string>() }
  const known: Knowledge = { now: START, people: [], places: [lobby], talks: [], runs: [], ...maps }
  const recount = recountOn(store, known)
  await recount.commit([{ do: 'join' }, { do: 'join' }, { do: 'join' }])
  await recount.commit([{ do: 'open', by: 0, with: 1 }])
  return recount
}

function recountOn(store: Store, known: Knowledge): Recount {
  return {
    async commit(steps) {
      const attempts: Attempt[] = []
      for (const step of steps) attempts.push(attempt(known, step, attempts.length))
      const outcomes = await store.commit(attempts.map(({ write }) => write))
      expect(outcomes).toHaveLength(attempts.length)
      for (const [index, { settle }] of attempts.entries()) settle(outcomes[index]!)
    },
    check: () => check(store, known),
    checkReceipts: () => checkReceipts(store, known),
    on: again => recountOn(again, known),
  }
}

function attempt(known: Knowledge, step: Step, index: number): Attempt {
  known.now += 40
  const at = known.now
  switch (step.do) {
    case 'send':
      return send(known, step, at, index)
    case 'edit':
    case 'delete':
      return change(known, step, at)
    case 'mark':
      return markOne(known, step, at)
    case 'mark room':
      return markRoom(known, step, at)
    case 'ask':
    case 'say':
    case 'finish':
      return runAttempt(known, step, at)
    default:
      return roomAttempt(known, step, at)
  }
}

function send(known: Knowledge, step: Step & { do: 'send' }, now: number, index: number): Attempt {
  const sender = pick(known.people, step.by)
  const place = pick(known.places, step.to)
  const retry = step.retry === null ? null : retryOf(`c${step.retry}`, `${place.id} ${step.retry}`)
  const id = newId<MessageId>()
  const at = now + step.late
  const talk = step.in === null || known.talks.length === 0 ? undefined : pick(known.talks, step.in)
  const named = talk?.number ?? null
  const write: Write = {
    ...{ type: 'message.append', id, room: place.id, sender: sender.id, kind: 'text', body: `${index} ${id}` },
    ...{ replyTo: null, retry, conversation: named, run: null, at },
  }
  const key = `${sender.id} ${step.retry} ${place.id}`
  return {
    write,
    settle(outcome) {
      const first = retry && known.retries.get(key)
      if (first) return expect(outcome).toMatchObject({ value: { state: 'repeated', first: { id: first } } })
      if (place.isDeleted) return expect(outcome).toMatchObject(refusedWith('room_unknown'))
      if (!place.members.has(sender.id)) return expect(outcome).toMatchObject(refusedWith('not_member'))
      const isTheirs = talk && known.talks.includes(talk) && talk.room === place && talk.owner === sender.id
      if (place.conversation === null && named !== null && !isTheirs) {
        return expect(outcome).toMatchObject(refusedWith('conversation_unknown'))
      }
      const conversation = place.conversation ?? named
      const sent: Sent = { id, room: place, sender: sender.id, conversation, state: 'there' }
      const given = { ...noteSent(known, sent, at), conversation }
      expect(outcome).toMatchObject({ value: { state: 'stored', ...given } })
      if (retry) known.retries.set(key, id)
    },
  }
}

// Counted from the newest, so that small numbers pick what the readers have not read yet.
const pickSent = (known: Knowledge, index: number): Sent | undefined =>
  [...known.sent.values()].at(-1 - (index % (known.sent.size || 1)))

const isThere = (sent: Sent | undefined): sent is Sent => sent?.state === 'there' && !sent.room.isDeleted

function change(known: Knowledge, step: Step & { do: 'edit' | 'delete' }, at: number): Attempt {
  const sent = pickSent(known, step.which)
  const id = sent?.id ?? newId<MessageId>()
  const write: Write =
    step.do === 'edit' ? { type: 'message.edit', id, body: `edited ${at}`, at } : { type: 'message.delete', id, at }
  return {
    write,
    settle(outcome) {
      if (!isThere(sent)) return expect(outcome).toMatchObject(refusedWith('message_unknown'))
      const seq = noteIn(sent.room, step.do === 'edit' ? 'message.edited' : 'message.deleted', at)
      if (step.do === 'delete') sent.state = 'deleted'
      const body = step.do === 'edit' ? `edited ${at}` : ''
      expect(outcome).toMatchObject({ value: { seq, message: { id, body, conversation: sent.conversation } } })
    },
  }
}

/** What a mark of these messages by `user` must answer; takes note of it. */
function settleMark(
  known: Knowledge,
  user: UserId,
  place: Place,
  messages: readonly Sent[],
  at: number,
): Omit<Marked, 'readTo'> & { readonly readTo: unknown } {
  const changed = messages.filter(message => isUnread(known, place, user, message)).length
  const first = messages.filter(({ id }) => !known.receipts.has(mark(user, id)))
  for (const { id } of first) known.receipts.set(mark(user, id), Math.floor(at / 1_000) * 1_000)
  for (const { id } of messages) known.read.add(mark(user, id))
  const receipts = first.map(receiptOf).slice(-READ_EVENT_MAX)
  return { room: place.id, changed, receipts, readTo: expect.any(Number) }
}

const receiptOf = (message: Sent): Marked['receipts'][number] => ({
  id: message.id,
  author: message.sender,
  ordinal: message.room.sent.indexOf(message) + 1,
})

/** Up to the position an answer tells nothing is unread. */
function expectReadTo(known: Knowledge, place: Place, user: UserId, readTo = 0): void {
  expect(readTo).toBeLessThanOrEqual(place.sent.length)
  expect(place.sent.slice(0, readTo).filter(message => isUnread(known, place, user, message))).toEqual([])
}

function markOne(known: Knowledge, step: Step & { do: 'mark' }, at: number): Attempt {
  const user = pick(known.people, step.by).id
  const sent = pickSent(known, step.which)
  const id = sent?.id ?? newId<MessageId>()
  return {
    write: { type: 'read.message', user, id, at },
    settle(outcome) {
      if (!isThere(sent) || !sent.room.members.has(user))
        return expect(outcome).toEqual({ state: 'refused', refusal: { code: 'message_unknown', id } })
      const marked = settleMark(known, user, sent.room, sent.sender === user ? [] : [sent], at)
      expect(outcome).toEqual({ state: 'done', value: marked })
      expectReadTo(known, sent.room, user, answerOf<'read.message'>(outcome)?.readTo)
    },
  }
}

function markRoom(known: Knowledge, step: Step & { do: 'mark room' }, at: number): Attempt {
  const user = pick(known.people, step.by).id
  const place = pick(known.places, step.to)
  const upTo = step.part === null ? 'head' : Math.floor(step.part * place.sent.length)
  return {
    write: { type: 'read.room', user, room: place.id, upTo, at },
    settle(outcome) {
      if (!place.members.has(user)) return expect(outcome).toMatchObject(refusedWith('not_member'))
      const reached = place.sent.slice(0, upTo === 'head' ? undefined : upTo)
      const unread = reached.filter(message => isUnread(known, place, user, message))
      const marked = settleMark(known, user, place, unread, at)
      expect(outcome).toEqual({ state: 'done', value: { ...marked, more: false } })
      const readTo = answerOf<'read.room'>(outcome)?.readTo
      expectReadTo(known, place, user, readTo)
      expect(readTo).toBeGreaterThanOrEqual(reached.length)
    },
  }
}
