import { expect, test } from 'vitest'
import type { RoomsClient } from '../client.ts'
import { chat, inKitchen, openScene, type Scene, twoInRoom } from './scene.ts'

/** Asks, is answered, and returns the conversation. */
async function converse({ agent }: Scene, client: RoomsClient, frame: object): Promise<number> {
  const count = agent.asked.length
  client.send(frame)
  while (agent.asked.length === count) await new Promise(resolve => setImmediate(resolve))
  agent.asked.at(-1)?.script.say('yes')
  agent.asked.at(-1)?.script.finish(null)
  const frames = await client.until(({ data }) => data.done === true)
  const numbers = frames.flatMap(({ data }) => (data.conversation_id === undefined ? [] : [data.conversation_id]))
  expect(new Set(numbers).size).toBe(1)
  return numbers[0] as number // says the schema
}

test('[ROOMS-40] without a room: null makes a new conversation, its number goes on with it', async () => {
  const scene = await openScene()
  await using world = scene.world
  const [a, b] = [await world.joinRooms(scene.ada), await world.joinRooms(scene.bob)]
  const first = await converse(scene, a, chat('one', {}, { conversation_id: null }))
  const second = await converse(scene, a, chat('two'))
  expect(second).not.toBe(first)
  expect(await converse(scene, a, chat('three', {}, { conversation_id: first }))).toBe(first)
  expect(scene.agent.asked.at(-1)?.question.context.map(({ message }) => message.body)).toEqual(['one', 'yes'])
  // Somebody else's, and one that there is not, mean a new one.
  const theirs = await converse(scene, b, chat('mine?', {}, { conversation_id: first }))
  expect([first, second]).not.toContain(theirs)
  expect(scene.agent.asked.at(-1)?.question.context).toEqual([])
  const new_ = await converse(scene, a, chat('four', {}, { conversation_id: 4_242 }))
  expect([first, second, theirs, 4_242]).not.toContain(new_)
})

test('[ROOMS-41] in a private room everybody has their own conversations, and several at once', async () => {
  const scene = await twoInRoom('private')
  const { a, b } = scene
  await using _world = scene.world
  const first = await converse(scene, a, inKitchen('one'))
  const second = await converse(scene, a, inKitchen('two'))
  expect(second).not.toBe(first)
  expect(await converse(scene, a, inKitchen('three', 'm', { conversation_id: first }))).toBe(first)
  expect(scene.agent.asked.at(-1)?.question.context.map(({ message }) => message.body)).toEqual(['one', 'yes'])
  await b.until(({ data }) => data.client_id === 'm' && data.done === true)
  const theirs = await converse(scene, b, inKitchen('mine?', 'x', { conversation_id: first }))
  expect([first, second]).not.toContain(theirs)
})

test('[ROOMS-41] the retry of a message that made a conversation stays in it', async () => {
  const scene = await twoInRoom('private')
  const { a, b } = scene
  await using _world = scene.world
  const first = await converse(scene, a, inKitchen('one', 'm'))
  a.send(inKitchen('one', 'm'))
  await a.expect('delivery_confirmation')
  const [question] = await b.until(({ data }) => data.done === true)
  expect(question?.data).toMatchObject({ content: 'one', conversation_id: first })
  await b.quiet()
  expect(await converse(scene, a, chat('alone', { message_id: 'm2' }))).not.toBe(first)
})

test('[ROOMS-42] a shared or a group room has one conversation; a number in the frame is passed over', async () => {
  const scene = await twoInRoom('shared')
  const { world: opened, ada, bob, a, b } = scene
  await using world = opened
  const first = await converse(scene, a, inKitchen('@assistant one'))
  await b.until(({ data }) => data.done === true)
  expect(await converse(scene, b, inKitchen('@assistant two', 'm', { conversation_id: 4_242 }))).toBe(first)
  expect(scene.agent.asked.at(-1)?.question.context.map(({ message }) => message.body)).toEqual([
    '@assistant one',
    'yes',
  ])
  await a.until(({ data }) => data.client_id === 'm' && data.done === true)
  await world.execute(ada, { type: 'room.make', label: 'club', name: null, kind: 'group' })
  await world.execute(ada, { type: 'members.add', ref: { by: 'label', label: 'club' }, user: bob.user.id })
  const club = await converse(scene, a, chat('@assistant hi', { room_id: 'club' }))
  await b.until(({ data }) => data.done === true && data.conversation_id === club)
  expect(await converse(scene, b, chat('@assistant ho', { room_id: 'club' }))).toBe(club)
  expect(club).not.toBe(first)
})
