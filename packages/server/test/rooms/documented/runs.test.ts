import { expect, test } from 'vitest'
import { AgentFailed } from '../../../src/core/ports/agents.ts'
import { until } from '../../world.ts'
import { answering, chat, inKitchen, kinds, openScene, saysTo, twoInRoom } from './scene.ts'

const USAGE = { model: 'test-1', tokens: 42, cost: 0.25 }

test('[ROOMS-30] an answer in a room: confirmation, question, typing, chunks, typing stops, completion', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, ada, a, b } = scene
  await using world = opened
  const a2 = await world.joinRooms(ada)
  a.send(inKitchen('What now?', 'q'))
  const { script } = await answering(scene, 1)
  const [confirmed, typing] = await a.take(2)
  const chunks = await saysTo(scene, a, 'First, ', 'second.')
  world.clock.advance(300)
  script.finish(USAGE)
  const rest = await a.take(2)
  const mine = [confirmed!, typing!, ...chunks, ...rest]
  expect(kinds(mine)).toEqual([
    'delivery_confirmation',
    'typing',
    'chunk: First, ',
    'chunk: second.',
    'typing stops',
    'completion',
  ])
  const theirs = await b.take(6)
  expect(kinds(theirs)).toEqual(['user: What now?', ...kinds(mine).slice(1)])
  // What both are shown is the same to the last byte.
  expect(theirs.slice(1)).toEqual(mine.slice(1))
  // The sender's other connection sees only that the assistant types.
  expect(kinds(await a2.take(2))).toEqual(['typing', 'typing stops'])
  for (const client of [a, a2, b]) await client.quiet()

  const conversation_id = chunks[0]?.data.conversation_id
  expect(typing).toMatchObject({
    data: { user_id: 'assistant', username: 'AI Assistant', is_typing: true, room_id: 'kitchen' },
    ...{ room_id: 'kitchen', user_id: 'assistant' },
  })
  expect(chunks[0]).toMatchObject({
    data: {
      ...{ role: 'assistant', user_id: 'assistant', username: 'AI Assistant', content: 'First, ', streaming: true },
      ...{ conversation_id: expect.any(Number), message_id: 'q' },
    },
    ...{ room_id: 'kitchen', message_id: 'q', user_id: 'assistant' },
  })
  expect(rest[1]).toMatchObject({
    data: {
      ...{ role: 'assistant', content: '', streaming: false, done: true, conversation_id, client_id: 'q' },
      ...{ message_id: expect.any(Number), tokens_used: 42, model_used: 'test-1', cost_usd: 0.25, cost: 0.25 },
      ...{ response_time: 0.5, user_id: 'assistant', username: 'AI Assistant' },
    },
    ...{ room_id: 'kitchen', message_id: 'q' },
  })
})

test('[ROOMS-30] without a price both costs are null, and tokens are a number all the same', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  a.send(chat('hi'))
  const { script } = await answering(scene, 1)
  script.say('hello')
  script.finish(null)
  const frames = await a.until(({ data }) => data.done === true)
  expect(frames.at(-1)?.data).toMatchObject({ cost_usd: null, cost: null, tokens_used: 0 })
})

test('[ROOMS-31] without a room all of it goes to the asking connection alone, the assistant’s typing too', async () => {
  const scene = await openScene()
  await using world = scene.world
  const [a, a2, b] = [
    await world.joinRooms(scene.ada),
    await world.joinRooms(scene.ada),
    await world.joinRooms(scene.bob),
  ]
  a.send(chat('hi', { message_id: 'q' }))
  const { script } = await answering(scene, 1)
  script.say('hello')
  script.finish(USAGE)
  const frames = await a.take(5)
  expect(kinds(frames)).toEqual(['delivery_confirmation', 'typing', 'chunk: hello', 'typing stops', 'completion'])
  expect(frames.map(({ room_id }) => room_id)).toEqual([null, null, null, null, null])
  expect(frames[1]?.data.room_id).toBeNull()
  for (const client of [a, a2, b]) await client.quiet()
})

test('[ROOMS-32] answers of several requests run side by side, told apart by their ids', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  for (const id of ['one', 'two']) a.send(chat(id, { message_id: id }))
  const [one, two] = [await answering(scene, 1), await answering(scene, 2)]
  await a.until(({ type, message_id }) => type === 'delivery_confirmation' && message_id === 'two')
  // While both go on the connection is served.
  await until(() => scene.agent.asked.length === 2)
  for (const [{ script }, text] of [
    [two, '2a'],
    [one, '1a'],
    [two, '2b'],
  ] as const) {
    world.clock.advance(100)
    script.say(text)
    await a.until(({ data }) => data.content === text)
  }
  expect(await a.ask({ type: 'join_room', data: { room_id: 'hall' } })).toMatchObject({ type: 'join_room' })
  for (const { script } of [two, one]) script.finish(null)
  const [first, second] = [await a.until(({ data }) => !!data.done), await a.until(({ data }) => !!data.done)]
  const [done2, done1] = [first.at(-1), second.at(-1)]
  expect([done2?.message_id, done1?.message_id]).toEqual(['two', 'one'])
  expect(done1?.data.conversation_id).not.toBe(done2?.data.conversation_id)
})

test('[ROOMS-33] a model that fails is an error to the asker, then typing stops; no completion', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, ada, a, b } = scene
  await using world = opened
  const a2 = await world.joinRooms(ada)
  for (const said of [[], ['half an ans']]) {
    const count = scene.agent.asked.length + 1
    a.send(inKitchen('well?', `q${count}`))
    const { script } = await answering(scene, count)
    await a.take(2)
    const chunks = await saysTo(scene, a, ...said)
    script.fail(new AgentFailed('the model is out'))
    const [error, stop] = await a.take(2)
    expect(kinds([error!, stop!])).toEqual(['error: AI processing error: the model is out', 'typing stops'])
    expect(error).toMatchObject({ data: { code: 'AI_ERROR' }, room_id: 'kitchen', message_id: `q${count}` })
    expect(kinds(await b.take(3 + said.length))).toEqual(['user: well?', 'typing', ...kinds(chunks), 'typing stops'])
    expect(kinds(await a2.take(2))).toEqual(['typing', 'typing stops'])
    for (const client of [a, a2, b]) await client.quiet()
  }
})

test('[ROOMS-33] what went wrong inside the server is not told', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  a.send(chat('hi', { message_id: 'q' }))
  const { script } = await answering(scene, 1)
  script.fail(new Error('password is hunter2'))
  const frames = await a.take(4)
  expect(kinds(frames).slice(2)).toEqual(['error: AI processing error: no reason was given', 'typing stops'])
  expect(world.faults.splice(0)).toHaveLength(1)
})

test('[ROOMS-34] a cancelled answer ends with what there was of it, and one without text with an error', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, ada, a, b } = scene
  await using world = opened
  a.send(inKitchen('tell me', 'q1'))
  const first = await answering(scene, 1)
  await a.take(2)
  await saysTo(scene, a, 'Once upon a time')
  await world.execute(ada, { type: 'run.cancel', id: first.question.run.id })
  expect(kinds(await a.take(2))).toEqual(['typing stops', 'completion'])
  expect(kinds(await b.take(5))).toEqual([
    ...['user: tell me', 'typing', 'chunk: Once upon a time', 'typing stops', 'completion'],
  ])
  a.send(inKitchen('again', 'q2'))
  const second = await answering(scene, 2)
  await a.take(2)
  await world.execute(ada, { type: 'run.cancel', id: second.question.run.id })
  expect(kinds(await a.take(2))).toEqual(['typing stops', 'error: AI processing error: cancelled'])
  expect(kinds(await b.take(3))).toEqual(['user: again', 'typing', 'typing stops'])
  for (const client of [a, b]) await client.quiet()
})

test.each([
  ['private', 'hi', {}, true],
  ['shared', 'hi', {}, false],
  ['shared', 'hi @assistant', {}, true],
  ['shared', 'hi @AI Assistant!', {}, true],
  ['shared', 'mail me@assistant.example', {}, false],
  ['shared', 'hi', { model_preference: 'gpt-4' }, true],
  ['shared', 'hi', { temperature: 0 }, true],
  ['shared', 'hi', { max_tokens: 1 }, true],
  ['shared', 'hi', { system_prompt: 'Be brief' }, true],
  ['shared', 'hi', { conversation_id: 1 }, true],
  ['shared', 'hi', { model_preference: null, conversation_id: null }, false],
] as const)('[ROOMS-35] in a %s room %s with %j asks the assistant: %s', async (type, message, data, asks) => {
  const scene = await twoInRoom(type)
  const { world: opened, a } = scene
  await using _world = opened
  a.send(inKitchen(message, 'q', data))
  await a.expect('delivery_confirmation')
  if (!asks) return await a.quiet()
  const { script, question } = await answering(scene, 1)
  expect(question.message.body).toBe(message)
  script.finish(null)
  await a.until(({ type }) => type === 'error')
})

test('[ROOMS-35] options reach the agent as they were sent, an unknown model too; so does what was said before', async () => {
  const scene = await openScene()
  await using world = scene.world
  const a = await world.joinRooms(scene.ada)
  a.send(
    chat('one', {}, { model_preference: 'no-such-model', system_prompt: 'Be brief', temperature: 1.5, max_tokens: 7 }),
  )
  const first = await answering(scene, 1)
  const options = { model: 'no-such-model', systemPrompt: 'Be brief', temperature: 1.5, maxTokens: 7 }
  expect(first.question.run.options).toEqual(options)
  first.script.say('uno')
  first.script.finish(null)
  const done = (await a.until(({ data }) => data.done === true)).at(-1)
  a.send(chat('two', {}, { conversation_id: done?.data.conversation_id }))
  const second = await answering(scene, 2)
  expect(second.question.context.map(({ message }) => message.body)).toEqual(['one', 'uno'])
})

test('[ROOMS-36] the room’s owner sets when the assistant answers', async () => {
  const scene = await twoInRoom('shared')
  const { world: opened, ada, a } = scene
  await using world = opened
  const set = (assistant: 'always' | 'off') =>
    world.execute(ada, { type: 'room.change', ref: { by: 'label', label: 'kitchen' }, patch: { assistant } })
  await set('off')
  a.send(inKitchen('@assistant are you there?', 'q', { model_preference: 'gpt-4' }))
  await a.expect('delivery_confirmation')
  await a.quiet()
  await set('always')
  a.send(inKitchen('and now'))
  await answering(scene, 1)
})

test('[ROOMS-37] a retry of a question is confirmed and not asked again', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, a, b } = scene
  await using _world = opened
  a.send(inKitchen('q', 'q'))
  const { script } = await answering(scene, 1)
  a.send(inKitchen('q', 'q'))
  expect(kinds(await a.take(3))).toEqual(['delivery_confirmation', 'typing', 'delivery_confirmation'])
  script.say('a')
  script.finish(null)
  expect(kinds(await a.take(3))).toEqual(['chunk: a', 'typing stops', 'completion'])
  expect(kinds(await b.take(5))).toEqual(['user: q', 'typing', 'chunk: a', 'typing stops', 'completion'])
  expect(scene.agent.asked).toHaveLength(1)
})

test('[ROOMS-38] when the asking connection dies the user’s next one is shown the whole answer, once', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, ada, a, b } = scene
  await using world = opened
  for (const frame of [inKitchen('in the room', 'q1'), chat('alone', { message_id: 'q2' })]) {
    const count = scene.agent.asked.length + 1
    const asking = count === 1 ? a : await world.joinRooms(ada)
    asking.send(frame)
    const { script } = await answering(scene, count)
    await asking.take(2)
    await saysTo(scene, asking, 'One, ')
    asking.ws.terminate()
    await until(() => world.sessions.connectionsOf(ada.user.id).length === 0)
    const back = await world.joinRooms(ada)
    const [first] = await back.take(1)
    world.clock.advance(100)
    script.say('two.')
    script.finish(null)
    const frames = [first!, ...(await back.until(({ data }) => data.done === true))]
    const text = frames.map(({ data }) => (data.streaming ? data.content : '')).join('')
    expect(text).toBe('One, two.')
    expect(frames.at(-1)).toMatchObject({ message_id: `q${count}` })
    await back.quiet()
    world.pass(1)
    await back.pinged()
    back.ws.terminate()
    await until(() => world.sessions.connectionsOf(ada.user.id).length === 0)
  }
  await b.until(({ data }) => data.done === true)
  await b.quiet()
})

test('[ROOMS-38] a connection of the user’s that was open all the time takes over from the one that died', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, ada, a } = scene
  await using world = opened
  const a2 = await world.joinRooms(ada)
  for (const [count, frame] of [
    [1, inKitchen('in the room', 'q1')],
    [2, chat('alone', { message_id: 'q2' })],
  ] as const) {
    const asking = count === 1 ? a : await world.joinRooms(ada)
    asking.send(frame)
    const { script } = await answering(scene, count)
    await asking.take(2)
    await saysTo(scene, asking, 'One, ')
    await a2.pinged()
    asking.ws.terminate()
    await until(() => world.sessions.connectionsOf(ada.user.id).length === 1)
    world.clock.advance(100)
    script.say('two.')
    script.finish(null)
    const frames = await a2.until(({ data }) => data.done === true)
    const text = frames.map(({ data }) => (data.streaming ? data.content : '')).join('')
    expect(text).toBe('One, two.')
    await a2.quiet()
  }
})

test('[ROOMS-38] a connection that the user opens while another one is being answered is shown none of it', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, ada, a } = scene
  await using world = opened
  for (const [count, frame] of [
    [1, inKitchen('in the room')],
    [2, chat('alone')],
  ] as const) {
    a.send(frame)
    const { script } = await answering(scene, count)
    await a.take(2)
    await saysTo(scene, a, 'One, ')
    const late = await world.joinRooms(ada)
    world.clock.advance(100)
    script.say('two.')
    await a.expect('chat')
    script.finish(null)
    await a.take(2)
    if (count === 1) expect(kinds(await late.take(1))).toEqual(['typing stops'])
    await late.quiet()
  }
})

test('[ROOMS-39] whoever comes into a room while it is answered is shown the whole text', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, bob, a, b } = scene
  await using world = opened
  a.send(inKitchen('go on'))
  const { script } = await answering(scene, 1)
  await a.take(2)
  await saysTo(scene, a, 'One, ')
  await b.take(3)
  const late = await world.joinRooms(bob)
  expect(kinds(await late.take(1))).toEqual(['chunk: One, '])
  world.clock.advance(100)
  script.say('two.')
  script.finish(null)
  expect(kinds(await late.take(3))).toEqual(['chunk: two.', 'typing stops', 'completion'])
  await late.quiet()
})

test('[ROOMS-48] an answer that is given again is shown to everybody in the room, whoever asked, as any other', async () => {
  const scene = await twoInRoom('private')
  const { world: opened, ada, a, b } = scene
  await using world = opened
  a.send(inKitchen('go on', 'q'))
  const { question } = await answering(scene, 1)
  await a.take(2)
  await saysTo(scene, a, 'One, ')
  await b.take(3)
  await world.execute(ada, { type: 'run.cancel', id: question.run.id })
  for (const client of [a, b]) expect(kinds(await client.take(2))).toEqual(['typing stops', 'completion'])
  await world.execute(ada, { type: 'run.continue', id: question.run.id })
  const rest = await answering(scene, 2)
  world.clock.advance(100)
  rest.script.say('two.')
  rest.script.finish(null)
  const [mine, theirs] = [await a.take(4), await b.take(4)]
  expect(kinds(mine)).toEqual(['typing', 'chunk: two.', 'typing stops', 'completion'])
  expect(theirs).toEqual(mine)
  // It is the answer to no message of theirs that waits for one.
  expect(mine[1]).toMatchObject({ message_id: null, data: { message_id: null } })
})
