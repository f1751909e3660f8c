import { MAX_FRAME_BYTES } from '@parley/protocol/assistant/limits'
import { expect, test } from 'vitest'
import { TestAgent } from '../core/runs/desk.ts'
import { openWorld, until } from '../world.ts'
import { AssistantClient } from './client.ts'

const limits = (over: object) => ({ sessions: { views: { assistant: over } } })

test('[ASSIST-40] a client that lives and wants nothing is sent away after a while', async () => {
  await using world = await openWorld(limits({ idleSeconds: 40, sweepSeconds: 1 }))
  const [idle, busy] = [await AssistantClient.open(world), await AssistantClient.open(world)]
  for (let n = 0; n < 5; n++) {
    world.pass(8)
    if (n === 4) break
    // Pings and pongs are no frames of the protocol's.
    await idle.pinged()
    await busy.ask({ type: 'ping' })
  }
  expect(await idle.closed).toEqual({ code: 1001, reason: 'Session expired' })
  expect(await busy.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
})

test('[ASSIST-40] a client that is pinged and does not answer is gone', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  const pinged = new Promise(resolve => client.ws.once('ping', resolve))
  world.pass(31)
  await pinged
  client.ws.pause()
  world.pass(120)
  client.ws.resume()
  expect(await client.closed).toMatchObject({ code: 4408 })
})

test('[ASSIST-41] a server that stops says so, after an answer that is cut off', async () => {
  const agents = new TestAgent()
  await using world = await openWorld({ agents })
  const client = await AssistantClient.open(world)
  client.send({ type: 'chat', message: 'Hello' })
  await client.expect('typing')
  await until(() => agents.asked.length === 1)
  await world.core.stop()
  await world.sessions.drain()
  expect(await client.next()).toMatchObject({
    ...{ type: 'ai_response', error: true },
    message: "I'm sorry, the server stopped before I had finished. Send /regenerate for the answer.",
  })
  expect(await client.closed).toEqual({ code: 1001, reason: 'Server is restarting' })
})

test('[ASSIST-42] a server that is full answers 503, before a connection opens', async () => {
  await using world = await openWorld(limits({ connections: 1 }))
  const ada = await world.member('ada')
  const first = await AssistantClient.open(world)
  expect(await world.knock('/ws/chat')).toMatchObject({ status: 503 })
  expect(await world.knock('/bedrock-chat/ws')).toMatchObject({ status: 503 })
  // Other protocols have room of their own.
  await world.connect(ada)
  await first.leave()
  await until(() => world.sessions.counts.sockets === 1)
  await AssistantClient.open(world)
})

test('[ASSIST-43] a frame may have a mebibyte', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  const filled = (bytes: number) => {
    const [head, tail] = ['{"type":"ping","x":"', '"}']
    return `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`
  }
  expect(await client.ask(filled(MAX_FRAME_BYTES))).toMatchObject({ type: 'pong' })
  client.send(filled(MAX_FRAME_BYTES + 1))
  expect(await client.closed).toMatchObject({ code: 1009 })
})

test('[ASSIST-44] frames may be limited', async () => {
  await using world = await openWorld(limits({ frames: { count: 2, seconds: 60 } }))
  const client = await AssistantClient.open(world)
  for (let n = 0; n < 2; n++) expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  expect(await client.ask({ type: 'chat', message: 'x' })).toMatchObject({
    ...{ type: 'error', message: 'Rate limit exceeded: try again in 60 seconds' },
  })
  world.clock.advance(61_000)
  await client.chat('1+1')
})

test('[ASSIST-44] who keeps sending rubbish is sent away', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  for (let n = 0; n <= 600; n++) client.send('rubbish')
  expect(await client.closed).toMatchObject({ code: 1008 })
})
