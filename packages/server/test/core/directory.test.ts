import { expect, test } from 'vitest'
import type { CoreEvent } from '../../src/core/events.ts'
import { Presence } from '../../src/core/presence.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { actorOf, openCore, openWorld, TestClock } from '../world.ts'

test('[CORE-40] whoever is told that a user was changed finds them changed everywhere', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const { directory } = world.core.context
  expect(await directory.named('alice')).toEqual(alice.user)
  await world.execute(alice, { type: 'me.rename', name: 'Alicia' })
  expect(await directory.named('alice')).toBeUndefined()
  expect(directory.peek(alice.user.id)).toMatchObject({ name: 'Alicia' })
  expect(await directory.named('ALICIA')).toMatchObject({ id: alice.user.id })
  await world.execute('operator', { type: 'admin.delete', ref: 'Alicia' })
  expect(await directory.named('Alicia')).toBeUndefined()
  expect(await directory.user(alice.user.id)).toMatchObject({ name: 'Alicia', deletedAt: world.clock.now() })
})

/** Two cores on one store that do not hear of each other, like the server and the command line. */
async function twoCores() {
  const [store, clock, faults] = [openMemoryStore(), new TestClock(), [] as unknown[]]
  const [here, there] = [openCore(store, clock, faults), openCore(store, clock, faults)]
  await here.start()
  await there.start()
  const heard: CoreEvent[] = []
  here.context.broker.subscribe(events => heard.push(...events))
  return { here, there, heard, faults }
}

test('[CORE-41] what another process changed is published and known after a refresh, once and in order', async () => {
  const { here, there, heard, faults } = await twoCores()
  const operator = { kind: 'operator' } as const
  const alice = await there.execute(operator, { type: 'account.register', name: 'alice' })
  await there.execute(operator, { type: 'admin.change', ref: 'alice', patch: { role: 'admin' } })
  await there.execute(actorOf(alice), { type: 'me.replace_key' })
  await there.execute(operator, { type: 'admin.delete', ref: 'alice' })
  expect(heard).toEqual([])
  await here.refresh()
  expect(heard.map(event => event.type)).toEqual([
    'user.created',
    'user.changed',
    'credentials.revoked',
    'user.deleted',
  ])
  expect(await here.context.directory.named('alice')).toBeUndefined()
  await here.refresh()
  expect(heard).toHaveLength(4)
  expect(faults).toEqual([])
})

test('[CORE-41] many changes are fetched in pages, and own ones among them are not published again', async () => {
  const { here, there, heard } = await twoCores()
  const operator = { kind: 'operator' } as const
  const register = (core: typeof here, name: string) => core.execute(operator, { type: 'account.register', name })
  await register(here, 'own before')
  for (let i = 0; i < 1_200; i++) await register(there, `user ${i}`)
  expect(heard).toHaveLength(1)
  await here.refresh()
  expect(heard).toHaveLength(1_201)
  expect(here.context.follower.seq).toBe(1_201)
  await register(here, 'own after')
  await here.refresh()
  expect(heard).toHaveLength(1_202)
})

test('[CORE-50] a user is online while at least one socket is open, and nothing is kept of who left', () => {
  const presence = new Presence()
  const alice = 'alice' as never // any key will do
  expect(presence.enter(alice)).toBe(true)
  expect(presence.enter(alice)).toBe(false)
  expect(presence.leave(alice, true, 0)).toBe(false)
  expect(presence.isOnline(alice)).toBe(true)
  expect(presence.leave(alice, true, 0)).toBe(true)
  expect(presence.isOnline(alice)).toBe(false)
  expect(presence.leave(alice, true, 0)).toBe(false)
  expect(presence.online()).toEqual([])
})

test('[CORE-51] coming online and going offline is told once, however many sockets there are', async () => {
  await using world = await openWorld()
  const told: unknown[] = []
  world.core.context.broker.subscribe(events => {
    for (const event of events)
      if (event.type === 'presence.changed') told.push([event.user.name, event.status === 'online'])
  })
  const alice = await world.member('alice')
  const [first, second] = [await world.connect(alice), await world.connect(alice)]
  await second.quiet()
  expect(told).toEqual([['alice', true]])
  first.ws.close()
  await first.closed
  await second.quiet()
  expect(told).toEqual([['alice', true]])
})

test('[CORE-60] events of one commit group are published as one batch, in the order of the commit', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const batches: string[][] = []
  world.core.context.broker.subscribe(events => {
    batches.push(events.flatMap(event => (event.type === 'message.sent' ? [event.message.body] : [])))
  })
  const send = (body: string) => world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body })
  const sent = await Promise.all(['a', 'b', 'c'].map(send))
  expect(batches).toEqual([['a', 'b', 'c']])
  const seqs = sent.map(({ message }) => message.seq)
  expect(seqs).toEqual([1, 2, 3])
  expect(sent.map(({ message }) => message.ordinal)).toEqual([1, 2, 3])
})
