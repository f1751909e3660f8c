import { expect, test } from 'vitest'
import { StoreFailed } from '../../../src/core/ports/store.ts'
import { gatedStore } from '../../sessions/stores.ts'
import { until } from '../../world.ts'
import { chat, inKitchen, openScene, twoInRoom } from './scene.ts'

const failure = (error: unknown, code: string) => ({ type: 'error', data: { error, code } })

test('[ROOMS-10] what is no frame gets its documented error, and the connection goes on', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  for (const junk of ['', '{', 'null', '5', '"chat"', '[]', '[{"type":"chat"}]', '{"type":"chat"']) {
    expect(await a.ask(junk)).toMatchObject(failure('Invalid JSON format', 'INVALID_JSON'))
  }
  a.ws.send(Buffer.from('{"type":"chat"}'))
  expect(await a.next()).toMatchObject(failure('Invalid JSON format', 'INVALID_JSON'))
  for (const type of ['shout', 'CHAT', '', '__proto__', 'constructor', 5, {}, []]) {
    const refused = await a.ask({ type, data: {} })
    expect(refused).toMatchObject(failure(expect.stringMatching(/^Invalid message type/), 'INVALID_TYPE'))
  }
  for (const data of [5, 'hi', [], true]) {
    expect(await a.ask({ type: 'chat', data })).toMatchObject(failure('Message processing error', 'INVALID_MESSAGE'))
  }
  for (const message_id of [5, {}, 'x'.repeat(256)]) {
    const refused = await a.ask(chat('hi', { message_id }))
    expect(refused).toMatchObject(failure('Message processing error', 'INVALID_MESSAGE'))
  }
  await a.quiet()
})

test('[ROOMS-11] names of frames that only the server sends are passed over', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  for (const type of ['connect', 'disconnect', 'delivery_confirmation', 'error', 'system']) a.send({ type, data: {} })
  await a.quiet()
})

test('[ROOMS-12] an error says what it is about: the frame’s own id and room', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  const refused = await a.ask({ type: 'chat', data: {}, room_id: 'kitchen', message_id: 'm-1' })
  expect(refused).toMatchObject({
    ...failure('Message content required', 'MESSAGE_REQUIRED'),
    ...{ room_id: 'kitchen', message_id: 'm-1', user_id: null },
  })
})

test('[ROOMS-13] a chat without text, with too much, or with options out of bounds is refused and not stored', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  for (const data of [undefined, null, {}, { message: null }, { message: '' }]) {
    expect(await a.ask({ type: 'chat', data })).toMatchObject(failure('Message content required', 'MESSAGE_REQUIRED'))
  }
  // A frame without a type is a chat.
  expect(await a.ask({ data: {} })).toMatchObject(failure('Message content required', 'MESSAGE_REQUIRED'))
  expect(await a.ask(chat('x'.repeat(10_001)))).toMatchObject(failure('Message is too long', 'BODY_TOO_LONG'))
  const options = [
    { temperature: 2.1 },
    { temperature: -1 },
    { temperature: '0.7' },
    { max_tokens: 0 },
    { max_tokens: 8_193 },
    { max_tokens: 1.5 },
    { system_prompt: 'x'.repeat(5_001) },
    { model_preference: 4 },
    { conversation_id: 'abc' },
  ]
  for (const data of options) {
    const refused = await a.ask(chat('hi', {}, data))
    expect(refused, JSON.stringify(data)).toMatchObject(failure('Message processing error', 'INVALID_MESSAGE'))
  }
  await a.quiet()
  expect(scene.agent.asked).toEqual([])
  const most = { temperature: 2, max_tokens: 8_192, system_prompt: '漢'.repeat(5_000), conversation_id: 9_999 }
  expect(await a.ask(chat('漢'.repeat(10_000), {}, most))).toMatchObject({ type: 'delivery_confirmation' })
})

test('[ROOMS-14] a message that could not be stored is an error, seen by nobody and not confirmed', async () => {
  const store = gatedStore()
  const { world: opened, a, b } = await twoInRoom('shared', { store })
  await using world = opened
  using _shut = store.shut()
  a.send(inKitchen('lost', 'm-1'))
  await until(() => store.waiting === 1)
  store.refuse(new StoreFailed('disk_full'))
  expect(await a.next()).toMatchObject({
    ...failure('Failed to process AI message', 'INTERNAL_ERROR'),
    ...{ message_id: 'm-1', room_id: 'kitchen' },
  })
  store.open()
  for (const client of [a, b]) await client.quiet()
  expect(world.faults.splice(0)).toHaveLength(1)
})

test('[ROOMS-15] whoever may only read is refused with the reason', async () => {
  const scene = await openScene()
  await using world = scene.world
  const reader = await world.joinRooms(await world.member('vera', 'viewer'), { room_id: 'lobby' })
  expect(await reader.ask(chat('hi', { room_id: 'lobby' }))).toMatchObject({
    type: 'error',
    data: { code: 'ROLE_FORBIDS' },
  })
  await reader.quiet()
})
