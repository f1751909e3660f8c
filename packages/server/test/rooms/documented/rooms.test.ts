import { expect, test } from 'vitest'
import { until } from '../../world.ts'
import { chat, openScene, twoInRoom } from './scene.ts'

const join = (data: object, more: object = {}) => ({ type: 'join_room', data, ...more })
const leave = (data: object, more: object = {}) => ({ type: 'leave_room', data, ...more })
const DENIED = { type: 'error', data: { error: 'Access denied to room', code: 'ROOM_ACCESS_DENIED' } }

test('[ROOMS-50] a room is made by joining it, and whoever joins then finds it as it is', async () => {
  const scene = await openScene()
  await using world = scene.world
  const { ada, bob } = scene
  const [a, b] = [await world.joinRooms(ada), await world.joinRooms(bob)]
  const made = await a.ask(join({ room_id: 'team', room_name: 'The team', room_type: 'shared' }, { message_id: 'j' }))
  expect(made).toEqual({
    type: 'join_room',
    data: {
      ...{ room_id: 'team', room_name: 'The team', room_type: 'shared', participants: [ada.user.id] },
      ...{ participants_count: 1, joined_at: '2026-01-01T00:00:00.000Z' },
    },
    ...{ room_id: 'team', message_id: 'j', user_id: null, timestamp: expect.any(String) },
  })
  const found = await b.ask(join({ room_id: 'team', room_name: 'Mine', room_type: 'private' }))
  expect(found.data).toMatchObject({ room_name: 'The team', room_type: 'shared', participants_count: 2 })
  expect(found.data.participants).toEqual(expect.arrayContaining([ada.user.id, bob.user.id]))
  expect(await a.next()).toMatchObject({
    type: 'system',
    data: { action: 'user_joined', user_id: bob.user.id, room_id: 'team', participants_count: 2 },
    ...{ room_id: 'team', user_id: bob.user.id },
  })
  for (const client of [a, b]) await client.quiet()
})

test('[ROOMS-50] a name and a kind that nobody gave: the id, and private', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  expect((await a.ask(join({ room_id: 'r 1' }))).data).toMatchObject({ room_name: 'r 1', room_type: 'private' })
  expect((await a.ask(join({ room_id: 'r2', room_name: '', room_type: null }))).data).toMatchObject({
    ...{ room_name: 'Room r2', room_type: 'private' },
  })
  // The id may also be in the envelope.
  expect((await a.ask(join({}, { room_id: 'r3' }))).data.room_id).toBe('r3')
})

test('[ROOMS-51] joining again is confirmed again, and nobody is told', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared')
  await using world = opened
  world.clock.advance(60_000)
  const again = await a.ask(join({ room_id: 'kitchen' }))
  expect(again.data).toMatchObject({ participants_count: 2, joined_at: '2026-01-01T00:00:00.000Z' })
  const a2 = await world.joinRooms(ada, { room_id: 'kitchen' })
  for (const client of [a, a2, b]) await client.quiet()
})

test('[ROOMS-51] of somebody who joins the other connections are in the room, too', async () => {
  const { world: opened, ada, b } = await twoInRoom('shared')
  await using world = opened
  const cleo = await world.member('cleo')
  const [c, c2] = [await world.joinRooms(cleo), await world.joinRooms(cleo)]
  await c.ask(join({ room_id: 'kitchen' }))
  await b.expect('system')
  await world.execute(ada, {
    ...{ type: 'message.send', to: { at: 'room', ref: { by: 'label', label: 'kitchen' }, unknown: 'refuse' } },
    body: 'hello',
  })
  for (const client of [c, c2]) expect((await client.expect('chat')).data.content).toBe('hello')
})

test('[ROOMS-52] a frame without a room, and a kind or an id that there can’t be', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  for (const type of ['join_room', 'leave_room']) {
    for (const data of [undefined, null, {}, { room_id: null }, { room_id: '' }]) {
      expect(await a.ask({ type, data })).toMatchObject({
        ...{ type: 'error', data: { error: 'room_id is required', code: 'INVALID_MESSAGE' } },
      })
    }
    expect((await a.ask({ type, data: { room_id: 5 } })).data.code).toBe('INVALID_MESSAGE')
  }
  for (const room_id of ['dm:someone', 'conversation:1', 'x'.repeat(256)]) {
    expect(await a.ask(join({ room_id }))).toMatchObject(DENIED)
  }
  for (const room_type of ['public', 'direct', 'lobby', '', 'conversation']) {
    expect(await a.ask(join({ room_id: 'new', room_type }))).toMatchObject(DENIED)
  }
  expect(await world.store.labelled('new')).toBeUndefined()
  // As many code points as may be.
  expect(await a.ask(join({ room_id: '\u{1f600}'.repeat(255) }))).toMatchObject({ type: 'join_room' })
})

test('[ROOMS-53] a group takes its owner, whom they or an admin bring, and admins; others hear nothing of it', async () => {
  const scene = await openScene()
  await using world = scene.world
  const { ada, bob } = scene
  const root = await world.member('root', 'admin')
  const [a, b, r] = [await world.joinRooms(ada), await world.joinRooms(bob), await world.joinRooms(root)]
  await a.ask(join({ room_id: 'club', room_type: 'group' }))
  expect(await b.ask(join({ room_id: 'club' }))).toMatchObject({ ...DENIED, room_id: 'club' })
  expect(await b.ask(leave({ room_id: 'club' }))).toMatchObject({ data: { error: 'Not in room' } })
  await a.quiet()
  await world.execute(ada, { type: 'members.add', ref: { by: 'label', label: 'club' }, user: bob.user.id })
  expect((await a.expect('system')).data).toMatchObject({ action: 'user_joined', user_id: bob.user.id })
  expect(await b.ask(join({ room_id: 'club' }))).toMatchObject({ type: 'join_room', data: { room_type: 'group' } })
  expect(await r.ask(join({ room_id: 'club' }))).toMatchObject({ type: 'join_room', data: { participants_count: 3 } })
  // The owner comes back after leaving; somebody who was brought does not.
  await a.expect('system')
  await b.expect('system')
  expect(await a.ask(leave({ room_id: 'club' }))).toMatchObject({ type: 'leave_room' })
  expect(await a.ask(join({ room_id: 'club' }))).toMatchObject({ type: 'join_room' })
  await b.take(2)
  expect(await b.ask(leave({ room_id: 'club' }))).toMatchObject({ type: 'leave_room' })
  expect(await b.ask(join({ room_id: 'club' }))).toMatchObject(DENIED)
})

test('[ROOMS-53] a room that its owner closed takes nobody further, and keeps who is in it', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('private')
  await using world = opened
  await world.execute(ada, { type: 'room.change', ref: { by: 'label', label: 'kitchen' }, patch: { isClosed: true } })
  const c = await world.joinRooms(await world.member('cleo'))
  expect(await c.ask(join({ room_id: 'kitchen' }))).toMatchObject(DENIED)
  expect(await b.ask(join({ room_id: 'kitchen' }))).toMatchObject({ type: 'join_room' })
  await a.quiet()
})

test('[ROOMS-54] leaving is confirmed to the leaver and told to the others; nothing of the room comes after it', async () => {
  const { world: opened, bob, a, b } = await twoInRoom('shared')
  await using world = opened
  const b2 = await world.joinRooms(bob)
  expect(await b.ask(leave({ room_id: 'kitchen' }, { message_id: 'l' }))).toEqual({
    type: 'leave_room',
    data: { room_id: 'kitchen', left_at: '2026-01-01T00:00:00.000Z' },
    ...{ room_id: 'kitchen', message_id: 'l', user_id: null, timestamp: '2026-01-01T00:00:00.000Z' },
  })
  expect((await a.expect('system')).data).toEqual({
    ...{ action: 'user_left', user_id: bob.user.id, room_id: 'kitchen', participants_count: 1 },
  })
  a.send(chat('alone?', { room_id: 'kitchen' }))
  await a.expect('delivery_confirmation')
  for (const client of [b, b2]) await client.quiet()
  for (const room_id of ['kitchen', 'nowhere', 'lobby']) {
    expect(await b.ask(leave({ room_id }))).toMatchObject({ type: 'error', data: { error: 'Not in room' } })
  }
})

test('[ROOMS-54] whoever is put out of a room is shown nothing of it any more', async () => {
  const { world: opened, ada, bob, a, b } = await twoInRoom('shared')
  await using world = opened
  await world.execute(ada, { type: 'members.remove', ref: { by: 'label', label: 'kitchen' }, user: bob.user.id })
  expect((await a.expect('system')).data).toMatchObject({ action: 'user_left', user_id: bob.user.id })
  a.send(chat('gone?', { room_id: 'kitchen' }))
  await a.expect('delivery_confirmation')
  await b.quiet()
})

test('[ROOMS-55] a connection that ends leaves no room, be it one of several or the last', async () => {
  const { world: opened, bob, a, b } = await twoInRoom('shared')
  await using world = opened
  const b2 = await world.joinRooms(bob)
  for (const client of [b, b2]) {
    client.ws.close()
    await client.closed
  }
  await until(() => world.sessions.connectionsOf(bob.user.id).length === 0)
  expect((await a.ask(join({ room_id: 'kitchen' }))).data.participants_count).toBe(2)
  await a.quiet()
})

test('[ROOMS-56] a room that everybody left is found again with its owner and kind', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared')
  await using world = opened
  await a.ask(leave({ room_id: 'kitchen' }))
  await b.expect('system')
  await b.ask(leave({ room_id: 'kitchen' }))
  expect((await b.ask(join({ room_id: 'kitchen', room_type: 'group' }))).data).toMatchObject({
    ...{ room_type: 'shared', room_name: 'Room kitchen', participants_count: 1 },
  })
  expect((await world.store.labelled('kitchen'))?.owner).toBe(ada.user.id)
})

test('[ROOMS-57] of a room that is deleted everybody is told once, and its id is refused for ever', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared')
  await using world = opened
  await world.execute(ada, { type: 'room.delete', ref: { by: 'label', label: 'kitchen' } })
  for (const client of [a, b]) {
    expect(await client.next()).toMatchObject({ type: 'leave_room', data: { room_id: 'kitchen' } })
    for (const room_type of ['shared', 'private', 'group']) {
      expect(await client.ask(join({ room_id: 'kitchen', room_type }))).toMatchObject(DENIED)
    }
    expect(await client.ask(leave({ room_id: 'kitchen' }))).toMatchObject({ data: { error: 'Not in room' } })
    await client.quiet()
  }
})

test('[ROOMS-58] the lobby is there for who joins it, names the first 500 and tells of nobody', async () => {
  const scene = await openScene()
  await using world = scene.world
  for (let i = 0; i < 510; i++) await world.member(`somebody ${i}`)
  const late = await world.member('late')
  const a = await world.joinRooms(late)
  const joined = await a.ask(join({ room_id: 'lobby' }))
  expect(joined.data).toMatchObject({ room_id: 'lobby', room_type: 'shared', participants_count: expect.any(Number) })
  expect(joined.data.participants_count).toBeGreaterThanOrEqual(512)
  const participants = joined.data.participants as readonly string[] // says the schema
  expect(participants).toHaveLength(500)
  expect(participants).toContain(late.user.id)
  const b = await world.joinRooms(scene.bob, { room_id: 'lobby' })
  await b.ask(leave({ room_id: 'lobby' }))
  await b.quiet()
  await a.quiet()
})
