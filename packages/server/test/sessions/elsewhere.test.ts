import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Core } from '../../src/core/core.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { openCore, openWorld, type World } from '../world.ts'

let directory: string
let world: World
/** A core of another process on the same directory, like the one of a command from the shell. */
let other: Core
const faults: unknown[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-'))
  world = await openWorld({ store: await openSqliteStore(directory) })
  other = openCore(await openSqliteStore(directory), world.clock, faults)
  await other.start()
})

afterEach(async () => {
  await other.drained()
  await other.context.store.close()
  await world[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
  expect(faults.splice(0)).toEqual([])
})

test('[SESS-21] a message that another process stored is shown within two seconds', async () => {
  const alice = await world.member('alice')
  const b = await world.connect(await world.member('bob'))
  const actor = { kind: 'user', user: alice.user, credential: { by: 'key', digest: '' } } as const
  const { message } = await other.execute(actor, { type: 'message.send', to: { at: 'lobby' }, body: 'from elsewhere' })
  await b.quiet()
  world.pass(2)
  expect(await b.next()).toMatchObject({ id: message.id, content: 'from elsewhere', from_username: 'alice' })
  world.pass(2)
  await b.quiet()
})

test('[SESS-21] a user whom another process deletes is cut off within two seconds', async () => {
  const alice = await world.connect(await world.member('alice'))
  await alice.say('still here')
  await other.execute({ kind: 'operator' }, { type: 'admin.delete', ref: 'alice' })
  world.pass(2)
  expect(await alice.closed).toMatchObject({ code: 1008 })
})

test('[SESS-21] a role that another process gives holds within two seconds', async () => {
  const alice = await world.connect(await world.member('alice'))
  const bob = await world.connect(await world.member('bob'))
  await bob.say('you are a member', 'alice')
  await alice.next()
  await other.execute({ kind: 'operator' }, { type: 'admin.change', ref: 'alice', patch: { role: 'viewer' } })
  world.pass(2)
  await world.core.refresh()
  expect(await alice.ask({ content: 'a' })).toMatchObject({ error: expect.stringContaining("'viewer'") })
  expect(await bob.ask({ content: 'a', to_username: 'alice' })).toMatchObject({ type: 'error' })
})

test('[SESS-21] a user whom another process makes can connect at once, and the old name of a renamed one is gone', async () => {
  const bob = await world.connect(await world.member('bob'))
  const made = await other.execute({ kind: 'operator' }, { type: 'account.register', name: 'newcomer' })
  const newcomer = await world.connect(made)
  await newcomer.say('hello', 'bob')
  await bob.next()
  await other.execute({ kind: 'operator' }, { type: 'admin.change', ref: 'newcomer', patch: { name: 'regular' } })
  world.pass(2)
  await world.core.refresh()
  expect(await bob.ask({ content: 'a', to_username: 'newcomer' })).toMatchObject({ error: 'User newcomer not found' })
  expect(await bob.say('b', 'regular')).toMatchObject({ to_username: 'regular' })
})
