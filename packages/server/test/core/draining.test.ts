import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Store } from '../../src/core/ports/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { openWorld } from '../world.ts'

test('[CORE-24] draining waits for commands that still read, and for what they then write', async () => {
  const inner = openMemoryStore()
  let reading: PromiseWithResolvers<void> | null = null
  const store: Store = {
    ...inner,
    async userByName(name) {
      await reading?.promise
      return inner.userByName(name)
    },
  }
  await using world = await openWorld({ store })
  const ada = await world.member('ada')
  await world.member('bob')
  reading = Promise.withResolvers()
  const sent = world.execute(ada, { type: 'message.send', to: { at: 'direct', name: 'Bob' }, body: 'hello' })
  const told: string[] = []
  const drained = world.core.drained().then(() => told.push('drained'))
  void sent.then(() => told.push('sent'))
  await turn()
  expect(told).toEqual([])
  reading.resolve()
  await drained
  expect(told).toEqual(['sent', 'drained'])
})
