import { expect, test } from 'vitest'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { folder } from '../../system/folder.ts'
import { openWorld } from '../../world.ts'
import { Level2Client, short } from './client.ts'

const pair = (a: string, b: string): string => `dm:${[a, b].sort().join(':')}`

test('[ROOMS-120] the same message id is the same message for ever: over connections, restarts and its deletion', async () => {
  const directory = folder()
  const open = async () => openWorld({ store: await openSqliteStore(directory) })
  const { ada, root, room, first } = await (async () => {
    await using world = await open()
    const [ada, root] = [await world.member('ada'), await world.member('root', 'admin')]
    const a = await Level2Client.live(world, ada)
    const room = await a.join('kitchen')
    const first = await a.say('kitchen', 'Hello', 'id-1')
    expect(first.repeated).toBe(false)
    expect(await a.say('kitchen', 'Hello', 'id-1')).toEqual({ ...first, repeated: true })
    const other = await Level2Client.open(world, ada)
    expect(await other.say('kitchen', 'Hello', 'id-1')).toEqual({ ...first, repeated: true })
    expect((await a.events(room)).map(short)).toEqual(['member_joined 1', 'chat 2'])
    return { ada, root, room, first }
  })()
  await using world = await open()
  const a = await Level2Client.live(world, ada)
  expect(await a.say('kitchen', 'Hello', 'id-1')).toEqual({ ...first, repeated: true })
  await world.execute(root, { type: 'message.remove', id: first.id })
  expect(await a.say('kitchen', 'Hello', 'id-1')).toMatchObject({ id: first.id, seq: first.seq, repeated: true })
  expect((await a.events(room)).map(short)).toEqual(['message_deleted 3'])
})

test('[ROOMS-120] a message that is sent from two connections at once is one', async () => {
  await using world = await openWorld({ store: await openSqliteStore(folder()) })
  const ada = await world.member('ada')
  const clients = [await Level2Client.live(world, ada), await Level2Client.live(world, ada)]
  const [a] = clients
  const room = await a?.join('kitchen')
  for (const room_id of ['kitchen', undefined]) {
    const id = `twice-${room_id}`
    const message = { type: 'chat', data: { message: 'twice' }, ...(room_id && { room_id }) }
    const [one, two] = await Promise.all(clients.map(client => client.ask(message, id)))
    expect(one?.data).toEqual({ ...two?.data, repeated: !two?.data.repeated })
    expect(one?.room_id).toBe(two?.room_id)
  }
  expect((await a?.events(String(room)))?.map(short)).toEqual(['member_joined 1', 'chat 2'])
})

test('[ROOMS-121] the same message id with another text or another room is refused', async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const a = await Level2Client.live(world, ada)
  const room = await a.join('kitchen')
  await a.join('garden')
  await a.say('kitchen', 'Hello', 'id-1')
  const refused = { type: 'error', message_id: 'id-1', data: { code: 'ID_CONFLICT' } }
  const chat = (message: string, place: object) => a.ask({ type: 'chat', data: { message }, ...place }, 'id-1')
  expect(await chat('Hallo', { room_id: 'kitchen' })).toMatchObject(refused)
  expect(await chat('Hello', { room_id: 'garden' })).toMatchObject(refused)
  expect(await chat('Hello', { room_id: `dm:${bob.user.id}` })).toMatchObject(refused)
  expect(await chat('Hello', {})).toMatchObject(refused)
  expect(await chat('Hello', { room_id: 'kitchen' })).toMatchObject({ data: { repeated: true } })
  const b = await Level2Client.live(world, bob)
  await b.join('kitchen')
  // Ids are per user.
  expect(await b.say('kitchen', 'Hallo', 'id-1')).toMatchObject({ repeated: false })
  expect((await a.events(room)).map(short)).toEqual(['member_joined 1', 'chat 2', 'member_joined 3', 'chat 4'])
})

test('[ROOMS-122] a direct room is made by its first message and is new to both', async () => {
  await using world = await openWorld()
  const [ada, bob, eve] = [await world.member('ada'), await world.member('bob'), await world.member('eve')]
  const [a, b, e] = [
    await Level2Client.live(world, ada),
    await Level2Client.live(world, bob),
    await Level2Client.live(world, eve),
  ]
  const name = pair(ada.user.id, bob.user.id)
  const sent = await a.say(`dm:${bob.user.id}`, 'psst')
  expect(sent).toMatchObject({ seq: 1, ordinal: 1, conversation_id: null })
  for (const client of [a, b]) {
    const shown = (await client.all()).filter(({ type }) => type !== 'presence')
    expect(shown.map(short)).toEqual(['room_added 1', 'chat 1'])
    expect(shown[0]).toMatchObject({ room_id: name, data: { room: sent.room, room_type: 'direct', owner: null } })
    expect(shown[1]).toMatchObject({ room_id: name, data: { room: sent.room, content: 'psst', username: 'ada' } })
  }
  for (const room_id of [name, `dm:${ada.user.id}`, pair(bob.user.id, ada.user.id).toUpperCase().replace('DM', 'dm')]) {
    expect(await b.say(room_id, 'yes?')).toMatchObject({ room: sent.room })
  }
  for (const room_id of [name, `dm:${unknown(ada.user.id)}`]) {
    expect(await e.ask({ type: 'chat', data: { message: 'me too' }, room_id })).toMatchObject({ type: 'error' })
  }
  expect(await e.ask({ type: 'history', room_id: name })).toMatchObject({ data: { code: 'ROOM_UNKNOWN' } })
  expect(await e.all()).toEqual([])
  const note = await e.say(`dm:${eve.user.id}`, 'note to myself')
  expect((await e.all()).map(short)).toEqual(['room_added 1', 'chat 1'])
  expect(note.room).not.toBe(sent.room)
  const { data } = await b.ask({ type: 'open_direct', data: { username: 'ada' } })
  expect(data).toMatchObject({ room: sent.room, peer: { user_id: ada.user.id, username: 'ada' }, seq: 4 })
  expect(await b.ask({ type: 'open_direct', data: { username: 'nobody' } })).toMatchObject({
    data: { code: 'USER_UNKNOWN' },
  })
})

/** A user id that nobody has. */
const unknown = (id: string): string => id.replace(/.$/, last => (last === '0' ? '1' : '0'))

test('[ROOMS-122] what is said over Token Bowl between two people is in their direct room', async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const [a, bowl] = [await Level2Client.live(world, ada), await world.connect(bob)]
  await bowl.say('over the bowl', 'ada')
  const { data } = await a.shown('chat')
  expect(data).toMatchObject({ content: 'over the bowl', username: 'bob', seq: 1 })
  await a.say(`dm:${bob.user.id}`, 'and back')
  expect(await bowl.next()).toMatchObject({ content: 'and back', from_username: 'ada' })
  await bowl.say('to all')
  expect((await a.shown('chat')).room_id).not.toBe('lobby')
  expect(await a.shown('chat')).toMatchObject({ room_id: 'lobby', data: { content: 'to all' } })
})

test('[ROOMS-123] the assistant answers in its direct room, without being named', async () => {
  await using world = await openWorld()
  const ada = await world.member('ada')
  const a = await Level2Client.live(world, ada)
  const { data } = await a.ask({ type: 'open_direct', data: { username: 'assistant' } })
  const { user_id } = data.peer as { user_id: string }
  const asked = await a.say(`dm:${user_id}`, '2+3')
  const { data: answer } = await a.shown('chat', ({ role }) => role === 'assistant')
  expect(answer).toMatchObject({
    room: asked.room,
    content: '2+3 = 5',
    reply_to: asked.id,
    seq: 3,
    run: { state: 'completed' },
  })
})

test('[ROOMS-124] a message without a room begins a conversation, which goes on by its number', async () => {
  await using world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const [a, other, b] = [
    await Level2Client.live(world, ada),
    await Level2Client.live(world, ada),
    await Level2Client.live(world, bob),
  ]
  const { data: sent, room_id } = await a.ask({ type: 'chat', data: { message: '1+1' } })
  expect(room_id).toBe(`conversation:${sent.conversation_id}`)
  for (const client of [a, other]) {
    const added = await client.shown('room_added')
    expect(added).toMatchObject({ room_id, data: { room: sent.room, room_type: 'conversation', owner: ada.user.id } })
    expect((await client.shown('chat', ({ role }) => role === 'assistant')).data).toMatchObject({ content: '1+1 = 2' })
  }
  const { conversation_id } = sent
  for (const more of [
    { data: { message: '2+2', conversation_id } },
    { data: { message: '3+3' }, room_id: String(room_id) },
  ]) {
    expect(await a.ask({ type: 'chat', ...more })).toMatchObject({
      room_id,
      data: { conversation_id, room: sent.room },
    })
    await other.shown('chat', ({ role }) => role === 'assistant')
  }
  expect(await b.ask({ type: 'chat', data: { message: 'mine?' }, room_id: String(room_id) })).toMatchObject({
    data: { code: 'ROOM_UNKNOWN' },
  })
  expect(await b.ask({ type: 'history', room_id: String(room_id) })).toMatchObject({ data: { code: 'ROOM_UNKNOWN' } })
  expect(await b.all()).toEqual([])
  const { data: history } = await a.ask({ type: 'history', room_id: String(room_id) })
  expect((history.messages as { content: string }[]).map(({ content }) => content)).toEqual([
    ...['1+1', '1+1 = 2', '2+2', '2+2 = 4', '3+3', '3+3 = 6'],
  ])
})

test('[ROOMS-121] a message id that was used in one conversation is refused in another', async () => {
  await using world = await openWorld()
  const a = await Level2Client.live(world, await world.member('ada'))
  const one = await a.ask({ type: 'chat', data: { message: 'one' } })
  const two = await a.ask({ type: 'chat', data: { message: 'two' } })
  const chat = (room_id: string | null) =>
    a.ask({ type: 'chat', data: { message: 'again' }, ...(room_id && { room_id }) }, 'same')
  expect(await chat(one.room_id)).toMatchObject({ data: { repeated: false } })
  expect(await chat(two.room_id)).toMatchObject({ type: 'error', data: { code: 'ID_CONFLICT' } })
  expect(await chat(one.room_id)).toMatchObject({ room_id: one.room_id, data: { repeated: true, room: one.data.room } })
})

test('[ROOMS-125] a reply names a message of the same room', async () => {
  await using world = await openWorld()
  const a = await Level2Client.live(world, await world.member('ada'))
  await a.join('kitchen')
  await a.join('garden')
  const first = await a.say('kitchen', 'first')
  const reply = (reply_to: string, room_id: string) =>
    a.ask({ type: 'chat', data: { message: 'reply', reply_to }, room_id })
  expect(await reply(first.id, 'kitchen')).toMatchObject({ type: 'delivery_confirmation' })
  expect((await a.shown('chat', ({ content }) => content === 'reply')).data).toMatchObject({ reply_to: first.id })
  expect(await reply(first.id, 'garden')).toMatchObject({ type: 'error', data: { code: 'MESSAGE_UNKNOWN' } })
  expect(await reply(unknown(first.id), 'kitchen')).toMatchObject({ type: 'error', data: { code: 'MESSAGE_UNKNOWN' } })
})
