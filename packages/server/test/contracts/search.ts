import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RoomId } from '../../src/core/ids.ts'
import type { Message } from '../../src/core/message.ts'
import type { FoundPage, Search, SearchQuery } from '../../src/core/ports/search.ts'
import type { Store } from '../../src/core/ports/store.ts'
import type { NewMessage } from '../../src/core/ports/writes.ts'
import type { User } from '../../src/core/user.ts'
import { searchModelRule } from './search-model.ts'
import { START, type World, worldOn } from './store-world.ts'

/** A search under test, with the store it is of. */
export interface SearchUnderTest {
  readonly store: Store
  readonly search: Search
  close(): Promise<void>
}

export type OpenSearch = () => Promise<SearchUnderTest>

/** A room of its own in a store that many tests share, with two people in it, and short words for looking things up there. */
export interface Corner extends World {
  readonly search: Search
  readonly ann: User
  readonly ben: User
  readonly home: RoomId
  say(sender: User, body: string, over?: Partial<NewMessage>): Promise<Message>
  /** The page for a text, once everything is found that is stored. */
  page(text: string, over?: Partial<SearchQuery>): Promise<FoundPage>
  /** The texts that are found. */
  bodies(text: string, over?: Partial<SearchQuery>): Promise<readonly string[]>
}

const EVERYTHING = { sender: null, from: null, until: null, before: null, limit: 100 } as const

let corners = 0

export async function cornerOf({ store, search }: SearchUnderTest): Promise<Corner> {
  const world = worldOn(store)
  const [ann, ben] = [await world.person(`Ann ${++corners}`), await world.person(`Ben ${corners}`)]
  const { id: home } = await world.roomOf(ann)
  await world.enter(ben, home)
  async function page(text: string, over: Partial<SearchQuery> = {}) {
    await search.caughtUp()
    return search.find({ ...EVERYTHING, rooms: [{ room: home, above: 0 }], text, ...over })
  }
  return {
    ...{ ...world, search, ann, ben, home, page },
    say: (sender, body, over = {}) => world.send(sender, { room: home, body, ...over }),
    bodies: async (text, over) => (await page(text, over)).items.map(({ message }) => message.body),
  }
}

type Rule = (title: string, prove: (corner: Corner) => Promise<void>) => void

/** What every search promises (docs/spec/search.md), proved on one that `open` makes. */
export function searchContract(name: string, open: OpenSearch): void {
  describe(`${name} search`, () => {
    let under: SearchUnderTest
    beforeAll(async () => {
      under = await open()
    })
    afterAll(() => under.close())
    const rule: Rule = (title, prove) => test(title, async () => prove(await cornerOf(under)))
    textRules(rule)
    accessRules(rule)
    changeRules(rule)
    searchModelRule(() => under)
    endRule(open)
  })
}

/** Says all of it, and answers what is found by each text, oldest first. */
async function said({ ann, say, bodies }: Corner, texts: readonly string[], asked: readonly string[]) {
  for (const body of texts) await say(ann, body)
  return Promise.all(asked.map(async text => (await bodies(text)).toReversed()))
}

function textRules(rule: Rule): void {
  rule('[SEARCH-1] all words have to be there, in any order, case and form', async corner => {
    const texts = ['The cat sat', 'a Cat and a dog', 'CRÈME brûlée', 'creme caramel', 'the straße', 'ΟΔΟΣ 7', 'ﬁne ①']
    expect(
      await said(corner, texts, ['cat ', 'dog CAT', 'crème', 'creme "brulee"', 'STRASSE', 'οδος', 'fine 1']),
    ).toEqual([
      ['The cat sat', 'a Cat and a dog'],
      ['a Cat and a dog'],
      ['CRÈME brûlée', 'creme caramel'],
      ['CRÈME brûlée'],
      ['the straße'],
      ['ΟΔΟΣ 7'],
      ['ﬁne ①'],
    ])
  })

  rule('[SEARCH-2] the last word may be a beginning, of two letters or more, unless it is in quotes', async corner => {
    const texts = ['channel', 'channels open', 'chant', 'c', 'ch']
    expect(await said(corner, texts, ['channe', 'channel', '"channel"', 'ch', 'c', 'chan op', 'open chan'])).toEqual([
      ['channel', 'channels open'],
      ['channel', 'channels open'],
      ['channel'],
      ['channel', 'channels open', 'chant', 'ch'],
      ['c'],
      [],
      ['channels open'],
    ])
  })

  rule('[SEARCH-3] what is in quotes or written together is a phrase; an open quote is one too', async corner => {
    const texts = ['to be or not', 'not to be', 'or be to', 'well-known', 'known well', "don't", 'v1.2.3', 'v1.2.4']
    const asked = ['"to be"', '"be or', 'well-known', "don't", 'v1.2.3', '"be to" "or"']
    expect(await said(corner, texts, asked)).toEqual([
      ['to be or not', 'not to be'],
      ['to be or not'],
      ['well-known'],
      ["don't"],
      ['v1.2.3'],
      ['or be to'],
    ])
  })

  rule('[SEARCH-4] text without spaces is found by any part of it', async corner => {
    const texts = ['私は日本語を話す', '日本と本語', 'テキスト検索 in Tokyo', 'สวัสดีครับ', 'well done 🎉🎉']
    const asked = ['日本語', '本語', '検索', 'スト 検', 'ดีค', '🎉', 'ส', '検索 tok', '本日']
    expect(await said(corner, texts, asked)).toEqual([
      ['私は日本語を話す'],
      ['私は日本語を話す', '日本と本語'],
      ['テキスト検索 in Tokyo'],
      ['テキスト検索 in Tokyo'],
      ['สวัสดีครับ'],
      ['well done 🎉🎉'],
      ['สวัสดีครับ'],
      ['テキスト検索 in Tokyo'],
      [],
    ])
  })

  rule('[SEARCH-5] nothing that is typed has a meaning but quotes; without a word nothing is found', async corner => {
    const texts = ['this AND "x', 'or NEAR(a b, 2)', 'room: lobby', 'text*', "it's 'so'", 'minus -x ^up {a} \\ % _']
    const asked = [
      'AND "x',
      'NEAR(a',
      'room:',
      'text :',
      "'so'",
      '-x ^up',
      '{text keys}:a',
      'NOT',
      'OR a',
      "x' OR 1",
      'keys:a',
    ]
    expect(await said(corner, texts, asked)).toEqual([
      ['this AND "x'],
      ['or NEAR(a b, 2)'],
      ['room: lobby'],
      ['text*'],
      ["it's 'so'"],
      ['minus -x ^up {a} \\ % _'],
      [],
      [],
      ['or NEAR(a b, 2)'],
      [],
      [],
    ])
    for (const text of ['', ' ', '*', '"', '""', '" "', '()', '😀️'.slice(0, 1), '\0', '—', '\u0301', ':::'])
      expect(await corner.page(text)).toEqual({ items: [], next: null })
  })

  rule('[SEARCH-6] a message comes with the part around the first hit, and where the hits are', async corner => {
    const { ann, say, page } = corner
    const long = `${'so it goes on '.repeat(30)}here is the Crème\nbrûlée, said Ann ${'and so forth '.repeat(30)}`
    const sent = await say(ann, long)
    const [found] = (await page('creme said "brulee"')).items
    expect(found?.message).toEqual(sent)
    expect(found?.excerpt).toMatch(/^….*here is the Crème brûlée, said Ann and.*…$/)
    expect(found?.excerpt.length).toBeLessThan(220)
    expect(found?.hits.map(([start, end]) => found.excerpt.slice(start, end))).toEqual(['Crème', 'brûlée', 'said'])
    await say(ann, 'short and whole')
    expect((await page('whole')).items).toMatchObject([{ excerpt: 'short and whole', hits: [[10, 15]] }])
  })

  rule('[SEARCH-7] a word of a hundred thousand letters, or as many words, are found like any other', async corner => {
    const { ann, say, bodies } = corner
    const texts = ['y'.repeat(100_000), `${'many words '.repeat(9_000)}end`]
    for (const body of texts) await say(ann, body)
    expect(await bodies('y'.repeat(100))).toEqual([texts[0]])
    expect(await bodies('"words end"')).toEqual([texts[1]])
  })
}

const at = (room: RoomId, above = 0) => ({ room, above })

function accessRules(rule: Rule): void {
  rule('[SEARCH-10] only rooms that are named are looked in, and there what is above an ordinal', async corner => {
    const { ann, ben, home, roomOf, direct, say, bodies } = corner
    const { id: hers } = await roomOf(ann)
    const between = await direct(ann, ben)
    for (const [n, room] of [home, hers, between, hers].entries()) await say(ann, `secret ${n}`, { room })
    const seen = (...rooms: SearchQuery['rooms']) => bodies('secret', { rooms })
    expect(await seen()).toEqual([])
    expect(await seen(at(home))).toEqual(['secret 0'])
    expect(await seen(at(hers), at(between))).toEqual(['secret 3', 'secret 2', 'secret 1'])
    expect(await seen(at(hers, 1))).toEqual(['secret 3'])
    expect(await seen(at(hers, 2))).toEqual([])
    expect(await seen(at(hers, 1), at(between, 1), at(home))).toEqual(['secret 3', 'secret 0'])
  })

  rule('[SEARCH-11] in many rooms, and where a word is frequent elsewhere, the same is found', async corner => {
    const { ann, home, roomOf, sendMany, say, bodies } = corner
    const own: RoomId[] = []
    for (let i = 0; i < 40; i++) own.push((await roomOf(ann)).id)
    const [first = home, ...others] = own
    await say(ann, 'needle first', { room: first })
    // More than is looked at before the rooms are asked for.
    await sendMany(ann, 1_500, { room: home, body: 'needle elsewhere' })
    for (const room of others.slice(0, 3)) await say(ann, 'needle near', { room })
    const near = ['needle near', 'needle near', 'needle near']
    expect(await bodies('needle', { rooms: own.map(room => at(room)) })).toEqual([...near, 'needle first'])
    expect(await bodies('needle', { rooms: [at(home, 1_500), at(first)] })).toEqual(['needle first'])
  })

  rule('[SEARCH-12] of a sender, of a time, and before a message', async ({ ann, ben, say, bodies }) => {
    const sent: Message[] = []
    for (let i = 0; i < 6; i++) sent.push(await say(i % 2 ? ben : ann, `word ${i}`, { at: START + i * 10 }))
    const found = async (over: Partial<SearchQuery>) => (await bodies('word', over)).map(body => body.slice(5)).join('')
    expect(await found({ sender: ben.id })).toBe('531')
    expect(await found({ from: START + 20 })).toBe('5432')
    expect(await found({ until: START + 20 })).toBe('10')
    expect(await found({ from: START + 11, until: START + 41, sender: ann.id })).toBe('42')
    expect(await found({ from: START + 51 })).toBe('')
    expect(await found({ until: START })).toBe('')
    expect(await found({ before: sent[3]?.number ?? 0 })).toBe('210')
  })

  rule('[SEARCH-13] pages follow each other without gap or repeat', async ({ ann, home, sendMany, page }) => {
    await sendMany(ann, 300, { room: home, body: 'again and again' })
    const numbers: number[] = []
    let before: number | null = null
    do {
      const { items, next }: FoundPage = await page('again', { limit: 70, before })
      numbers.push(...items.map(({ message }) => message.number))
      before = next
    } while (before !== null)
    expect(numbers).toHaveLength(300)
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => b - a))
    expect((await page('again', { limit: 300 })).next).toBeNull()
  })

  rule('[SEARCH-14] a private room is found from where one came in', async corner => {
    const { ann, ben, roomOf, enter, say, store, bodies } = corner
    const { id: room } = await roomOf(ann, { kind: 'private' })
    await say(ann, 'plan before', { room })
    await enter(ben, room)
    await say(ann, 'plan after', { room })
    const above = (await store.membership(room, ben.id))?.since
    expect(await bodies('plan', { rooms: [at(room, above)] })).toEqual(['plan after'])
  })
}

function changeRules(rule: Rule): void {
  rule('[SEARCH-20] an edited message is found by its new text alone', async ({ ann, say, edit, bodies }) => {
    const { id } = await say(ann, 'old text')
    expect(await bodies('old')).toEqual(['old text'])
    await edit(id, 'new text')
    await edit(id, 'newer text')
    expect(await bodies('old')).toEqual([])
    expect(await bodies('new')).toEqual(['newer text'])
    expect(await bodies('text')).toEqual(['newer text'])
  })

  rule('[SEARCH-21] what is deleted, trimmed or erased is not found, nor a deleted room', async corner => {
    const { ann, home, roomOf, say, remove, trim, write, bodies } = corner
    const { id: room } = await roomOf(ann)
    const rooms = [at(home), at(room)]
    const sent = await say(ann, 'gone 1')
    for (const n of [2, 3, 4]) await say(ann, `gone ${n}`)
    for (const n of [5, 6]) await say(ann, `gone ${n}`, { room })
    expect(await bodies('gone', { rooms })).toHaveLength(6)
    await remove(sent.id)
    expect(await bodies('gone', { rooms })).toHaveLength(5)
    await trim(home, 1)
    expect(await bodies('gone', { rooms })).toEqual(['gone 6', 'gone 5', 'gone 4'])
    await write({ type: 'room.delete', room, at: START })
    expect(await bodies('gone', { rooms })).toEqual(['gone 4'])
    await write({ type: 'room.erase', room, limit: 1_000 })
    expect(await bodies('gone', { rooms })).toEqual(['gone 4'])
  })

  rule('[SEARCH-22] nothing untrue is shown of what was changed a moment ago', async corner => {
    const { ann, home, say, page, commit, search } = corner
    const [one, other] = [await say(ann, 'one thing'), await say(ann, 'one more')]
    expect((await page('one')).items).toHaveLength(2)
    const edit = { type: 'message.edit', id: one.id, body: 'another', at: START } as const
    await commit(edit, { type: 'message.delete', id: other.id, at: START })
    expect((await search.find({ ...EVERYTHING, text: 'one', rooms: [at(home)] })).items).toEqual([])
  })

  rule('[SEARCH-23] what the system said is not found', async ({ ann, say, bodies }) => {
    await say(ann, 'maintenance tonight', { kind: 'system' })
    await say(ann, 'what maintenance?')
    expect(await bodies('maintenance')).toEqual(['what maintenance?'])
  })

  rule('[SEARCH-24] once it has caught up nothing is left to do', async ({ ann, home, sendMany, edit, search }) => {
    const [id] = await sendMany(ann, 500, { room: home })
    search.wake()
    if (id) await edit(id, 'edited')
    await search.caughtUp()
    expect(await search.lag()).toBe(0)
  })
}

function endRule(open: OpenSearch): void {
  test('[SEARCH-25] after its end it finds nothing more', async () => {
    const { search, close } = await open()
    await search.close()
    await expect(search.find({ ...EVERYTHING, text: 'word', rooms: [] })).rejects.toMatchObject({ code: 'closed' })
    await close()
  })
}
