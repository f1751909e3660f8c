import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff } from '../src/backoff.ts'
import type { MessageResponse } from '../src/index.ts'
import { newestFirst } from '../src/token-bowl/history.ts'
import { createSeen } from '../src/token-bowl/seen.ts'

const message = (id: number, at = id): MessageResponse => ({
  id: String(id),
  from_user_id: 'u',
  from_username: 'bob',
  from_user_logo: null,
  from_user_emoji: null,
  from_user_bot: false,
  to_user_id: null,
  to_username: null,
  content: '',
  message_type: 'room',
  description: '',
  timestamp: new Date(at).toISOString(),
})

/** A list, newest first, to which things happen before every page. */
function listOf(size: number, limit: number, happenings: Happening[]) {
  let list = Array.from({ length: size }, (_, i) => message(size - i))
  const gone = new Set<string>()
  let pages = 0
  return {
    gone,
    page: async (offset: number) => {
      const { add, remove } = happenings[pages++] ?? { add: 0, remove: [] }
      list = [...Array.from({ length: add }, (_, i) => message(1_000 * pages + add - i)), ...list]
      for (const position of remove) {
        const [victim] = list.splice(position, 1)
        if (victim) gone.add(victim.id)
      }
      const messages = list.slice(offset, offset + limit)
      const has_more = offset + messages.length < list.length
      return { messages, pagination: { total: list.length, offset, limit, has_more } }
    },
  }
}

interface Happening {
  add: number
  remove: number[]
}

const happening = fc.record({
  add: fc.nat(5),
  remove: fc.array(fc.nat(40), { maxLength: 5 }),
})

test('[CLIENT-25] a walk skips nothing that is there throughout, whatever is added and deleted meanwhile', () =>
  fc.assert(
    fc.asyncProperty(
      fc.nat(40),
      fc.integer({ min: 1, max: 7 }),
      fc.array(happening, { maxLength: 30 }),
      async (size, limit, happenings) => {
        const list = listOf(size, limit, happenings)
        const found = new Set<string>()
        for await (const entry of newestFirst(list.page)) found.add((entry as MessageResponse).id)
        for (let id = 1; id <= size; id++) expect(found.has(String(id)) || list.gone.has(String(id))).toBe(true)
      },
    ),
    { numRuns: 500 },
  ))

test('[CLIENT-25] a walk over a quiet list reads each page once', async () => {
  let pages = 0
  const list = listOf(10, 3, [])
  const found: unknown[] = []
  const counted = (offset: number) => {
    pages++
    return list.page(offset)
  }
  for await (const entry of newestFirst(counted)) found.push(entry)
  expect(found).toHaveLength(10)
  expect(pages).toBe(4)
})

test.each([null, 'a page of a proxy', {}, { messages: [] }, { messages: {}, pagination: { total: 0 } }])(
  '[CLIENT-25] %j does not pass for an empty history',
  async answer => {
    // What a server answers is not ours to type.
    const walk = newestFirst(async () => answer as never)
    await expect(walk.next()).rejects.toThrow('malformed history')
  },
)

test('[CLIENT-21] every message that may be fetched again is told apart from new ones', () => {
  // Times within a few seconds of each other, in about the order in which they were stored.
  const times = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(times, list => {
      const seen = createSeen()
      const noted = list.map((at, id) => message(id, at))
      for (const entry of noted) expect(seen.note(entry)).toBe(true)
      const since = Date.parse(seen.since() ?? '')
      for (const entry of noted) {
        if (Date.parse(entry.timestamp) > since) expect(seen.note(entry)).toBe(false)
      }
    }),
  )
})

test('[CLIENT-21] the ids remembered are bounded by time, not by how many there were', () => {
  const seen = createSeen()
  for (let id = 0; id < 1_000; id++) seen.note(message(id, id * 1_000))
  const remembered = Array.from({ length: 1_000 }, (_, id) => id).filter(id => !seen.note(message(id, id * 1_000)))
  expect(remembered).toEqual([994, 995, 996, 997, 998, 999])
})

test('[CLIENT-20] waits double up to the longest, and lie in their upper half', () => {
  const waits = (random: number) =>
    Array.from({ length: 7 }, (_, attempt) => backoff({ minDelay: 1_000, maxDelay: 30_000 }, attempt, random))
  expect(waits(0)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  expect(waits(1)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(backoff({}, 10_000, 0.5)).toBe(22_500)
})
