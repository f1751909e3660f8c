import { expect } from 'vitest'
import type { MessageId, RoomId } from '../../src/core/ids.ts'
import type { RoomHistoryQuery } from '../../src/core/ports/store.ts'
import { rule } from './store-rule.ts'
import { digestOf, newId, type OpenStore, retryOf, START } from './store-world.ts'

export function roomHistoryRules(open: OpenStore): void {
  rule(
    open,
    '[STORE-33] a room’s messages are paged by ordinal, without the deleted and what is above',
    async world => {
      const { store, person, sendMany, remove, trim, roomOf } = world
      const ann = await person('ann')
      const room = (await roomOf(ann)).id
      const ids = await sendMany(ann, 20, { room })
      await trim(room, 18)
      for (const ordinal of [5, 10, 11, 20]) await remove(ids[ordinal - 1]!)
      const page = async (over: Partial<RoomHistoryQuery>) => {
        const query = { room, above: 0, conversation: null, where: { newest: true }, limit: 4, ...over } as const
        const { items, isMoreBefore, isMoreAfter } = await store.roomHistory(query)
        return [items.map(one => one.ordinal), isMoreBefore, isMoreAfter]
      }
      expect(await page({})).toEqual([[16, 17, 18, 19], true, false])
      expect(await page({ limit: 100 })).toEqual([
        [3, 4, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19],
        ...[false, false],
      ])
      expect(await page({ where: { before: 16 } })).toEqual([[12, 13, 14, 15], true, true])
      expect(await page({ where: { before: 12 } })).toEqual([[6, 7, 8, 9], true, true])
      expect(await page({ where: { before: 7 } })).toEqual([[3, 4, 6], false, true])
      expect(await page({ where: { before: 3 } })).toEqual([[], false, true])
      expect(await page({ where: { before: 99 } })).toEqual([[16, 17, 18, 19], true, false])
      expect(await page({ where: { after: 0 } })).toEqual([[3, 4, 6, 7], false, true])
      expect(await page({ where: { after: 9 } })).toEqual([[12, 13, 14, 15], true, true])
      expect(await page({ where: { after: 15 } })).toEqual([[16, 17, 18, 19], true, false])
      expect(await page({ where: { after: 19 } })).toEqual([[], true, false])
      expect(await page({ where: { around: 10 } })).toEqual([[8, 9, 12, 13], true, true])
      expect(await page({ where: { around: 9 }, limit: 3 })).toEqual([[8, 9, 12], true, true])
      expect(await page({ where: { around: 1 } })).toEqual([[3, 4], false, true])
      expect(await page({ where: { around: 99 } })).toEqual([[18, 19], true, false])
      expect(await page({ above: 14 })).toEqual([[16, 17, 18, 19], true, false])
      expect(await page({ above: 15 })).toEqual([[16, 17, 18, 19], false, false])
      expect(await page({ above: 12, where: { around: 14 } })).toEqual([[13, 14, 15], false, true])
      expect(await page({ above: 12, where: { after: 2 }, limit: 2 })).toEqual([[13, 14], false, true])
      expect(await page({ above: 19 })).toEqual([[], false, false])
      expect(await page({ room: newId<RoomId>() })).toEqual([[], false, false])
    },
  )

  rule(open, '[STORE-34] a conversation’s messages are paged as if nobody else spoke', async world => {
    const { store, person, roomOf, enter, conversationOf, send, remove } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const room = (await roomOf(ann, { kind: 'private' })).id
    await enter(ben, room)
    const [one, two] = [(await conversationOf(ann, room)).number, (await conversationOf(ann, room)).number]
    const sent: MessageId[] = []
    for (const conversation of [one, null, two, one, one, two, one]) {
      sent.push((await send(ann, { room, conversation })).id)
      await send(ben, { room })
    }
    await remove(sent[4]!)
    const page = async (over: Partial<RoomHistoryQuery>) => {
      const query = { room, above: 0, conversation: one, where: { newest: true }, limit: 2, ...over } as const
      const { items, isMoreBefore, isMoreAfter } = await store.roomHistory(query)
      expect(items.every(item => item.conversation === query.conversation)).toBe(true)
      return [items.map(item => sent.indexOf(item.id)), isMoreBefore, isMoreAfter]
    }
    expect(await page({})).toEqual([[3, 6], true, false])
    expect(await page({ where: { after: 0 } })).toEqual([[0, 3], false, true])
    expect(await page({ where: { before: 7 } })).toEqual([[0], false, true])
    expect(await page({ where: { around: 7 }, above: 1 })).toEqual([[3], false, true])
    expect(await page({ conversation: two })).toEqual([[2, 5], false, false])
    const shared = await roomOf(ann)
    sent.push((await send(ann, { room: shared.id })).id)
    const own = { room: shared.id, conversation: shared.conversation }
    expect(await page(own)).toEqual([[7], false, false])
    expect(await page({ ...own, conversation: one })).toEqual([[], false, false])
    expect(await page({ room: shared.id, conversation: 999_999 })).toEqual([[], false, false])
  })

  rule(open, '[STORE-36] what a client id stands for is found, whatever became of it', async world => {
    const { store, person, send, remove, trim, edit } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const retry = retryOf('c1', 'x')
    const found = () => store.firstSent(ann.id, 'c1', retry.digest)
    expect(await found()).toBeUndefined()
    const message = await send(ann, { retry })
    expect(await found()).toEqual(message)
    expect(await store.firstSent(ben.id, 'c1', retry.digest)).toBeUndefined()
    expect(await store.firstSent(ann.id, 'c1', digestOf('y'))).toBeUndefined()
    const edited = (await edit(message.id, 'better', START + 1)).message
    expect(await found()).toEqual(edited)
    const { message: deleted } = await remove(message.id, START + 2)
    expect(await found()).toEqual(deleted)
    await trim(store.lobby, 0)
    expect(await found()).toEqual(deleted)
  })
}
