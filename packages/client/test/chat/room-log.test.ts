import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addPending,
  begin,
  confirm,
  discard,
  EMPTY_LOG,
  fail,
  hasHole,
  hear,
  type LogEvent,
  type RoomLog,
  reset,
  type SentMessage,
  shown,
  takeHistory,
} from '../../src/chat/room-log.ts'

const ME = 'me'
const KEEP = 1_000

const message = (seq: number, ordinal: number, mine: boolean, content = `text ${ordinal}`): SentMessage => ({
  state: 'sent',
  id: `id-${ordinal}`,
  number: ordinal,
  seq,
  ordinal,
  role: 'user',
  user_id: mine ? ME : 'other',
  username: mine ? ME : 'other',
  content,
  client_id: mine ? `client-${ordinal}` : null,
  reply_to: null,
  conversation_id: null,
  timestamp: new Date(ordinal).toISOString(),
  edited_at: null,
  run: null,
})

type Kind = 'mine' | 'theirs' | 'edit' | 'delete' | 'join' | 'gone'

/** A log as a server would write it. */
function logOf(kinds: readonly Kind[]): LogEvent[] {
  const messages: SentMessage[] = []
  return kinds.map((kind, i) => {
    const seq = i + 1
    const target = messages.at(-1)
    switch (kind) {
      case 'mine':
      case 'theirs': {
        const ordinal = (messages.at(-1)?.ordinal ?? 0) + 1
        const made = message(seq, ordinal, kind === 'mine')
        messages.push(made)
        return { type: 'message', seq, message: made }
      }
      case 'edit':
        if (!target) return { type: 'gone', seq }
        return {
          type: 'edited',
          seq,
          message: { ...target, content: 'edited', edited_at: new Date(seq).toISOString() },
        }
      case 'delete':
        return target ? { type: 'deleted', seq, id: target.id, ordinal: target.ordinal } : { type: 'gone', seq }
      case 'join':
        return { type: 'joined', seq, user_id: 'x', username: 'x', participants_count: 2 }
      case 'gone':
        return { type: 'gone', seq }
      default:
        return kind satisfies never
    }
  })
}

const draft = (sent: SentMessage) => ({
  state: 'sending' as const,
  client_id: sent.client_id ?? '',
  content: sent.content,
  reply_to: null,
  conversation_id: null,
  timestamp: sent.timestamp,
})

const kinds = fc.array(fc.constantFrom<Kind>('mine', 'mine', 'theirs', 'theirs', 'edit', 'delete', 'join', 'gone'), {
  maxLength: 30,
})

/** Deliveries of events in any order and any number, confirmations among them. */
const interleaving = kinds.chain(chosen => {
  const events = logOf(chosen)
  const place = fc.nat({ max: Math.max(events.length - 1, 0) })
  return fc.record({
    events: fc.constant(events),
    steps: fc.array(fc.record({ at: place, what: fc.constantFrom('event' as const, 'confirmation' as const) }), {
      maxLength: 80,
    }),
  })
})

function inOrder(events: readonly LogEvent[], keep = KEEP): RoomLog {
  return events.reduce((log, event) => hear(log, event, ME, keep).log, begin(EMPTY_LOG, 0))
}

test('[CHAT-20] however events are repeated, mixed up and confirmed, the log is the one of the server, and each is told once', () => {
  fc.assert(
    fc.property(interleaving, ({ events, steps }) => {
      const own = events.flatMap(event =>
        event.type === 'message' && event.message.user_id === ME ? [event.message] : [],
      )
      let log = own.reduce((now, sent) => addPending(now, draft(sent)), begin(EMPTY_LOG, 0))
      const told: LogEvent[] = []
      const take = (event: LogEvent) => {
        const heard = hear(log, event, ME, KEEP)
        log = heard.log
        told.push(...heard.news)
      }
      for (const { at, what } of steps) {
        const event = events[at]
        if (!event) continue
        if (what === 'event') take(event)
        else if (event.type === 'message' && event.message.user_id === ME) log = confirm(log, event.message)
        // What is shown has nothing twice, and messages are in their order.
        const ids = shown(log).map(({ client_id, ...rest }) => client_id ?? ('id' in rest ? rest.id : ''))
        expect(new Set(ids).size).toBe(ids.length)
        expect(log.messages.map(({ ordinal }) => ordinal)).toEqual(
          log.messages.map(({ ordinal }) => ordinal).toSorted((a, b) => a - b),
        )
        expect(hasHole(log)).toBe(log.ahead.length > 0)
      }
      // The server replays the rest.
      for (const event of events.slice(log.seq ?? 0)) take(event)
      expect(log).toEqual(inOrder(events))
      expect(told).toEqual(events)
    }),
  )
})

test('[CHAT-21] whatever page of history comes when, what is here is a stretch of the log without a hole', () => {
  const scenario = fc.record({
    chosen: fc.array(fc.constantFrom<Kind>('mine', 'theirs', 'theirs', 'edit', 'delete'), { maxLength: 40 }),
    from: fc.nat({ max: 40 }),
    asks: fc.array(fc.record({ at: fc.nat({ max: 40 }), older: fc.boolean(), limit: fc.integer({ min: 1, max: 8 }) }), {
      maxLength: 12,
    }),
    keep: fc.integer({ min: 3, max: 20 }),
  })
  fc.assert(
    fc.property(scenario, ({ chosen, from, asks, keep }) => {
      const events = logOf(chosen)
      const start = Math.min(from, events.length)
      const at = (seq: number) => inOrder(events.slice(0, seq)).messages
      let log = begin(EMPTY_LOG, start)
      const inFlight = new Map<number, { before: number | undefined; page: readonly SentMessage[] }[]>()
      for (let seq = start; seq <= events.length; seq++) {
        const event = events[seq - 1]
        if (seq > start && event) log = hear(log, event, ME, keep).log
        for (const { older, limit } of asks.filter(ask => ask.at === seq)) {
          const before = older ? log.messages[0]?.ordinal : undefined
          const page = at(seq)
            .filter(({ ordinal }) => before === undefined || ordinal < before)
            .slice(-limit)
          // It arrives two events later.
          inFlight.set(seq + 2, [...(inFlight.get(seq + 2) ?? []), { before, page }])
        }
        for (const { before, page } of inFlight.get(seq) ?? []) log = takeHistory(log, { before }, page, keep)
        const whole = at(seq).map(({ ordinal }) => ordinal)
        const here = log.messages.map(({ ordinal }) => ordinal)
        expect(whole.slice(whole.length - here.length)).toEqual(here)
        expect(here.length).toBeLessThanOrEqual(keep)
      }
    }),
  )
})

test('[CHAT-22] a confirmation keeps its message in place until the log reaches it', () => {
  const [first, second] = [message(1, 1, false), message(2, 2, true)]
  let log = addPending(begin(EMPTY_LOG, 0), draft(second))
  log = confirm(log, second)
  expect(shown(log)).toEqual([second])
  log = hear(log, { type: 'message', seq: 2, message: second }, ME, KEEP).log
  expect(hasHole(log)).toBe(true)
  log = hear(log, { type: 'message', seq: 1, message: first }, ME, KEEP).log
  expect(shown(log)).toEqual([first, second])
  expect(log.pending).toEqual([])
})

test('[CHAT-22] a confirmation after its event changes nothing', () => {
  const sent = message(1, 1, true)
  const log = hear(
    addPending(begin(EMPTY_LOG, 0), draft(sent)),
    { type: 'message', seq: 1, message: sent },
    ME,
    KEEP,
  ).log
  expect(confirm(log, sent)).toEqual(log)
})

test('[CHAT-22] a message of somebody else with our client id is not ours', () => {
  const mine = draft(message(1, 1, true))
  const theirs = { ...message(1, 1, false), client_id: mine.client_id }
  const { log } = hear(addPending(begin(EMPTY_LOG, 0), mine), { type: 'message', seq: 1, message: theirs }, ME, KEEP)
  expect(shown(log)).toEqual([theirs, mine])
})

test('[CHAT-23] after a reset the log goes on from there, with what was ahead, and our own that are under way stay', () => {
  const events = logOf(['theirs', 'theirs', 'mine', 'theirs'])
  const waiting = draft(message(9, 9, true))
  let log = addPending(inOrder(events.slice(0, 1)), waiting)
  log = hear(log, events[3] as LogEvent, ME, KEEP).log
  const { log: after, news } = reset(log, 3, ME, KEEP)
  expect(news).toEqual([events[3]])
  expect(after).toMatchObject({ seq: 4, ahead: [], pending: [waiting] })
})

test('[CHAT-24] a refused message stays, with what is wrong, until it is discarded', () => {
  const mine = draft(message(1, 1, true))
  const failed = { ...mine, state: 'failed' as const, code: 'ROOM_ACCESS_DENIED', error: 'No' }
  const log = fail(addPending(EMPTY_LOG, mine), failed)
  expect(shown(log)).toEqual([failed])
  expect(shown(discard(log, mine.client_id))).toEqual([])
})

test('[CHAT-25] at most so many messages are kept, the newest', () => {
  const log = inOrder(logOf(Array.from({ length: 20 }, () => 'theirs' as const)), 5)
  expect(log.messages.map(({ ordinal }) => ordinal)).toEqual([16, 17, 18, 19, 20])
})

test('[CHAT-25] beyond a hole at most 1,000 events are kept, the first', () => {
  const log = Array.from({ length: 1_200 }, (_, i) => i + 2)
    .toReversed()
    .reduce((now, seq) => hear(now, { type: 'gone', seq }, ME, KEEP).log, begin(EMPTY_LOG, 0))
  expect(log.ahead).toHaveLength(1_000)
  expect(log.ahead.slice(0, 2).map(({ seq }) => seq)).toEqual([2, 3])
})
