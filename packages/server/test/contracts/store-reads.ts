import { expect } from 'vitest'
import { READ_EVENT_MAX } from '../../src/core/events.ts'
import type { MessageId, RoomId } from '../../src/core/ids.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, START } from './store-world.ts'

export function readRules(open: OpenStore): void {
  rule(
    open,
    '[STORE-40] a new member has nothing unread; what comes later is, but not what is their own',
    async world => {
      const { store, person, sendMany, unread, unreadIds } = world
      const ann = await person('ann')
      await sendMany(ann, 3)
      const ben = await person('ben')
      expect(await unread(ben)).toEqual({ lobby: 0, direct: 0 })
      const ids = await sendMany(ann, 2)
      await sendMany(ben, 4)
      expect(await unread(ben)).toEqual({ lobby: 2, direct: 0 })
      expect(await unread(ann)).toEqual({ lobby: 4, direct: 0 })
      expect(await unreadIds(ben)).toEqual(ids)
      expect(await store.unreadRooms(ben.id, 'lobby')).toEqual([store.lobby])
      expect(await unread(newUser('stranger'))).toEqual({ lobby: 0, direct: 0 })
    },
  )

  rule(open, '[STORE-41] marking one message changes it once and makes one receipt', async world => {
    const { person, sendMany, read, unread, unreadIds, store } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const ids = await sendMany(ann, 4)
    const marked = { room: store.lobby, changed: 1, receipts: [{ id: ids[2]!, author: ann.id, ordinal: 3 }], readTo: 0 }
    expect(await read(ben, ids[2]!)).toEqual(marked)
    expect(await read(ben, ids[2]!)).toEqual({ room: store.lobby, changed: 0, receipts: [], readTo: 0 })
    expect(await unreadIds(ben)).toEqual([ids[0], ids[1], ids[3]])
    for (const id of [ids[0]!, ids[1]!, ids[3]!]) expect(await read(ben, id)).toMatchObject({ changed: 1 })
    expect(await unread(ben)).toEqual({ lobby: 0, direct: 0 })
    for (const id of ids) expect(await read(ben, id)).toMatchObject({ changed: 0, receipts: [], readTo: 4 })
    expect(await store.unreadRooms(ben.id, 'lobby')).toEqual([])
  })

  rule(open, '[STORE-42] own messages are never marked; unknown, deleted and hidden ones are refused', async world => {
    const { person, send, read, remove, direct, refusal, store, readersOf } = world
    const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
    const own = await send(ann)
    expect(await read(ann, own.id)).toMatchObject({ room: store.lobby, changed: 0, receipts: [] })
    expect(await readersOf(own.id)).toEqual([])
    const hidden = await send(ann, { room: await direct(ann, ben) })
    const deleted = await send(ann)
    await remove(deleted.id)
    for (const id of [hidden.id, deleted.id, newId<MessageId>()]) {
      const mark = { type: 'read.message', user: cat.id, id, at: START } as const
      expect(await refusal(mark)).toEqual({ code: 'message_unknown', id })
    }
  })

  rule(
    open,
    '[STORE-43] a first explicit mark of an old message makes a receipt though nothing changes',
    async world => {
      const { person, send, read, readersOf, store } = world
      const ann = await person('ann')
      const old = await send(ann)
      const ben = await person('ben')
      const receipts = [{ id: old.id, author: ann.id, ordinal: 1 }]
      expect(await read(ben, old.id)).toEqual({ room: store.lobby, changed: 0, receipts, readTo: 1 })
      expect(await read(ben, old.id)).toEqual({ room: store.lobby, changed: 0, receipts: [], readTo: 1 })
      expect(await readersOf(old.id)).toEqual([ben.id])
    },
  )

  rule(open, '[STORE-44] marking a room reads everything up to an ordinal and never moves back', async world => {
    const { person, sendMany, read, readAll, unreadIds, remove, store, refusal, readersOf } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const ids = [...(await sendMany(ann, 3)), ...(await sendMany(ben, 2)), ...(await sendMany(ann, 5))]
    await read(ben, ids[1]!)
    await read(ben, ids[7]!)
    await remove(ids[2]!)
    const author = ann.id
    expect(await readAll(ben, { upTo: 6 })).toEqual({
      room: store.lobby,
      changed: 2,
      receipts: [1, 6].map(ordinal => ({ id: ids[ordinal - 1]!, author, ordinal })),
      readTo: 6,
      more: false,
    })
    expect(await unreadIds(ben)).toEqual([ids[6], ids[8], ids[9]])
    expect(await readAll(ben, { upTo: 2 })).toMatchObject({ changed: 0, receipts: [] })
    expect(await unreadIds(ben)).toHaveLength(3)
    expect(await readAll(ben, { upTo: 9 })).toMatchObject({ changed: 2 })
    expect(await readAll(ben, { upTo: 1_000 })).toMatchObject({ changed: 1, receipts: [{ id: ids[9] }] })
    expect(await readAll(ben)).toMatchObject({ changed: 0, receipts: [] })
    for (const [index, id] of ids.entries()) {
      expect(await readersOf(id)).toEqual([2, 3, 4].includes(index) ? [] : [ben.id])
    }
    const stranger = {
      type: 'read.room',
      user: newUser('stranger').id,
      room: store.lobby,
      upTo: 'head',
      at: START,
    } as const
    expect(await refusal(stranger)).toEqual({ code: 'not_member' })
    expect(await refusal({ ...stranger, user: ann.id, room: newId<RoomId>() })).toEqual({ code: 'not_member' })
  })

  rule(open, '[STORE-45] a mark of many counts all and names the newest, in stored order', async world => {
    const { person, sendMany, readAll, readersOf, unread } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const ids = await sendMany(ann, READ_EVENT_MAX + 30)
    await sendMany(ben, 3)
    const marked = await readAll(ben)
    expect(marked.changed).toBe(READ_EVENT_MAX + 30)
    expect(marked.receipts.map(receipt => receipt.id)).toEqual(ids.slice(30))
    expect(await readersOf(ids[0]!)).toEqual([ben.id])
    expect(await unread(ben)).toEqual({ lobby: 0, direct: 0 })
  })

  rule(open, '[STORE-39] a room in which very many messages were read singly is marked in parts', async world => {
    const { store, person, sendMany, readAll, readersOf, unread } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const ids = await sendMany(ann, 5_000)
    const every = (n: number) => ids.filter((_, i) => i % 2 === n)
    await store.commit(every(1).map(id => ({ type: 'read.message', user: ben.id, id, at: START }) as const))
    let changed = 0
    for (let more = true; more; ) {
      const marked = await readAll(ben)
      changed += marked.changed
      more = marked.more
    }
    expect(changed).toBe(every(0).length)
    expect(await unread(ben)).toEqual({ lobby: 0, direct: 0 })
    for (const id of [ids[0]!, ids[2_500]!, ids[4_999]!]) expect(await readersOf(id)).toEqual([ben.id])
    expect(await readAll(ben)).toMatchObject({ changed: 0, more: false })
  })

  rule(open, '[STORE-46] deleting takes a message out of the counts, read or not', async world => {
    const { person, sendMany, read, remove, unread, unreadIds, readAll } = world
    const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
    const ids = await sendMany(ann, 6)
    await read(ben, ids[3]!)
    await read(cat, ids[0]!)
    await remove(ids[3]!)
    await remove(ids[4]!)
    await remove(ids[0]!)
    expect(await unread(ben)).toEqual({ lobby: 3, direct: 0 })
    expect(await unread(cat)).toEqual({ lobby: 3, direct: 0 })
    expect(await unreadIds(ben)).toEqual([ids[1], ids[2], ids[5]])
    expect(await readAll(ben)).toMatchObject({ changed: 3 })
    await remove(ids[5]!)
    expect(await unread(ben)).toEqual({ lobby: 0, direct: 0 })
    expect(await unread(cat)).toEqual({ lobby: 2, direct: 0 })
  })

  rule(open, '[STORE-47] receipts tell who read and in which second, in order of reading', async world => {
    const { person, sendMany, read, readAll, leave, remove, store } = world
    const [ann, ben, cat, dan] = [await person('ann'), await person('ben'), await person('cat'), await person('dan')]
    const ids = await sendMany(ann, 4)
    await sendMany(ben, 1)
    await read(cat, ids[1]!, START + 2_999)
    await readAll(ben, { at: START + 1_500 })
    await readAll(cat, { at: START + 3_001 })
    await read(dan, ids[1]!, START + 1_000)
    const at = (second: number) => START + second * 1_000
    const ofSecond = [
      { user: ben.id, at: at(1) },
      { user: dan.id, at: at(1) },
      { user: cat.id, at: at(2) },
    ]
    expect(await store.receipts(ids[1]!)).toEqual(ofSecond)
    await leave(ben)
    expect(await store.receipts(ids[1]!)).toEqual(ofSecond)
    expect(await store.receipts(ids[2]!)).toEqual([
      { user: ben.id, at: at(1) },
      { user: cat.id, at: at(3) },
    ])
    await remove(ids[2]!)
    expect(await store.receipts(ids[2]!)).toEqual([])
    expect(await store.receipts(newId<MessageId>())).toEqual([])
  })

  rule(open, '[STORE-47] a deleted message in the middle of what was read hides no receipt', async world => {
    const { person, sendMany, read, readAll, remove, readersOf } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const ids = await sendMany(ann, 5)
    await read(ben, ids[2]!)
    await remove(ids[2]!)
    expect(await readAll(ben)).toMatchObject({
      changed: 4,
      receipts: [ids[0], ids[1], ids[3], ids[4]].map(id => ({ id })),
    })
    for (const [index, id] of ids.entries()) expect(await readersOf(id)).toEqual(index === 2 ? [] : [ben.id])
  })

  rule(
    open,
    '[STORE-48] the unread list is oldest first over all rooms of the scope, a page at a time',
    async world => {
      const { person, direct, send, sendMany, read, store, unread, unreadIds } = world
      const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
      const [withBen, withCat] = [await direct(ann, ben), await direct(ann, cat)]
      const sent: MessageId[] = []
      for (let round = 0; round < 12; round++) {
        const [sender, room] = round % 3 === 0 ? [ben, withBen] : [cat, withCat]
        sent.push((await send(sender, { room })).id)
        await send(ann, { room: withBen })
      }
      sent.push(...(await sendMany(ben, 130, { room: withBen })))
      await read(ann, sent[4]!)
      const expected = sent.filter(id => id !== sent[4])
      expect(await unreadIds(ann, 'direct')).toEqual(expected)
      expect(await unread(ann)).toEqual({ lobby: 0, direct: expected.length })
      expect(new Set(await store.unreadRooms(ann.id, 'direct'))).toEqual(new Set([withBen, withCat]))
      for (const [offset, limit] of [
        [0, 3],
        [7, 4],
        [100, 100],
        [141, 5],
        [0, 0],
      ] as const) {
        const page = await store.unread(ann.id, 'direct', { limit, offset })
        expect(page.map(message => message.id)).toEqual(expected.slice(offset, offset + limit))
      }
      expect(await unreadIds(ann, 'lobby')).toEqual([])
    },
  )

  rule(open, '[STORE-50] counts do not depend on how many messages a mark has to pass', async world => {
    const { person, send, sendMany, read, remove, unread, unreadIds, readersOf, readAll } = world
    const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
    const first = await send(ann)
    const own = await sendMany(ben, 2_300)
    const [later, last] = [await send(ann), await send(ann)]
    await remove(own[7]!)
    await read(ben, later.id)
    for (const [left, id] of [
      [1, first.id],
      [1, later.id],
      [1, first.id],
      [0, last.id],
      [0, later.id],
      [0, last.id],
    ] as const) {
      await read(ben, id)
      expect(await unread(ben)).toEqual({ lobby: left, direct: 0 })
    }
    expect(await unreadIds(ben)).toEqual([])
    expect(await readAll(ben)).toMatchObject({ changed: 0, receipts: [] })
    for (const { id } of [first, later, last]) expect(await readersOf(id)).toEqual([ben.id])
    expect(await readAll(cat, { upTo: 2_301 })).toMatchObject({ changed: 2_300 })
    expect(await unread(cat)).toEqual({ lobby: 2, direct: 0 })
  })
}
