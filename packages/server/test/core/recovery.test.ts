import { expect, test } from 'vitest'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { openCore, openWorld, TestClock } from '../world.ts'

test('[CORE-71] what is left of deleted rooms is erased by the next start, however many there are', async () => {
  const store = openMemoryStore()
  await using world = await openWorld({ store })
  const ann = await world.member('ann')
  const at = world.clock.now()
  for (let i = 0; i < 120; i++) {
    const label = `room ${i}`
    const room = await world.execute(ann, { type: 'room.make', label, name: null, kind: 'shared' })
    const to = { at: 'room', ref: { by: 'label', label }, unknown: 'refuse' } as const
    await world.execute(ann, { type: 'message.send', to, body: 'left behind' })
    // As if the process had died between this and the erasing.
    await world.core.context.commits.run({ type: 'room.delete', room: room.id, at })
  }
  expect(await store.deletedRooms(1_000)).toHaveLength(120)
  const faults: unknown[] = []
  const next = openCore(store, new TestClock(), faults)
  await next.start()
  await next.recover()
  while ((await store.deletedRooms(1)).length > 0) await new Promise(resolve => setImmediate(resolve))
  await next.stop()
  expect(faults).toEqual([])
})
