import { expect } from 'vitest'
import { rule } from './store-rule.ts'
import { type OpenStore, START } from './store-world.ts'

export function historyRules(open: OpenStore): void {
  rule(open, '[STORE-30] history is newest first, without the deleted, with the total of all pages', async world => {
    const { store, person, sendMany, remove } = world
    const ids = await sendMany(await person('ann'), 50)
    for (const index of [49, 40, 41, 42, 20, 0]) await remove(ids[index]!)
    const left = ids.filter((_, index) => ![49, 40, 41, 42, 20, 0].includes(index)).toReversed()
    for (const [offset, limit] of [
      [0, 5],
      [0, 100],
      [5, 5],
      [6, 3],
      [28, 1],
      [43, 5],
      [44, 5],
      [1_000, 5],
      [3, 0],
    ] as const) {
      const page = await store.history({ of: { scope: 'lobby' }, since: null, limit, offset })
      expect(page.items.map(message => message.id)).toEqual(left.slice(offset, offset + limit))
      expect(page.total).toBe(44)
    }
  })

  rule(open, '[STORE-31] `since` means strictly later', async world => {
    const { store, person, send, remove, historyIds } = world
    const ann = await person('ann')
    const times = [10, 10, 20, 20, 20, 30, 25, 40]
    const sent = []
    for (const at of times) sent.push(await send(ann, { at: START + at }))
    expect(await historyIds({ since: START + 39 })).toEqual([sent[7]!.id])
    await remove(sent[5]!.id, START + 99)
    for (const since of [0, 9, 10, 11, 19, 20, 29, 30, 39, 40, 99, 100]) {
      const expected = sent
        .filter((message, index) => index !== 5 && message.at > START + since)
        .map(message => message.id)
      const query = { of: { scope: 'lobby' }, since: START + since } as const
      expect(await historyIds(query)).toEqual(expected.toReversed())
      const page = await store.history({ ...query, limit: 2, offset: 1 })
      expect(page.total).toBe(expected.length)
      expect(page.items.map(message => message.id)).toEqual(expected.toReversed().slice(1, 3))
    }
  })

  rule(open, '[STORE-32] direct history is one list of all the rooms of a user, or of all there are', async world => {
    const { store, person, direct, send, sendMany, remove, trim, historyIds, leave } = world
    const [ann, ben, cat] = [await person('ann'), await person('ben'), await person('cat')]
    const rooms = [await direct(ann, ben), await direct(ann, cat), await direct(ben, cat), await direct(ann, ann)]
    const sent = []
    for (let round = 0; round < 24; round++) {
      const room = rooms[(round * 7 + (round >> 2)) % 4]!
      const { pair } = (await store.room(room))!
      const sender = [ann, ben, cat].find(user => user.id === pair?.[round % 2])!
      sent.push(await send(sender, { room, at: START + round }))
      await send(ann)
    }
    const many = (await sendMany(ann, 250, { room: rooms[0]!, at: START + 100 })).toReversed()
    await remove(sent[5]!.id, START + 100)
    await trim(rooms[0]!, 252)
    const kept: typeof sent = []
    for (const message of sent) if (await store.message(message.id)) kept.push(message)
    for (const [of, wanted] of [
      [{ scope: 'direct', user: ann.id }, [0, 1, 3]],
      [{ scope: 'direct', user: ben.id }, [0, 2]],
      [{ scope: 'direct', user: cat.id }, [1, 2]],
      [{ scope: 'all-direct' }, [0, 1, 2, 3]],
    ] as const) {
      for (const since of [null, START + 3, START + 12]) {
        const few = kept.filter(({ room, at }) => wanted.some(index => rooms[index] === room) && at > (since ?? 0))
        const expected = [...(wanted.some(index => index === 0) ? many : []), ...few.map(one => one.id).toReversed()]
        expect(await historyIds({ of, since })).toEqual(expected)
        const page = await store.history({ of, since, limit: 4, offset: 2 })
        expect(page.items.map(message => message.id)).toEqual(expected.slice(2, 6))
        expect(page.total).toBe(expected.length)
      }
    }
    await leave(ben)
    expect(await historyIds({ of: { scope: 'direct', user: ben.id } })).toEqual([])
  })
}
