import { expect, test } from 'vitest'
import { ensureAssistant } from '../../src/agents/voices.ts'
import type { CoreEvent } from '../../src/core/events.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { worldOn } from '../contracts/store-world.ts'
import { openCore, TestClock } from '../world.ts'

function scene() {
  const store = openMemoryStore()
  const faults: unknown[] = []
  const core = openCore(store, new TestClock(), faults)
  const events: CoreEvent[] = []
  core.context.broker.subscribe(published => events.push(...published))
  return { store, core, events, faults }
}

test('[RUN-45] the assistant is made once, as an agent without any credential, and told in the directory', async () => {
  const { store, core, events } = scene()
  await core.start()
  const made = await ensureAssistant(core)
  expect(made).toMatchObject({ name: 'assistant', role: 'agent', createdBy: null, deletedAt: null })
  expect(await ensureAssistant(core)).toEqual(made)
  expect(await store.everyone()).toEqual([made])
  expect(await store.sealedKey(made.id)).toBeUndefined()
  expect(events).toMatchObject([{ type: 'user.created', seq: 1, user: made }])
})

test('[RUN-45] several processes make one', async () => {
  const { store, core } = scene()
  const other = openCore(store, new TestClock(), [])
  await Promise.all([core.start(), other.start()])
  const [a, b] = await Promise.all([ensureAssistant(core), ensureAssistant(other)])
  expect(a).toEqual(b)
  expect(await store.everyone()).toEqual([a])
})

test('[RUN-45] no person is taken for the assistant', async () => {
  const { store, core } = scene()
  await core.start()
  await worldOn(store).person('Assistant')
  await expect(ensureAssistant(core)).rejects.toThrow('no agent')
})
