import { expect, test } from 'vitest'
import { type Frame, openWorld, type TestClient, type World } from '../world.ts'

const contents = (answer: Frame): unknown[] => (answer.messages as Frame[]).map(message => message.content)

async function conversation(world: World): Promise<{ a: TestClient; b: TestClient; carol: TestClient }> {
  const a = await world.connect(await world.member('alice'))
  const b = await world.connect(await world.member('bob'))
  const carol = await world.connect(await world.member('carol'))
  for (const content of ['one', 'two', 'three']) {
    await a.say(content)
    world.clock.advance(1000)
  }
  await a.say('to bob', 'bob')
  await b.take(4)
  await b.say('to alice', 'alice')
  await a.next()
  await carol.take(3)
  return { a, b, carol }
}

test('[TB-50] room history is newest first and holds no direct messages', async () => {
  await using world = await openWorld()
  const { carol } = await conversation(world)
  const answer = await carol.ask({ type: 'get_messages' })
  expect(contents(answer)).toEqual(['three', 'two', 'one'])
  expect(answer).toMatchObject({ type: 'messages', pagination: { total: 3, offset: 0, limit: 50, has_more: false } })
})

test('[TB-50] direct history holds what one sent or received, newest first', async () => {
  await using world = await openWorld()
  const { a, b, carol } = await conversation(world)
  for (const client of [a, b]) {
    const answer = await client.ask({ type: 'get_direct_messages' })
    expect(answer.type).toBe('direct_messages')
    expect(contents(answer)).toEqual(['to alice', 'to bob'])
  }
  expect(contents(await carol.ask({ type: 'get_direct_messages' }))).toEqual([])
})

test('[TB-50] a viewer reads direct messages of others only where roles are self-assigned', async () => {
  for (const selfAssignedRoles of [false, true]) {
    await using world = await openWorld({ settings: { selfAssignedRoles } })
    await conversation(world)
    const viewer = await world.connect(await world.member('viewer', 'viewer'))
    const answer = await viewer.ask({ type: 'get_direct_messages' })
    expect(contents(answer)).toEqual(selfAssignedRoles ? ['to alice', 'to bob'] : [])
  }
})

test.each([
  [{}, { limit: 50, offset: 0, returned: 3, has_more: false }],
  [{ limit: 2 }, { limit: 2, offset: 0, returned: 2, has_more: true }],
  [
    { limit: 2, offset: 1 },
    { limit: 2, offset: 1, returned: 2, has_more: false },
  ],
  [
    { limit: 2, offset: 5 },
    { limit: 2, offset: 5, returned: 0, has_more: false },
  ],
  [{ limit: 0 }, { limit: 1, offset: 0, returned: 1, has_more: true }],
  [
    { limit: -5, offset: -5 },
    { limit: 1, offset: 0, returned: 1, has_more: true },
  ],
  [{ limit: 5000 }, { limit: 1000, offset: 0, returned: 3, has_more: false }],
])('[TB-51] page %j', async (page, { returned, ...pagination }) => {
  await using world = await openWorld()
  const { carol } = await conversation(world)
  const answer = await carol.ask({ type: 'get_messages', ...page })
  expect(answer.pagination).toEqual({ ...pagination, total: 3 })
  expect(contents(answer)).toHaveLength(returned)
})

test.each([{ limit: '10' }, { limit: 1.5 }, { offset: 'x' }, { limit: {} }, { offset: 1e300 }])(
  '[TB-51] a page of %j is an error that names the field',
  async page => {
    await using world = await openWorld()
    const { carol } = await conversation(world)
    const answer = await carol.ask({ type: 'get_unread_messages', ...page })
    expect(answer).toEqual({ type: 'error', error: expect.stringMatching(/^(limit|offset): /) })
  },
)

test.each([
  '2026-01-01T00:00:01Z',
  '2026-01-01T00:00:01.000Z',
  '2026-01-01T00:00:01.000000+00:00',
  '2026-01-01T02:00:01+02:00',
  '2025-12-31T19:00:01-0500',
  '2026-01-01T00:00:01',
  '2026-01-01 00:00:01.000',
  '2026-01-01T00:00:01 00:00',
])('[TB-52] since %s means strictly later', async since => {
  await using world = await openWorld()
  const { carol } = await conversation(world)
  const answer = await carol.ask({ type: 'get_messages', since })
  expect(contents(answer)).toEqual(['three'])
  expect(answer.pagination).toMatchObject({ total: 1 })
})

test('[TB-52] since a day means its beginning in UTC, and the future holds nothing', async () => {
  await using world = await openWorld()
  const { carol } = await conversation(world)
  expect(contents(await carol.ask({ type: 'get_messages', since: '2025-12-31' }))).toHaveLength(3)
  expect(contents(await carol.ask({ type: 'get_messages', since: '2026-01-01' }))).toEqual(['three', 'two'])
  expect(contents(await carol.ask({ type: 'get_messages', since: '2999-01-01T00:00:00Z' }))).toEqual([])
})

test.each(['', 'now', '2026-13-01', '2026-02-30T25:00:00Z', '1767225600', '2026-01-01T00:00:00Zjunk', '01/02/2026'])(
  '[TB-52] since "%s" is no time',
  async since => {
    await using world = await openWorld()
    const carol = await world.connect(await world.member('carol'))
    const answer = await carol.ask({ type: 'get_direct_messages', since })
    expect(answer).toEqual({ type: 'error', error: 'Invalid timestamp format. Use ISO 8601 format.' })
  },
)

test('[TB-53] unread lists are oldest first, paged, and shrink as messages are read', async () => {
  await using world = await openWorld()
  const { a, b, carol } = await conversation(world)
  const unread = await carol.ask({ type: 'get_unread_messages' })
  expect(unread.type).toBe('unread_messages')
  expect(contents(unread)).toEqual(['one', 'two', 'three'])
  expect(contents(await carol.ask({ type: 'get_unread_messages', limit: 1, offset: 1 }))).toEqual(['two'])
  const [, second] = unread.messages as Frame[]
  await carol.ask({ type: 'mark_read', message_id: second?.id })
  expect(contents(await carol.ask({ type: 'get_unread_messages' }))).toEqual(['one', 'three'])
  expect(contents(await carol.ask({ type: 'get_unread_direct_messages' }))).toEqual([])
  const direct = await b.ask({ type: 'get_unread_direct_messages' })
  expect(direct.type).toBe('unread_direct_messages')
  expect(contents(direct)).toEqual(['to bob'])
  await a.next()
})

test('[TB-54] users come in order of registration without viewers, and show what is public', async () => {
  await using world = await openWorld()
  const admin = await world.member('root', 'admin')
  const alice = await world.connect(await world.member('alice'))
  const viewer = await world.connect(await world.member('viewer', 'viewer'))
  await world.member('bot', 'bot')
  await world.execute('operator', {
    type: 'admin.change',
    ref: 'root',
    patch: { email: 'root@example.org', emoji: '👑' },
  })
  const { users } = await alice.ask({ type: 'get_users' })
  expect((users as Frame[]).map(user => user.username)).toEqual(['root', 'alice', 'bot owner', 'bot'])
  expect((users as Frame[])[0]).toEqual({
    id: admin.user.id,
    username: 'root',
    role: 'admin',
    logo: null,
    emoji: '👑',
    bot: false,
    viewer: false,
  })
  const online = await viewer.ask({ type: 'get_online_users' })
  expect(online.type).toBe('online_users')
  expect((online.users as Frame[]).map(user => user.username)).toEqual(['alice', 'viewer'])
})

test('[TB-54] a profile is found by name or id, a deleted one is not', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  const bob = await world.member('bob')
  for (const username of ['bob', bob.user.id]) {
    const answer = await alice.ask({ type: 'get_user_profile', username })
    expect(answer).toMatchObject({ type: 'user_profile', user: { id: bob.user.id, username: 'bob', role: 'member' } })
  }
  await world.execute('operator', { type: 'admin.delete', ref: 'bob' })
  const answer = await alice.ask({ type: 'get_user_profile', username: 'bob' })
  expect(answer).toEqual({ type: 'error', error: 'User bob not found' })
})

test('[TB-56] an admin deletes any message by frame: nobody is told, and it is gone from history', async () => {
  await using world = await openWorld()
  const { a, carol } = await conversation(world)
  const root = await world.connect(await world.member('root', 'admin'))
  const [newest] = (await root.ask({ type: 'get_messages' })).messages as Frame[]
  const answer = await root.ask({ type: 'delete_message', message_id: newest?.id })
  expect(answer).toEqual({ type: 'message_deleted', message_id: newest?.id })
  expect(contents(await carol.ask({ type: 'get_messages' }))).toEqual(['two', 'one'])
  await a.quiet()
  expect(await root.ask({ type: 'delete_message', message_id: newest?.id })).toMatchObject({ type: 'error' })
})

test('[TB-57] a user who was renamed has the new name in stored messages, and the author of old ones stays after deletion', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const a = await world.connect(alice)
  const b = await world.connect(await world.member('bob'))
  await a.say('one')
  await b.next()
  await world.execute(alice, { type: 'me.rename', name: 'Alicia' })
  expect(await a.say('two')).toMatchObject({ from_username: 'Alicia' })
  await b.next()
  const names = async () => ((await b.ask({ type: 'get_messages' })).messages as Frame[]).map(one => one.from_username)
  expect(await names()).toEqual(['Alicia', 'Alicia'])
  expect(await b.ask({ content: 'hi', to_username: 'alice' })).toEqual({ type: 'error', error: 'User alice not found' })
  await world.execute('operator', { type: 'admin.delete', ref: 'Alicia' })
  expect(await names()).toEqual(['Alicia', 'Alicia'])
})

test('[TB-58] a page ends where it would hold more than half a million characters; what is left has its offset', async () => {
  await using world = await openWorld()
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  for (let i = 0; i < 60; i++) {
    await world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body: `${i} ${'x'.repeat(9_990)}` })
  }
  const b = await world.connect(bob)
  const seen: unknown[] = []
  for (let more = true; more; ) {
    const page = await b.ask({ type: 'get_messages', limit: 1_000, offset: seen.length })
    const { messages, pagination } = page as unknown as {
      messages: { id: string; content: string }[]
      pagination: { has_more: boolean }
    }
    expect(messages.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(512 * 1024)
    seen.push(...messages.map(({ id }) => id))
    more = pagination.has_more
  }
  expect(new Set(seen).size).toBe(60)
  const unread = (await b.ask({ type: 'get_unread_messages', limit: 1_000 })) as unknown as { messages: unknown[] }
  expect(unread.messages.length).toBe(52)
})
