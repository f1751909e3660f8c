import { expect, test } from 'vitest'
import { gatedStore } from '../../sessions/stores.ts'
import { until } from '../../world.ts'
import { chat, inKitchen, openScene, twoInRoom } from './scene.ts'

test('[ROOMS-20] a message is confirmed to the connection that sent it and shown to all of the others’', async () => {
  const { world: opened, ada, bob, a, b } = await twoInRoom('shared')
  await using world = opened
  const [a2, b2] = [await world.joinRooms(ada), await world.joinRooms(bob)]
  const confirmed = await a.ask(inKitchen('Hello 漢 \u{1f600}', 'msg-1.5'))
  expect(confirmed).toEqual({
    type: 'delivery_confirmation',
    data: {
      message_id: 'msg-1.5',
      id: expect.any(String),
      status: 'delivered',
      timestamp: '2026-01-01T00:00:00.000Z',
    },
    ...{ room_id: 'kitchen', message_id: 'msg-1.5', user_id: null, timestamp: '2026-01-01T00:00:00.000Z' },
  })
  const { id } = confirmed.data
  for (const client of [b, b2]) {
    expect(await client.next()).toEqual({
      type: 'chat',
      data: {
        ...{ role: 'user', content: 'Hello 漢 \u{1f600}', user_id: ada.user.id, username: 'ada' },
        ...{ message_id: id, client_id: 'msg-1.5', conversation_id: expect.any(Number) },
        timestamp: '2026-01-01T00:00:00.000Z',
      },
      ...{ room_id: 'kitchen', message_id: id, user_id: ada.user.id, timestamp: '2026-01-01T00:00:00.000Z' },
    })
  }
  // The sender is excluded as a user.
  for (const client of [a, a2, b, b2]) await client.quiet()
})

test('[ROOMS-20] without an id of the client’s the confirmation has the one that was made', async () => {
  const { world: opened, a, b } = await twoInRoom('shared')
  await using _world = opened
  const { data, message_id } = await a.ask(inKitchen('hi'))
  expect(data.message_id).toBe(data.id)
  expect(message_id).toBe(data.id)
  expect((await b.next()).data).toMatchObject({ message_id: data.id, client_id: null })
})

test('[ROOMS-21] nothing is confirmed or shown before it is stored; answers come in the order of the frames', async () => {
  const store = gatedStore()
  const { world: opened, a, b } = await twoInRoom('shared', { store })
  await using _world = opened
  using _shut = store.shut()
  for (const id of ['1', '2', '3']) a.send(inKitchen(id, id))
  a.send({ type: 'leave_room', data: {}, message_id: '4' })
  await until(() => store.waiting === 1)
  for (const client of [a, b]) await client.nothingYet()
  store.open()
  expect((await a.take(4)).map(frame => frame.message_id)).toEqual(['1', '2', '3', '4'])
  expect((await b.take(3)).map(frame => frame.data.content)).toEqual(['1', '2', '3'])
})

test('[ROOMS-22] the same id, room and text is a retry: confirmed again as the first, and shown once', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared')
  await using world = opened
  const first = await a.ask(inKitchen('hi', 'm'))
  expect((await a.ask(inKitchen('hi', 'm'))).data).toEqual(first.data)
  const a2 = await world.joinRooms(ada)
  expect((await a2.ask(inKitchen('hi', 'm'))).data).toEqual(first.data)
  expect((await b.next()).data.message_id).toBe(first.data.id)
  await b.quiet()
})

test('[ROOMS-22] an id that was used for another text or room is that of a new message', async () => {
  const { world: opened, a, b } = await twoInRoom('shared')
  await using _world = opened
  const first = await a.ask(inKitchen('hi', 'm'))
  const other = await a.ask(inKitchen('ho', 'm'))
  expect(other.data.message_id).toBe('m')
  expect(other.data.id).not.toBe(first.data.id)
  expect((await b.take(2)).map(frame => frame.data.content)).toEqual(['hi', 'ho'])
  a.send({ type: 'join_room', data: { room_id: 'hall' } })
  await a.expect('join_room')
  const elsewhere = await a.ask(chat('hi', { room_id: 'hall', message_id: 'm' }))
  expect(elsewhere.data.id).not.toBe(first.data.id)
  await b.quiet()
})

test('[ROOMS-23] a room that one may go into is entered by speaking in it; one that is closed to one is refused', async () => {
  const { world: opened, ada, bob, a, b } = await twoInRoom('shared')
  await using world = opened
  const cleo = await world.member('cleo')
  const c = await world.joinRooms(cleo)
  expect(await c.ask(inKitchen('I am here', 'm'))).toMatchObject({ type: 'delivery_confirmation' })
  for (const client of [a, b]) {
    const [joined, said] = await client.take(2)
    expect(joined?.data).toMatchObject({ action: 'user_joined', user_id: cleo.user.id, participants_count: 3 })
    expect(said?.data).toMatchObject({ content: 'I am here', user_id: cleo.user.id })
  }
  a.send(inKitchen('welcome'))
  expect((await c.next()).data).toMatchObject({ content: 'welcome' })

  await world.execute(ada, { type: 'room.make', label: 'club', name: null, kind: 'group' })
  expect(await c.ask(chat('let me in', { room_id: 'club', message_id: 'x' }))).toMatchObject({
    ...{ type: 'error', message_id: 'x', room_id: 'club' },
    data: { error: 'Access denied to room', code: 'ROOM_ACCESS_DENIED' },
  })
  await world.execute(bob, { type: 'room.make', label: 'den', name: null, kind: 'private' })
  await world.execute(bob, { type: 'room.change', ref: { by: 'label', label: 'den' }, patch: { isClosed: true } })
  expect((await c.ask(chat('and here', { room_id: 'den' }))).data.code).toBe('ROOM_ACCESS_DENIED')
  await c.quiet()
  expect(await world.store.membership((await world.store.labelled('den'))!.id, cleo.user.id)).toBeUndefined()
})

test('[ROOMS-23] several messages to a room that is entered by them keep their order', async () => {
  const { world: opened, a } = await twoInRoom('shared')
  await using world = opened
  const c = await world.joinRooms(await world.member('cleo'))
  const texts = Array.from({ length: 30 }, (_, i) => `message ${i}`)
  for (const text of texts) c.send(inKitchen(text, text))
  expect((await c.take(30)).map(frame => frame.message_id)).toEqual(texts)
  await a.expect('system')
  expect((await a.take(30)).map(frame => frame.data.content)).toEqual(texts)
})

test('[ROOMS-24] what is sent to a room that was deleted is refused for ever', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared')
  await using world = opened
  await world.execute(ada, { type: 'room.delete', ref: { by: 'label', label: 'kitchen' } })
  for (const client of [a, b]) {
    await client.expect('leave_room')
    expect((await client.ask(inKitchen('anybody?'))).data.code).toBe('ROOM_ACCESS_DENIED')
  }
})

test('[ROOMS-25] an unknown room is answered to its sender alone, in a conversation, and nobody else is told', async () => {
  const scene = await openScene()
  await using world = scene.world
  const [a, a2] = [await world.joinRooms(scene.ada), await world.joinRooms(scene.ada)]
  const b = await world.joinRooms(scene.bob)
  a.send(chat('anybody?', { room_id: 'nowhere', message_id: 'm' }))
  await a.expect('delivery_confirmation')
  expect((await a.expect('typing')).data).toMatchObject({ user_id: 'assistant', is_typing: true, room_id: null })
  await until(() => scene.agent.asked.length === 1)
  scene.agent.asked[0]?.script.say('only me')
  scene.agent.asked[0]?.script.finish()
  const [chunk, stopped, done] = await a.take(3)
  expect(chunk?.data).toMatchObject({ content: 'only me', message_id: 'm' })
  expect(stopped?.data).toMatchObject({ is_typing: false })
  expect(done?.data).toMatchObject({ done: true, conversation_id: chunk?.data.conversation_id })
  // No room was made by that.
  expect(await world.store.labelled('nowhere')).toBeUndefined()
  await a2.quiet()
  await b.quiet()
})
