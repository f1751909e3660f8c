import { expect, test } from 'vitest'
import { inKitchen, openScene, twoInRoom } from './scene.ts'

const read = (message_id: unknown) => ({ type: 'read_receipt', data: { message_id }, room_id: 'kitchen' })

test('[ROOMS-65] a receipt goes to all connections of the author, once, and nothing to the reader', async () => {
  const { world: opened, ada, bob, a, b } = await twoInRoom('shared')
  await using world = opened
  const a2 = await world.joinRooms(ada)
  a.send(inKitchen('read me', 'm'))
  await a.expect('delivery_confirmation')
  const { message_id } = (await b.expect('chat')).data
  world.clock.advance(5_000)
  b.send(read(message_id))
  for (const client of [a, a2]) {
    expect(await client.next()).toEqual({
      type: 'read_receipt',
      data: {
        ...{ message_id, user_id: bob.user.id, username: 'bob', room_id: 'kitchen' },
        timestamp: '2026-01-01T00:00:05.000Z',
      },
      ...{ room_id: 'kitchen', message_id, user_id: bob.user.id, timestamp: '2026-01-01T00:00:05.000Z' },
    })
  }
  b.send(read(message_id))
  for (const client of [b, a, a2]) await client.quiet()
})

test('[ROOMS-65] an unknown message, one’s own, one of another room and no id at all are passed over', async () => {
  const { world: opened, a, b } = await twoInRoom('shared')
  await using world = opened
  const { data } = await a.ask(inKitchen('mine', 'm'))
  await b.expect('chat')
  const c = await world.joinRooms(await world.member('cleo'))
  c.send(read(data.id))
  for (const id of ['m', 42, '00000000-0000-7000-8000-000000000000', '', null]) b.send(read(id))
  b.send({ type: 'read_receipt', data: {} })
  b.send({ type: 'read_receipt' })
  a.send(read(data.id))
  for (const client of [a, b, c]) await client.quiet()
  expect((await b.ask(read({}))).data.code).toBe('INVALID_MESSAGE')
})

test('[ROOMS-66] a Token Bowl client and one of the rooms are in the lobby together: same messages, ids and receipts', async () => {
  const scene = await openScene()
  await using world = scene.world
  const robot = await world.member('robot', 'bot')
  const a = await world.joinRooms(scene.ada, { room_id: 'lobby' })
  const bot = await world.connect(robot)
  const away = await world.joinRooms(scene.bob)

  const said = await bot.say('beep')
  expect(await a.next()).toMatchObject({
    type: 'chat',
    data: { content: 'beep', message_id: said.id, user_id: robot.user.id, username: 'robot', client_id: null },
    room_id: 'lobby',
  })
  const { data } = await a.ask({ type: 'chat', data: { message: 'hello robot' }, room_id: 'lobby', message_id: 'm' })
  expect(await bot.next()).toMatchObject({ id: data.id, content: 'hello robot', from_username: 'ada' })
  expect(await bot.ask({ type: 'get_unread_count' })).toMatchObject({ unread_room_messages: 1 })

  bot.send({ type: 'mark_read', message_id: data.id })
  expect((await bot.next()).type).toBe('marked_read')
  expect((await a.next()).data).toMatchObject({ message_id: data.id, username: 'robot', room_id: 'lobby' })
  expect(await bot.ask({ type: 'get_unread_count' })).toMatchObject({ unread_room_messages: 0 })
  a.send({ type: 'read_receipt', data: { message_id: said.id } })
  expect(await bot.next()).toMatchObject({ type: 'read_receipt', message_id: said.id, read_by: 'ada' })

  // Typing, too; and whoever did not join the lobby is shown nothing of it.
  a.send({ type: 'typing', data: { is_typing: true, room_id: 'lobby' } })
  expect(await bot.next()).toMatchObject({ type: 'typing', username: 'ada' })
  bot.send({ type: 'typing' })
  expect((await a.next()).data).toMatchObject({ username: 'robot', is_typing: true, room_id: 'lobby' })
  await away.quiet()
})

test('[ROOMS-66] the assistant that is asked in the lobby answers Token Bowl clients, too', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada, { room_id: 'lobby' })
  const bot = await world.connect(await world.member('robot', 'bot'))
  a.send({ type: 'chat', data: { message: '@assistant hi' }, room_id: 'lobby' })
  await a.take(2)
  scene.agent.asked[0]?.script.say('hello')
  scene.agent.asked[0]?.script.finish(null)
  const frames = await a.until(({ data }) => data.done === true)
  const shown = []
  for (let done = false; !done; ) {
    const frame = await bot.next()
    if (frame.type !== 'typing') shown.push(frame)
    done = frame.content === 'hello'
  }
  expect(shown).toMatchObject([
    { content: '@assistant hi', from_username: 'ada' },
    { content: 'hello', from_username: 'assistant', id: frames.at(-1)?.data.id },
  ])
})
