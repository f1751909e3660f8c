import { expect, test } from 'vitest'
import { testSessionSettings, until } from '../../world.ts'
import type { RoomsClient, RoomsFrame } from '../client.ts'
import { answering, chat, inKitchen, kinds, type Scene, twoInRoom } from './scene.ts'

/** 30 KB on the wire. */
const LONG = '漢'.repeat(9_900)

async function scene() {
  const turns: string[] = []
  return { ...(await twoInRoom('shared', { observer: { slow: (_, turn) => turns.push(turn) } })), turns }
}

/** Talks in the kitchen until what was written to a connection waits in the server. */
async function fill({ world }: Scene, talks: RoomsClient, of: number): Promise<void> {
  while ((world.sockets[of]?.writableLength ?? 0) === 0) {
    talks.send(inKitchen(LONG))
    await talks.until(({ type }) => type === 'delivery_confirmation')
  }
}

/** Lets the agent say texts until a reader is behind, and then some. Returns all it said. */
async function talkUntilBehind({ world, agent }: Scene): Promise<string[]> {
  const said: string[] = []
  const script = agent.asked.at(-1)!.script
  const before = script.pulled
  const say = async () => {
    const text = `${said.length} ${LONG}`
    said.push(text)
    world.clock.advance(100)
    script.say(text)
    await until(() => script.pulled === before + said.length)
  }
  while (world.sessions.counts.behind === 0) await say()
  for (let i = 0; i < 3; i++) await say()
  return said
}

const textOf = (frames: readonly RoomsFrame[]) =>
  frames.map(({ data }) => (data.streaming ? data.content : '')).join('')

test('[ROOMS-45] a participant that falls behind in the middle of an answer is shown its whole text, once', async () => {
  const slow = await scene()
  const { world: opened, a, b } = slow
  await using world = opened
  a.send(inKitchen('@assistant go on'))
  const { script } = await answering(slow, 1)
  await b.take(2)
  script.say('At first, ')
  const head = await b.take(1)
  b.ws.pause()
  await fill(slow, a, 1)
  const said = await talkUntilBehind(slow)
  b.ws.resume()
  script.finish(null)
  const frames = [...head, ...(await b.until(({ data }) => data.done === true))]
  expect(textOf(frames)).toBe(`At first, ${said.join('')}`)
  await until(() => world.sessions.counts.behind === 0)
  a.send(inKitchen('after'))
  expect(kinds(await b.until(({ data }) => data.role === 'user')).at(-1)).toBe('user: after')
  await b.quiet()
})

test('[ROOMS-45] so is one that reads on only after the answer’s end', async () => {
  const slow = await scene()
  const { world: opened, a, b } = slow
  await using world = opened
  a.send(inKitchen('@assistant go on'))
  const { script } = await answering(slow, 1)
  await b.take(2)
  script.say('At first, ')
  const head = await b.take(1)
  b.ws.pause()
  await fill(slow, a, 1)
  const said = await talkUntilBehind(slow)
  script.finish(null)
  await a.until(({ data }) => data.done === true)
  a.send(inKitchen('after'))
  await a.expect('delivery_confirmation')
  b.ws.resume()
  const frames = [...head, ...(await b.until(({ data }) => data.content === 'after'))]
  expect(textOf(frames)).toBe(`At first, ${said.join('')}`)
  expect(kinds(frames).slice(-2)).toEqual(['completion', 'user: after'])
  await until(() => world.sessions.counts.behind === 0)
  await b.quiet()
})

test('[ROOMS-45] an answer that was whole before the reader fell behind ends without being said again', async () => {
  for (const frame of [inKitchen('@assistant go on'), chat('go on')]) {
    const slow = await scene()
    const { world: opened, a, b } = slow
    await using world = opened
    a.send(frame)
    const { script } = await answering(slow, 1)
    script.say('All of it.')
    const head = await a.until(({ data }) => data.streaming === true)
    a.ws.pause()
    let count = 0
    const said = async () => {
      b.send(inKitchen(`${count++} ${LONG}`))
      await b.until(({ type }) => type === 'delivery_confirmation')
    }
    while (world.sessions.counts.behind === 0) await said()
    script.finish(null)
    await until(() => world.core.context.runs.active === 0)
    await said()
    a.ws.resume()
    const frames = [...head, ...(await a.until(({ data }) => String(data.content).startsWith(`${count - 1} `)))]
    expect(textOf(frames)).toBe('All of it.')
    expect(frames.filter(({ data }) => data.done === true)).toHaveLength(1)
    await until(() => world.sessions.counts.behind === 0)
    await a.quiet()
  }
})

test('[ROOMS-45] whoever asked and reads slowly is shown the whole answer, with or without a room', async () => {
  for (const frame of [inKitchen('@assistant go on'), chat('go on')]) {
    const slow = await scene()
    const { world: opened, a, b } = slow
    await using world = opened
    a.send(frame)
    const { script } = await answering(slow, 1)
    await a.take(2)
    script.say('At first, ')
    const head = await a.take(1)
    a.ws.pause()
    await fill(slow, b, 0)
    const said = await talkUntilBehind(slow)
    script.finish(null)
    a.ws.resume()
    const frames = [...head, ...(await a.until(({ data }) => data.done === true))]
    expect(textOf(frames)).toBe(`At first, ${said.join('')}`)
    await until(() => world.sessions.counts.behind === 0)
    await a.quiet()
  }
})

test('[ROOMS-46] another connection of the asker’s that reads slowly is shown nothing of the answer', async () => {
  const slow = await scene()
  const { world: opened, ada, a, b } = slow
  await using world = opened
  const a2 = await world.joinRooms(ada)
  a.send(inKitchen('@assistant go on'))
  const { script } = await answering(slow, 1)
  await a2.expect('typing')
  a2.ws.pause()
  script.say('for the asker')
  await a.until(({ data }) => data.streaming === true)
  let count = 0
  const said = async () => {
    b.send(inKitchen(`${count++} ${LONG}`))
    await b.until(({ type }) => type === 'delivery_confirmation')
    await a.until(({ data }) => data.role === 'user')
  }
  while (world.sessions.counts.behind === 0) await said()
  script.finish(null)
  await a.until(({ data }) => data.done === true)
  await said()
  a2.ws.resume()
  const frames = await a2.until(({ data }) => String(data.content).startsWith(`${count - 1} `))
  expect(new Set(frames.map(({ data }) => data.role))).toEqual(new Set(['user']))
  expect(frames).toHaveLength(count)
  await until(() => world.sessions.counts.behind === 0)
  await a2.quiet()
})

test('[ROOMS-47] one that takes nothing for 30 s is closed with 1013, and finds what it missed when it comes back', async () => {
  const { world: opened, turns, bob, a, b } = await scene()
  await using world = opened
  b.ws.pause()
  let count = 0
  while (world.sessions.counts.behind === 0) {
    a.send(inKitchen(`${count++} ${LONG}`))
    await a.expect('delivery_confirmation')
  }
  a.send(inKitchen('the last'))
  await a.expect('delivery_confirmation')
  world.pass(testSessionSettings.stuckSeconds)
  expect(turns).toEqual(['behind', 'closed'])
  b.ws.resume()
  expect((await b.closed).code).toBe(1013)
  await until(() => world.sessions.connectionsOf(bob.user.id).length === 0)
  const back = await world.joinRooms(bob)
  const frames = await back.until(({ data }) => data.content === 'the last')
  expect(frames).toHaveLength(101)
  expect(frames[0]?.data).toMatchObject({ action: 'missed', count: count - 99 })
  await back.quiet()
})

test('[ROOMS-77] a slow reader that takes something is not taken for dead when its user opens another connection', async () => {
  const { world: opened, bob, a, b } = await scene()
  await using world = opened
  b.ws.pause()
  let count = 0
  while (world.sessions.counts.behind === 0) {
    a.send(inKitchen(`${count++} ${LONG}`))
    await a.expect('delivery_confirmation')
  }
  const b2 = await world.openRooms('/api/v1/ws/ws', { headers: { 'X-API-Key': bob.key } })
  await b2.expect('connect')
  await b2.pinged()
  world.pass(2)
  b.ws.resume()
  await b.take(count)
  await b.pinged()
  world.pass(1)
  a.send(inKitchen('after'))
  expect((await b2.next()).data.content).toBe('after')
  expect((await b.next()).data.content).toBe('after')
})
