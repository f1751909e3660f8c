import { expect, test } from 'vitest'
import { openWorld } from '../../world.ts'
import { Level2Client, short } from './client.ts'

const by = (label: string) => ({ by: 'label', label }) as const

async function scene() {
  const world = await openWorld()
  const [ada, bob, eve] = [await world.member('ada'), await world.member('bob'), await world.member('eve')]
  const [a, b, e] = [
    await Level2Client.live(world, ada),
    await Level2Client.live(world, bob),
    await Level2Client.live(world, eve),
  ]
  return { world, ada, bob, eve, a, b, e }
}

test('[ROOMS-130] rooms are listed with the newest activity first, in pages, with what is unread in all', async () => {
  const { world: opened, bob, a, b } = await scene()
  await using world = opened
  for (const label of ['one', 'two', 'three']) {
    world.clock.advance(1000)
    await a.join(label)
    await b.join(label)
  }
  world.clock.advance(1000)
  await a.say('two', 'hello')
  await a.say('two', 'hello again')
  world.clock.advance(1000)
  const direct = await a.say(`dm:${bob.user.id}`, 'psst')
  const list = async (data: object = {}) => (await b.ask({ type: 'rooms', data })).data as unknown as Listed // as the schema says
  const { rooms, total, unread_total } = await list()
  // The lobby is as old as the server, whose clock stands still elsewhere.
  const made = rooms.filter(({ room_id }) => room_id !== 'lobby')
  expect(made.map(({ room_id }) => room_id)).toEqual([expect.stringMatching(/^dm:/), 'two', 'three', 'one'])
  expect([total, unread_total]).toEqual([5, 3])
  expect(made[0]).toMatchObject({ room: direct.room, room_type: 'direct', unread: 1, peer: { username: 'ada' } })
  expect(made[1]).toMatchObject({
    room_type: 'shared',
    seq: 4,
    ordinal: 2,
    unread: 2,
    read_to: 0,
    participants_count: 2,
  })
  const pages = [await list({ limit: 2 }), await list({ offset: 2, limit: 2 }), await list({ offset: 4, limit: 2 })]
  expect(pages.flatMap(page => page.rooms)).toEqual(rooms)
  expect(pages.map(page => page.total)).toEqual([5, 5, 5])
  expect((await list({ offset: 9 })).rooms).toEqual([])
})

interface Listed {
  readonly rooms: readonly { readonly room_id: string }[]
  readonly total: number
  readonly unread_total: number
}

test('[ROOMS-131] who comes and goes is told in the log; who left hears it once and then nothing more', async () => {
  const { world: opened, bob, a, b } = await scene()
  await using world = opened
  const room = await a.join('kitchen')
  const other = await Level2Client.live(world, bob)
  await b.join('kitchen')
  expect((await a.events(room)).map(short)).toEqual(['member_joined 1', 'member_joined 2'])
  const joined = (await other.all()).filter(({ data }) => data.room === room)
  expect(joined.map(short)).toEqual(['room_added 2', 'member_joined 2'])
  expect(joined[0]?.data).toMatchObject({ room_id: 'kitchen', room_type: 'shared', closed: false })
  expect(joined[1]?.data).toMatchObject({ user_id: bob.user.id, username: 'bob', participants_count: 2 })
  const again = await b.ask({ type: 'join_room', data: { room_id: 'kitchen' } })
  expect(again).toMatchObject({ type: 'join_room', data: { room, seq: 2, participants_count: 2 } })
  expect(await b.ask({ type: 'leave_room', data: { room_id: 'kitchen' } })).toMatchObject({ type: 'leave_room' })
  await a.say('kitchen', 'without bob')
  for (const client of [b, other]) {
    const left = (await client.events(room)).filter(({ type }) => type !== 'member_joined')
    expect(left.map(short)).toEqual(['member_left 3'])
    expect(left[0]?.data).toMatchObject({ user_id: bob.user.id, participants_count: 1 })
  }
  expect(await b.ask({ type: 'leave_room', data: { room_id: 'kitchen' } })).toMatchObject({
    data: { code: 'NOT_MEMBER' },
  })
  expect(await b.ask({ type: 'room', room_id: 'kitchen' })).toMatchObject({ data: { code: 'NOT_MEMBER' } })
})

test('[ROOMS-131] who is put out of a room hears it, and who is brought into one', async () => {
  const { world: opened, ada, bob, a, b } = await scene()
  await using world = opened
  const room = await a.join('team', 'group')
  expect(await b.ask({ type: 'join_room', data: { room_id: 'team' } })).toMatchObject({
    type: 'error',
    data: { code: 'ROOM_ACCESS_DENIED' },
  })
  await world.execute(ada, { type: 'members.add', ref: by('team'), user: bob.user.id })
  const added = (await b.all()).filter(({ data }) => data.room === room)
  expect(added.map(short)).toEqual(['room_added 2', 'member_joined 2'])
  await a.say('team', 'welcome')
  await world.execute(ada, { type: 'members.remove', ref: by('team'), user: bob.user.id })
  await a.say('team', 'he is gone')
  expect((await b.events(room)).map(short)).toEqual(['chat 3', 'member_left 4'])
  expect(await b.ask({ type: 'chat', data: { message: 'let me in' }, room_id: 'team' })).toMatchObject({
    data: { code: 'ROOM_ACCESS_DENIED' },
  })
})

test('[ROOMS-132] the owner changes a room and hands it on; everybody hears what it is now', async () => {
  const { world: opened, ada, bob, a, b, e } = await scene()
  await using world = opened
  const room = await a.join('kitchen')
  await b.join('kitchen')
  const change = (client: Level2Client, data: object) => client.ask({ type: 'change_room', room_id: 'kitchen', data })
  expect(await change(b, { closed: true })).toMatchObject({ type: 'error', data: { code: 'NOT_OWNER' } })
  expect(await change(a, {})).toMatchObject({ type: 'error', data: { code: 'NOTHING_TO_CHANGE' } })
  expect(await change(a, { owner: world.core.context.directory.lobby.id })).toMatchObject({ type: 'error' })
  expect(await change(a, { closed: true, name: 'Ours', assistant: 'off' })).toMatchObject({
    type: 'room',
    data: { room, room_name: 'Ours', closed: true, assistant: 'off', owner: ada.user.id },
  })
  expect(await e.ask({ type: 'join_room', data: { room_id: 'kitchen' } })).toMatchObject({
    data: { code: 'ROOM_ACCESS_DENIED' },
  })
  await b.say('kitchen', '@assistant 1+1')
  expect(await change(a, { owner: bob.user.id })).toMatchObject({ data: { owner: bob.user.id } })
  expect(await change(a, { closed: false })).toMatchObject({ data: { code: 'NOT_OWNER' } })
  expect(await change(b, { closed: false, assistant: 'always' })).toMatchObject({ data: { closed: false } })
  const changes = (await b.events(room)).filter(({ type }) => type !== 'member_joined')
  expect(changes.map(short)).toEqual(['room_changed 3', 'chat 4', 'room_changed 5', 'room_changed 6'])
  expect(changes[0]?.data).toEqual({
    ...{ room, seq: 3, room_name: 'Ours', owner: ada.user.id, assistant: 'off', closed: true },
  })
  await e.join('kitchen')
  await e.say('kitchen', '20+2')
  expect((await e.shown('chat', ({ role }) => role === 'assistant')).data).toMatchObject({ content: '20+2 = 22' })
})

test('[ROOMS-133] a room shows its people and who is typing', async () => {
  const { world: opened, ada, bob, a, b } = await scene()
  await using _world = opened
  await a.join('kitchen')
  await b.join('kitchen')
  a.wire.send({ type: 'typing', data: { is_typing: true }, room_id: 'kitchen' })
  await b.shown('typing')
  expect((await b.ask({ type: 'room', room_id: 'kitchen' })).data).toMatchObject({
    members: [
      { user_id: ada.user.id, username: 'ada' },
      { user_id: bob.user.id, username: 'bob' },
    ],
    typing_users: [ada.user.id],
  })
})
