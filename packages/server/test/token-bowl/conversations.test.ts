import { expect, test } from 'vitest'
import { type Frame, openWorld, type TestClient } from '../world.ts'

const create = async (client: TestClient, fields: object): Promise<Frame> =>
  (await client.ask({ type: 'create_conversation', ...fields })).conversation as Frame

test('[TB-55] a conversation is made, shown, changed and dropped by its owner', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  const message = await alice.say('worth keeping')
  const made = await create(alice, { title: 'Plans', description: 'of ours', message_ids: [message.id] })
  expect(made).toEqual({
    id: expect.any(String),
    title: 'Plans',
    description: 'of ours',
    message_ids: [message.id],
    created_by_username: 'alice',
    created_at: '2026-01-01T00:00:00.000Z',
  })
  const { id } = made
  const shown = await alice.ask({ type: 'get_conversation', conversation_id: id })
  expect(shown).toEqual({ type: 'conversation', conversation: made })
  const changed = await alice.ask({ type: 'update_conversation', conversation_id: id, title: 'Deeds', message_ids: [] })
  expect(changed).toEqual({ type: 'conversation_updated', conversation: { ...made, title: 'Deeds', message_ids: [] } })
  const dropped = await alice.ask({ type: 'delete_conversation', conversation_id: id })
  expect(dropped).toEqual({ type: 'conversation_deleted', conversation_id: id })
  const gone = await alice.ask({ type: 'get_conversation', conversation_id: id })
  expect(gone).toEqual({ type: 'error', error: `Conversation ${id} not found` })
})

test('[TB-55] one’s own conversations, newest first, in pages of 100 at most', async () => {
  await using world = await openWorld()
  const [alice, bob] = [
    await world.connect(await world.member('alice')),
    await world.connect(await world.member('bob')),
  ]
  for (const title of ['first', 'second', 'third']) await create(alice, { title })
  await create(bob, { title: 'of bob' })
  const page = await alice.ask({ type: 'get_conversations', limit: 2 })
  expect(page).toMatchObject({
    conversations: [{ title: 'third' }, { title: 'second' }],
    pagination: { total: 3, offset: 0, limit: 2, has_more: true },
  })
  const all = await alice.ask({ type: 'get_conversations', limit: 500 })
  expect(all).toMatchObject({ pagination: { total: 3, limit: 100, has_more: false } })
})

test('[TB-55] an admin drops any conversation by frame, but neither shows nor changes it', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  const root = await world.connect(await world.member('root', 'admin'))
  const { id } = await create(alice, { title: 'mine' })
  expect(await root.ask({ type: 'get_conversation', conversation_id: id })).toMatchObject({ type: 'error' })
  expect(await root.ask({ type: 'update_conversation', conversation_id: id })).toMatchObject({ type: 'error' })
  const dropped = await root.ask({ type: 'delete_conversation', conversation_id: id })
  expect(dropped).toEqual({ type: 'conversation_deleted', conversation_id: id })
})

test('[TB-55] a viewer shows and lists everyone’s only where roles are self-assigned', async () => {
  for (const selfAssignedRoles of [false, true]) {
    await using world = await openWorld({ settings: { selfAssignedRoles } })
    const alice = await world.connect(await world.member('alice'))
    const viewer = await world.connect(await world.member('viewer', 'viewer'))
    const { id } = await create(alice, { title: 'mine' })
    const shown = await viewer.ask({ type: 'get_conversation', conversation_id: id })
    expect(shown.type).toBe(selfAssignedRoles ? 'conversation' : 'error')
    const list = await viewer.ask({ type: 'get_conversations' })
    expect(list.pagination).toMatchObject({ total: selfAssignedRoles ? 1 : 0 })
  }
})

test('[TB-55] a title has 1 to 200 code points; an empty one is an error that names it', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  const title = '\u{1f600}'.repeat(200)
  expect(await create(alice, { title })).toMatchObject({ title })
  for (const wrong of ['', `${title}x`, 5, ['a']]) {
    const answer = await alice.ask({ type: 'create_conversation', title: wrong })
    expect(answer).toEqual({ type: 'error', error: expect.stringMatching(/^title: /) })
  }
})
