import { expect } from 'vitest'
import { rule } from './store-rule.ts'
import { newUser, type OpenStore, START, type World } from './store-world.ts'

const DAY = Math.floor(START / 86_400_000)

/** A conversation of ann with eight messages, and words for summaries of it. */
async function longTalk(world: World) {
  const { store, write, person, conversationOf, sendMany } = world
  const ann = await person('ann')
  const { room, number } = await conversationOf(ann)
  await sendMany(ann, 8, { room })
  const { items } = await store.roomHistory({ room, above: 0, conversation: null, where: { newest: true }, limit: 50 })
  const head = async () => (await store.heads([room]))[0] ?? 0
  const put = async (first: number, upTo: number, over: { asOf?: number; charge?: number } = {}) => {
    const summary = { text: `${first} to ${upTo}`, first, upTo }
    const kept = { asOf: await head(), charge: 0, ...over }
    return write({ type: 'summary.put', room, summary, ...kept, asker: ann.id, at: START })
  }
  return { ...world, ann, room, number, messages: items, head, put }
}

export function summaryRules(open: OpenStore): void {
  rule(open, '[STORE-185] a summary is kept until the next one, and costs its asker', async (world, under) => {
    const { store, room, put, ann } = await longTalk(world)
    expect(await store.summary(room)).toBeUndefined()
    expect(await put(1, 4, { charge: 5 })).toEqual({ isKept: true })
    expect(await store.summary(room)).toEqual({ text: '1 to 4', first: 1, upTo: 4 })
    expect(await put(1, 6, { charge: 2 })).toEqual({ isKept: true })
    const kept = (await under.reopen?.()) ?? store
    expect(await kept.summary(room)).toEqual({ text: '1 to 6', first: 1, upTo: 6 })
    expect(await kept.spentOn(DAY, { asker: ann.id, room })).toEqual({ person: 7, room: 0, guests: 0 })
  })

  rule(
    open,
    '[STORE-186] a summary goes with the first change of a message that it is about, and with no other',
    async world => {
      const { store, room, messages, put, write } = await longTalk(world)
      const [, second, , , , sixth, , eighth] = messages
      await put(2, 6)
      await write({ type: 'message.edit', id: eighth!.id, body: 'new', at: START })
      await write({ type: 'message.delete', id: messages[0]!.id, at: START })
      expect(await store.summary(room)).toBeDefined()
      await write({ type: 'message.edit', id: sixth!.id, body: 'new', at: START })
      expect(await store.summary(room)).toBeUndefined()
      await put(2, 6)
      await write({ type: 'message.delete', id: second!.id, at: START })
      expect(await store.summary(room)).toBeUndefined()
    },
  )

  rule(open, '[STORE-187] a summary goes when a message that it is about is erased, or its room ends', async world => {
    const { store, room, number, put, write } = await longTalk(world)
    await put(3, 6)
    await write({ type: 'room.trim', room, keep: 6, limit: 100 })
    expect(await store.summary(room)).toBeDefined()
    await write({ type: 'room.trim', room, keep: 5, limit: 100 })
    expect(await store.summary(room)).toBeUndefined()
    await put(4, 6)
    await write({ type: 'conversation.delete', number, at: START })
    expect(await store.summary(room)).toBeUndefined()
  })

  rule(open, '[STORE-187] the summaries of a guest and of a deleted person go with them', async world => {
    const { store, room, put, write, ann, conversationOf, sendMany } = await longTalk(world)
    const guest = newUser('guest one', { role: 'guest' })
    await write({ type: 'user.create', user: guest, key: null, ticket: null, at: START })
    const theirs = (await conversationOf(guest)).room
    await sendMany(guest, 2, { room: theirs })
    const summary = { text: 'x', first: 1, upTo: 2 }
    await write({ type: 'summary.put', room: theirs, summary, asOf: 2, asker: guest.id, charge: 0, at: START })
    await write({ type: 'guest.erase', id: guest.id, limit: 100, at: START })
    expect(await store.summary(theirs)).toBeUndefined()
    await put(1, 3)
    await write({ type: 'user.delete', id: ann.id, at: START })
    expect(await store.summary(room)).toBeUndefined()
  })

  rule(open, '[STORE-188] a summary of what changed while it was made is not kept, but costs', async world => {
    const { store, room, messages, put, head, write, refusal, ann } = await longTalk(world)
    const before = await head()
    await write({ type: 'message.delete', id: messages[1]!.id, at: START })
    expect(await put(1, 4, { asOf: before, charge: 3 })).toEqual({ isKept: false })
    expect(await store.summary(room)).toBeUndefined()
    expect(await store.spentOn(DAY, { asker: ann.id, room })).toMatchObject({ person: 3 })
    await write({ type: 'room.trim', room, keep: 6, limit: 100 })
    expect(await put(2, 4)).toEqual({ isKept: false })
    expect(await put(3, 4)).toEqual({ isKept: true })
    await write({ type: 'room.delete', room, at: START })
    const late = { summary: { text: 'x', first: 1, upTo: 2 }, asOf: 9, asker: ann.id, charge: 0, at: START }
    expect(await refusal({ type: 'summary.put', room, ...late })).toEqual({ code: 'room_unknown' })
  })
}
