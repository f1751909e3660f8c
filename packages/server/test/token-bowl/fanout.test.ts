import { expect, test } from 'vitest'
import type { Store } from '../../src/core/ports/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { type Member, openWorld, type TestClient, type World } from '../world.ts'

/** Everybody there is, with two connections each. */
async function crowd(
  world: World,
): Promise<Record<'alice' | 'bob' | 'viewer' | 'bot', [TestClient, TestClient, Member]>> {
  const join = async (member: Member): Promise<[TestClient, TestClient, Member]> => [
    await world.connect(member),
    await world.connect(member),
    member,
  ]
  return {
    alice: await join(await world.member('alice')),
    bob: await join(await world.member('bob')),
    viewer: await join(await world.member('viewer', 'viewer')),
    bot: await join(await world.member('bot', 'bot')),
  }
}

test('[TB-30] a room message reaches every connection of everyone else; the sender gets message_sent on the one that sent', async () => {
  await using world = await openWorld()
  const { alice, bob, viewer, bot } = await crowd(world)
  const sent = await alice[0].ask({ content: 'hello' })
  expect(sent).toMatchObject({ type: 'message_sent', status: 'sent', message: { content: 'hello', to_username: null } })
  for (const client of [bob[0], bob[1], viewer[0], viewer[1], bot[0], bot[1]]) {
    expect(await client.next()).toEqual(sent.message)
    await client.quiet()
  }
  await alice[0].quiet()
  await alice[1].quiet()
})

test('[TB-31] a direct message reaches every connection of the recipient and nobody else', async () => {
  await using world = await openWorld()
  const { alice, bob, viewer, bot } = await crowd(world)
  const sent = await alice[0].ask({ content: 'psst', to_username: 'bob' })
  expect(sent.message).toMatchObject({ to_username: 'bob', to_user_id: bob[2].user.id, message_type: 'direct' })
  for (const client of [bob[0], bob[1]]) {
    expect(await client.next()).toEqual(sent.message)
    await client.quiet()
  }
  for (const client of [alice[0], alice[1], viewer[0], viewer[1], bot[0], bot[1]]) await client.quiet()
})

test('[TB-31] a bot receives direct messages', async () => {
  await using world = await openWorld()
  const { alice, bot } = await crowd(world)
  const message = await alice[0].say('do this', 'bot')
  expect(await bot[0].next()).toEqual(message)
})

test('[TB-32] a note to oneself is pushed to all own connections, then confirmed', async () => {
  await using world = await openWorld()
  const { alice, bob } = await crowd(world)
  for (const round of [1, 2]) {
    alice[0].send({ content: `note ${round}`, to_username: 'alice' })
    const [pushed, sent] = await alice[0].take(2)
    expect(sent).toMatchObject({ type: 'message_sent', message: { content: `note ${round}`, to_username: 'alice' } })
    expect(pushed).toEqual(sent?.message)
    expect(await alice[1].next()).toEqual(pushed)
  }
  for (const client of [alice[0], alice[1], bob[0], bob[1]]) await client.quiet()
})

test('[TB-33] answers go to the connection that asked and to no other', async () => {
  await using world = await openWorld()
  const { alice, bob } = await crowd(world)
  const message = await alice[0].say('hello')
  await bob[0].next()
  await bob[1].next()
  await bob[0].ask({ type: 'mark_read', message_id: message.id })
  await bob[0].ask({ type: 'get_unread_count' })
  await bob[0].ask({ type: 'mark_all_read' })
  await bob[0].ask({ content: '' })
  await bob[0].quiet()
  await bob[1].quiet()
})

test('[TB-34] a pushed message has no type, a confirmation neither sender nor content at the top', async () => {
  await using world = await openWorld()
  const { alice, bob } = await crowd(world)
  const sent = await alice[0].ask({ content: 'hello' })
  expect(sent).not.toHaveProperty('content')
  expect(sent).not.toHaveProperty('from_username')
  const pushed = await bob[0].next()
  expect(pushed).not.toHaveProperty('type')
  expect(Object.keys(pushed)).toEqual([
    'id',
    'from_user_id',
    'from_username',
    'from_user_logo',
    'from_user_emoji',
    'from_user_bot',
    'to_user_id',
    'to_username',
    'content',
    'message_type',
    'description',
    'timestamp',
  ])
})

test('[TB-35] typing reaches every connection of every other user and is not answered', async () => {
  await using world = await openWorld()
  const { alice, bob, viewer, bot } = await crowd(world)
  alice[0].send({ type: 'typing' })
  await alice[0].quiet()
  await alice[1].quiet()
  for (const client of [bob[0], bob[1], viewer[0], viewer[1], bot[0], bot[1]]) {
    expect(await client.next()).toEqual({ type: 'typing', username: 'alice', to_username: null })
    await client.quiet()
  }
})

test('[TB-36] typing to somebody reaches only their connections', async () => {
  await using world = await openWorld()
  const { alice, bob, viewer, bot } = await crowd(world)
  alice[0].send({ type: 'typing', to_username: 'bob' })
  await alice[0].quiet()
  for (const client of [bob[0], bob[1]]) {
    expect(await client.next()).toEqual({ type: 'typing', username: 'alice', to_username: 'bob' })
    await client.quiet()
  }
  for (const client of [alice[1], viewer[0], viewer[1], bot[0], bot[1]]) await client.quiet()
})

test.each([
  ['an unknown name', { to_username: 'nobody' }],
  ['a viewer, who gets no direct messages', { to_username: 'viewer' }],
  ['a number', { to_username: 7 }],
  ['an object', { to_username: { name: 'bob' } }],
])('[TB-36] typing to %s is ignored without a word', async (_, frame) => {
  await using world = await openWorld()
  const { alice, bob, viewer } = await crowd(world)
  alice[0].send({ type: 'typing', ...frame })
  await alice[0].quiet()
  await bob[0].quiet()
  await viewer[0].quiet()
})

test('[TB-36] typing of somebody who may not send there is ignored without a word', async () => {
  await using world = await openWorld()
  const { alice, viewer, bot } = await crowd(world)
  viewer[0].send({ type: 'typing' })
  await viewer[0].quiet()
  bot[0].send({ type: 'typing', to_username: 'alice' })
  await bot[0].quiet()
  await alice[0].quiet()
})

test('[TB-36] typing is not answered either when its recipient cannot be looked up', async () => {
  const broken = new Error('cannot read')
  const store = openMemoryStore()
  const userByName: Store['userByName'] = key => (key === 'nobody' ? Promise.reject(broken) : store.userByName(key))
  await using world = await openWorld({ store: { ...store, userByName } })
  const alice = await world.connect(await world.member('alice'))
  alice.send({ type: 'typing', to_username: 'nobody' })
  await alice.quiet()
  expect(world.faults.splice(0)).toEqual([broken])
})

test('[TB-37] typing is passed on once a second from one user to one place', async () => {
  await using world = await openWorld()
  const { alice, bob, bot } = await crowd(world)
  const compose = async (toUsername?: string) => {
    for (const client of [alice[0], alice[1]]) {
      for (let i = 0; i < 5; i++) client.send({ type: 'typing', to_username: toUsername })
      await client.quiet()
    }
  }
  const once = { type: 'typing', username: 'alice' }
  await compose()
  expect(await bob[0].next()).toEqual({ ...once, to_username: null })
  await compose('bob')
  expect(await bob[0].next()).toEqual({ ...once, to_username: 'bob' })
  await compose('bot')
  expect(await bot[0].take(2)).toEqual([
    { ...once, to_username: null },
    { ...once, to_username: 'bot' },
  ])
  world.clock.advance(999)
  await compose()
  await bob[0].quiet()
  world.clock.advance(1)
  await compose()
  expect(await bob[0].next()).toEqual({ ...once, to_username: null })
  await bob[0].quiet()
})

test('[TB-38] a message sent by another way is pushed alike, and nothing goes to the sockets of its sender', async () => {
  await using world = await openWorld()
  const { alice, bob } = await crowd(world)
  const room = await world.execute(alice[2], { type: 'message.send', to: { at: 'lobby' }, body: 'by HTTP' })
  const direct = await world.execute(alice[2], { type: 'message.send', to: { at: 'direct', name: 'bob' }, body: 'you' })
  for (const client of [bob[0], bob[1]]) {
    expect(await client.take(2)).toMatchObject([{ id: room.message.id }, { id: direct.message.id }])
    await client.quiet()
  }
  await alice[0].quiet()
  await alice[1].quiet()
})

test('[TB-39] an announcement reaches everyone, its author too, and counts as an unread room message', async () => {
  await using world = await openWorld()
  const { alice, bob, viewer, bot } = await crowd(world)
  const admin = await world.member('root', 'admin')
  const root = await world.connect(admin)
  const { message } = await world.execute(admin, { type: 'message.announce', body: 'back in a minute' })
  for (const client of [alice[0], alice[1], bob[0], viewer[0], bot[0], root]) {
    expect(await client.next()).toMatchObject({ id: message.id, message_type: 'system', to_username: null })
    await client.quiet()
  }
  expect(await bob[0].ask({ type: 'get_unread_count' })).toMatchObject({ unread_room_messages: 1 })
  expect(await root.ask({ type: 'get_unread_count' })).toMatchObject({ unread_room_messages: 0 })
  expect(await bob[0].ask({ type: 'get_messages' })).toMatchObject({ messages: [{ message_type: 'system' }] })
})

test('[TB-39] only admins announce', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  await expect(world.execute(alice, { type: 'message.announce', body: 'I rule' })).rejects.toThrow('role_forbids')
})
