import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MessageId, RoomId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/user.ts'
import { openMemorySearch } from '../../src/stores/memory/search.ts'
import { cornerOf, type SearchUnderTest } from './search.ts'
import { START, type World } from './store-world.ts'

// Few words, so that they meet; some that are beginnings of others, that differ by case or accents, or that stand in no alphabet.
const word = fc.constantFrom('an', 'ann', 'Änn', 'annual', 'be', 'BEE', 'do', 'don’t', '日本', '日', '本日', '🎉', '7')
const text = fc.array(word, { minLength: 1, maxLength: 5 }).map(words => words.join(' '))
const asked = fc.array(
  fc.oneof({ weight: 4, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom('"', 'a', '*', 'OR', '-') }),
  { minLength: 1, maxLength: 3 },
)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      by: fc.nat(1),
      to: fc.nat(2),
      body: text,
      late: fc.integer({ min: -50, max: 50 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), which: fc.nat(30), body: text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), to: fc.nat(2), keep: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('catch up' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const question = fc.record({
  text: asked.map(words => words.join(' ')),
  rooms: fc.array(fc.record({ room: fc.nat(2), above: fc.oneof(fc.constant(0), fc.nat(6)) }), {
    minLength: 1,
    maxLength: 3,
  }),
  sender: fc.option(fc.nat(1), { freq: 3 }),
  from: fc.option(fc.nat(60), { freq: 3 }),
  until: fc.option(fc.nat(60), { freq: 3 }),
  limit: fc.integer({ min: 1, max: 6 }),
})
type Question = typeof question extends fc.Arbitrary<infer Q> ? Q : never

interface Scene {
  readonly world: Pick<World, 'send' | 'commit' | 'trim'>
  readonly people: readonly User[]
  readonly rooms: readonly RoomId[]
  readonly sent: MessageId[]
}

/** Whatever happens, all pages of all questions are those of a search that reads everything anew. */
export function searchModelRule(under: () => SearchUnderTest): void {
  test('[SEARCH-30] after any mix of writes every page is as if everything had been read anew', async () => {
    const { store, search } = under()
    const model = openMemorySearch(store)
    const histories = fc.tuple(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.array(question, { minLength: 8, maxLength: 8 }),
    )
    await fc.assert(
      fc.asyncProperty(histories, async ([steps, questions]) => {
        // Rooms of its own, in a store that many histories share.
        const scene = await sceneOn(under())
        for (const one of steps) await (one.do === 'catch up' ? search.caughtUp() : take(scene, one))
        await search.caughtUp()
        for (const one of questions) expect(await pages(search, scene, one)).toEqual(await pages(model, scene, one))
      }),
      { seed: 7, numRuns: 12 },
    )
  })
}

async function sceneOn(under: SearchUnderTest): Promise<Scene> {
  const { ann, ben, home, roomOf, enter, direct, ...world } = await cornerOf(under)
  const { id: other } = await roomOf(ann)
  await enter(ben, other)
  return { world, people: [ann, ben], rooms: [home, other, await direct(ann, ben)], sent: [] }
}

async function take({ world, people, rooms, sent }: Scene, step: Step): Promise<void> {
  const nth = <T>(all: readonly T[], n: number): T => all[n % all.length] as T // never of an empty list
  switch (step.do) {
    case 'send': {
      const { id } = await world.send(nth(people, step.by), {
        room: nth(rooms, step.to),
        body: step.body,
        at: START + 30 + step.late,
      })
      sent.push(id)
      return
    }
    case 'edit':
    case 'delete': {
      if (sent.length === 0) return
      const id = nth(sent, step.which)
      const write =
        step.do === 'edit'
          ? ({ type: 'message.edit', id, body: step.body, at: START } as const)
          : ({ type: 'message.delete', id, at: START } as const)
      await world.commit(write) // refused for one that is gone
      return
    }
    case 'trim':
      await world.trim(nth(rooms, step.to), step.keep)
      return
    case 'catch up':
      return
    default:
      step satisfies never
  }
}

/** All pages, one after the other. */
async function pages(search: ReturnType<typeof openMemorySearch>, { people, rooms }: Scene, asked: Question) {
  const all: unknown[] = []
  let before: number | null = null
  do {
    const page = await search.find({
      text: asked.text,
      rooms: [
        ...new Map(asked.rooms.map(({ room, above }) => [room, { room: rooms[room] as RoomId, above }])).values(),
      ],
      sender: asked.sender === null ? null : (people[asked.sender]?.id ?? null),
      from: asked.from === null ? null : START + asked.from,
      until: asked.until === null ? null : START + asked.until,
      before,
      limit: asked.limit,
    })
    all.push(page)
    before = page.next
  } while (before !== null)
  return all
}
