import { expect, test } from 'vitest'
import type { Store } from '../../../src/core/ports/store.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { TestAgent } from '../../core/runs/desk.ts'
import { folder } from '../../system/folder.ts'
import { openWorld, until } from '../../world.ts'
import type { RoomsFrame } from '../client.ts'
import { Level2Client, short } from './client.ts'

async function scene(store?: Store, agent = new TestAgent()) {
  const world = await openWorld({ agents: agent, ...(store && { store }) })
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const [a, b] = [await Level2Client.live(world, ada), await Level2Client.live(world, bob)]
  const room = await a.join('kitchen')
  await b.join('kitchen')
  /** Asks, and returns the agent's script and the run. */
  const ask = async (client: Level2Client = a) => {
    const index = agent.asked.length
    await client.say('kitchen', '@assistant go on')
    await until(() => agent.asked.length > index)
    const run = String((await a.shown('run_started')).data.run_id)
    return { run, script: agent.asked[index]!.script }
  }
  return { world, ada, bob, a, b, room, agent, ask }
}

const steps = (frames: readonly RoomsFrame[]) => frames.filter(({ data }) => 'n' in data)
const textOf = (frames: readonly RoomsFrame[]) =>
  steps(frames)
    .map(({ data }) => data.text ?? '')
    .join('')

test('[ROOMS-160] a run is shown to everybody in the room, step by step, and becomes a message', async () => {
  const { world: opened, ada, a, b, room, ask } = await scene()
  await using _world = opened
  const { run, script } = await ask()
  script.say('One, ')
  script.give({ type: 'switch', from: 'planner', to: 'cook', reason: 'food' })
  script.give({ type: 'tool', call: 'c1', name: 'look', state: 'completed', detail: { leeks: 3 } })
  script.say('two.')
  script.finish({ model: 'test', tokens: 7, cost: 0.5 })
  for (const client of [a, b]) {
    const shown: RoomsFrame[] = []
    while (shown.at(-1)?.data.role !== 'assistant') shown.push(client.pushed.shift() ?? (await client.wire.next()))
    const own = steps(shown)
    expect(own.map(short)).toEqual(['run_text 1', 'run_switch 2', 'run_tool 3', 'run_text 4', 'run_end 5'])
    expect(own.every(({ data }) => data.run_id === run && data.room === room)).toBe(true)
    expect(own[2]?.data).toMatchObject({ call: 'c1', name: 'look', detail: { leeks: 3 } })
    expect(shown.at(-1)?.data).toMatchObject({
      content: 'One, two.',
      run: {
        run_id: run,
        state: 'completed',
        model: 'test',
        tokens: 7,
        cost_usd: 0.5,
        asker: { user_id: ada.user.id },
      },
    })
  }
})

test('[ROOMS-161] a resume goes on after the last step that was seen; a run it does not name is shown from its start', async () => {
  const { world: opened, bob, a, b, room, ask } = await scene()
  await using world = opened
  const { run, script } = await ask()
  script.say('One, ', 'two, ', 'three, ')
  await b.shown('run_text', ({ n }) => n === 3)
  const seq = Number((await b.ask({ type: 'room', room_id: 'kitchen' })).data.seq)
  const [knows, forgot] = [await Level2Client.open(world, bob), await Level2Client.open(world, bob)]
  const resumed = await knows.resume({ rooms: { [room]: seq }, runs: { [run]: 2 } })
  expect(resumed.data.runs).toEqual([{ run_id: run, n: 3, reset: false }])
  expect(knows.pushed.map(short)).toEqual(['run_text 3'])
  await forgot.resume({ rooms: { [room]: seq } })
  expect(forgot.pushed.map(short)).toEqual(['run_text 1', 'run_text 2', 'run_text 3'])
  script.say('four.')
  script.finish()
  for (const client of [knows, forgot]) {
    const { data } = await client.shown('chat')
    expect(data).toMatchObject({ content: 'One, two, three, four.', seq: seq + 1 })
  }
  await a.all()
})

test('[ROOMS-161] of a run that ended meanwhile the rest is shown, and the message it became', async () => {
  const { world: opened, bob, b, room, ask } = await scene()
  await using world = opened
  const { run, script } = await ask()
  script.say('One, ')
  await b.shown('run_text')
  const seq = Number((await b.ask({ type: 'room', room_id: 'kitchen' })).data.seq)
  b.wire.ws.terminate()
  script.say('two.')
  script.finish()
  await until(() => world.core.context.runs.active === 0)
  const again = await Level2Client.open(world, bob)
  const { data } = await again.resume({ rooms: { [room]: seq }, runs: { [run]: 1 } })
  expect(again.pushed.map(short)).toEqual(['run_text 2', 'run_end 3', `chat ${seq + 1}`])
  expect(data.runs).toEqual([{ run_id: run, n: 3, reset: false }])
  const later = await Level2Client.open(world, bob)
  await later.resume({ rooms: { [room]: seq } })
  expect(later.pushed.map(short)).toEqual([`chat ${seq + 1}`])
})

test('[ROOMS-161] a run that is not there, not one’s own, or not so far is told', async () => {
  const { world: opened, a, room, ask } = await scene()
  await using world = opened
  const { run, script } = await ask()
  script.say('One')
  await a.shown('run_text')
  const eve = await Level2Client.open(world, await world.member('eve'))
  const { data } = await eve.resume({ runs: { [run]: 0, [room]: 0 } })
  expect(data.runs).toEqual([
    { run_id: run, n: 0, reset: true },
    { run_id: room, n: 0, reset: true },
  ])
  expect(eve.pushed).toEqual([])
  const beyond = await a.resume({ runs: { [run]: 5 } })
  expect(beyond.data.runs).toEqual([{ run_id: run, n: 1, reset: true }])
})

test('[ROOMS-162] what a stop of the server interrupts becomes a message with the text so far', async () => {
  const directory = folder()
  const before = await (async () => {
    const { world: opened, bob, b, room, ask } = await scene(await openSqliteStore(directory))
    await using _world = opened
    const { run, script } = await ask()
    script.say('One, ', 'two')
    await b.shown('run_text', ({ n }) => n === 2)
    return { bob, room, run, seq: Number((await b.ask({ type: 'room', room_id: 'kitchen' })).data.seq) }
  })()
  await using world = await openWorld({ store: await openSqliteStore(directory) })
  const again = await Level2Client.open(world, before.bob)
  await again.resume({ rooms: { [before.room]: before.seq }, runs: { [before.run]: 1 } })
  expect(again.pushed.map(short)).toEqual(['run_text 2', 'run_end 3', `chat ${before.seq + 1}`])
  expect(again.pushed.at(-1)?.data).toMatchObject({ content: 'One, two', run: { state: 'interrupted' } })
})

test('[ROOMS-163] the asker, the owner and admins cancel a run; others can’t, and nobody does twice', async () => {
  const { world: opened, a, b, ask } = await scene()
  await using world = opened
  const [root, eve] = [await world.member('root', 'admin'), await world.member('eve')]
  const [r, e] = [await Level2Client.live(world, root), await Level2Client.live(world, eve)]
  await e.join('kitchen')
  const cancel = (client: Level2Client, run_id: string) => client.ask({ type: 'cancel_run', data: { run_id } })
  // Asked by bob in ada's room: cancelled by himself, by the owner, and by an admin.
  for (const client of [b, a, r]) {
    const { run, script } = await ask(b)
    script.say('Some')
    await b.shown('run_text', ({ run_id }) => run_id === run)
    expect(await cancel(e, run)).toMatchObject({ type: 'error', data: { code: 'NOT_OWNER' } })
    expect(await cancel(client, run)).toMatchObject({ type: 'run_cancelled', data: { run_id: run } })
    const { data } = await b.shown('chat', ({ role }) => role === 'assistant')
    expect(data).toMatchObject({ content: 'Some', run: { run_id: run, state: 'cancelled' } })
    expect(await cancel(client, run)).toMatchObject({ type: 'error', data: { code: 'RUN_ENDED' } })
  }
  const outsider = await Level2Client.live(world, await world.member('outsider'))
  const { run, script } = await ask(b)
  expect(await cancel(outsider, run)).toMatchObject({ type: 'error', data: { code: 'RUN_UNKNOWN' } })
  script.finish()
  // No text came of it.
  expect((await b.shown('run_ended')).data).toMatchObject({ run_id: run, state: 'completed' })
})

test('[ROOMS-164] who reads too slowly gets every step of a run all the same', async () => {
  const { world: opened, b, ask } = await scene()
  await using world = opened
  const socket = world.sockets[1]
  b.wire.ws.pause()
  const { script } = await ask()
  const long = '漢'.repeat(3_000)
  for (let i = 0; i < 60; i++) script.say(`${i} ${long}`)
  script.finish()
  await until(() => world.core.context.runs.active === 0)
  expect(socket).toBeDefined()
  b.wire.ws.resume()
  const shown: RoomsFrame[] = []
  while (shown.at(-1)?.data.role !== 'assistant') shown.push(b.pushed.shift() ?? (await b.wire.next()))
  expect(steps(shown).map(({ data }) => data.n)).toEqual(Array.from({ length: 61 }, (_, i) => i + 1))
  expect(textOf(shown)).toBe(shown.at(-1)?.data.content)
})

/** Everything that a connection is shown until all of `runs` became messages. */
async function untilOver(client: Level2Client, runs: readonly string[]): Promise<readonly RoomsFrame[]> {
  const left = new Set(runs)
  const shown: RoomsFrame[] = []
  while (left.size > 0) {
    const frame = client.pushed.shift() ?? (await client.wire.next())
    shown.push(frame)
    const run = frame.type === 'chat' ? (frame.data.run as { run_id: string } | null) : null
    if (run) left.delete(run.run_id)
  }
  return shown
}

test('[ROOMS-165] two answers in one room stream side by side to everybody, on every device, and each is stopped alone', async () => {
  const { world: opened, ada, a, b, ask } = await scene()
  await using world = opened
  const phone = await Level2Client.live(world, ada)
  const [one, two] = [await ask(a), await ask(b)]
  for (let i = 0; i < 20; i++) {
    one.script.say(`a${i} `)
    two.script.say(`b${i} `)
    if (i % 7 === 0) await b.shown('run_text', ({ run_id, n }) => run_id === two.run && Number(n) > i)
  }
  await a.shown('run_text', ({ run_id, n }) => run_id === one.run && n === 20)
  await phone.shown('run_text', ({ run_id, n }) => run_id === two.run && n === 20)
  const stop = (client: Level2Client, run_id: string) => client.ask({ type: 'cancel_run', data: { run_id } })
  expect(await stop(b, one.run)).toMatchObject({ type: 'error', data: { code: 'NOT_OWNER' } })
  // By its asker's other device; that of somebody else by the owner of the room, from there too.
  expect(await stop(phone, one.run)).toMatchObject({ type: 'run_cancelled' })
  two.script.say('b20')
  expect(await stop(phone, two.run)).toMatchObject({ type: 'run_cancelled' })
  const late = await Level2Client.live(world, ada)
  const { messages } = (await late.ask({ type: 'history', room_id: 'kitchen' })).data as { messages: Answer[] }
  const answers = messages.filter(({ run }) => run)
  expect(answers.map(({ run }) => [run?.run_id, run?.state])).toEqual([
    [one.run, 'cancelled'],
    [two.run, 'cancelled'],
  ])
  expect(answers[0]?.content).toBe(Array.from({ length: 20 }, (_, i) => `a${i} `).join(''))
})

/** A message of the history, as far as it is looked at. */
interface Answer {
  readonly content: string
  readonly run: { readonly run_id: string; readonly state: string } | null
}

test('[ROOMS-165] every device is shown the same steps of both, each run dense and whole', async () => {
  const { world: opened, ada, bob, a, b, ask } = await scene()
  await using world = opened
  const devices = [a, b, await Level2Client.live(world, ada), await Level2Client.live(world, bob)]
  const [one, two] = [await ask(a), await ask(b)]
  for (let i = 0; i < 50; i++) {
    one.script.say(`a${i} `)
    two.script.say(`b${i} `)
  }
  one.script.finish()
  two.script.finish()
  for (const device of devices) {
    const shown = await untilOver(device, [one.run, two.run])
    for (const { run } of [one, two]) {
      const own = shown.filter(({ data }) => data.run_id === run && 'n' in data)
      expect(own.map(({ data }) => data.n)).toEqual(Array.from({ length: 51 }, (_, i) => i + 1))
      const message = shown.find(({ type, data }) => type === 'chat' && (data.run as Answer['run'])?.run_id === run)
      expect(textOf(own)).toBe(message?.data.content)
    }
  }
})

test('[ROOMS-166] an answer that was stopped goes on as another run, and is given anew, once for each request', async () => {
  const { world: opened, a, b, agent, room, ask } = await scene()
  await using _world = opened
  const { run, script } = await ask()
  script.say('One, ')
  await a.shown('run_text')
  expect(await a.ask({ type: 'continue_run', data: { run_id: run } })).toMatchObject({ data: { code: 'RUN_OPEN' } })
  await a.ask({ type: 'cancel_run', data: { run_id: run } })
  expect(await b.ask({ type: 'continue_run', data: { run_id: run } })).toMatchObject({ data: { code: 'NOT_OWNER' } })
  const again = (type: string, id: string) => a.ask({ type, data: { run_id: run } }, id)
  const { data } = await again('continue_run', 'again-1')
  expect(data).toEqual({ run_id: data.run_id, room, repeated: false })
  expect((await again('continue_run', 'again-1')).data).toEqual({ ...data, repeated: true })
  expect(await again('regenerate_run', 'again-1')).toMatchObject({ data: { code: 'ID_CONFLICT' } })
  const started = await b.shown('run_started', ({ run_id }) => run_id === data.run_id)
  expect(started.data).toMatchObject({ origin: { run_id: run, how: 'continue' }, state: 'running' })
  await until(() => agent.asked.length === 2)
  expect(agent.asked[1]?.question.begun).toBe('One, ')
  agent.asked[1]?.script.say('two.')
  agent.asked[1]?.script.finish()
  const answer = await b.shown('chat', ({ content }) => content === 'two.')
  expect(answer.data.run).toMatchObject({ run_id: data.run_id, origin: { run_id: run, how: 'continue' } })
  expect(await a.ask({ type: 'continue_run', data: { run_id: String(data.run_id) } })).toMatchObject({
    data: { code: 'NOTHING_TO_CONTINUE' },
  })
  const anew = await again('regenerate_run', 'again-2')
  await until(() => agent.asked.length === 3)
  expect(agent.asked[2]?.question).toMatchObject({ begun: null, run: { id: anew.data.run_id } })
  agent.asked[2]?.script.finish()
})

test('[ROOMS-167] an answer that is always the same goes on after the server stopped, in the same run, without a gap', async () => {
  const directory = folder()
  const repeating = () => Object.assign(new TestAgent(), { repeats: true })
  const first = repeating()
  const before = await (async () => {
    const { world: opened, bob, b, room, ask } = await scene(await openSqliteStore(directory), first)
    await using _world = opened
    const { run, script } = await ask()
    script.say('One, ', 'two, ')
    await b.shown('run_text', ({ n }) => n === 2)
    return { bob, room, run, seq: Number((await b.ask({ type: 'room', room_id: 'kitchen' })).data.seq) }
  })()
  const agent = repeating()
  await using world = await openWorld({ store: await openSqliteStore(directory), agents: agent })
  const [knows, forgot] = [await Level2Client.open(world, before.bob), await Level2Client.open(world, before.bob)]
  await knows.resume({ rooms: { [before.room]: before.seq }, runs: { [before.run]: 1 } })
  await forgot.resume({ rooms: { [before.room]: before.seq } })
  expect(knows.pushed.map(short)).toEqual(['run_text 2'])
  expect(forgot.pushed.map(short)).toEqual(['run_text 1', 'run_text 2'])
  await until(() => agent.asked.length === 1)
  const [{ script }] = agent.asked as [(typeof agent.asked)[0]]
  script.say('One, two, three')
  script.finish()
  for (const client of [knows, forgot]) {
    const shown = await untilOver(client, [before.run])
    const own = shown.filter(({ data }) => 'n' in data).map(short)
    expect(own.slice(-2)).toEqual(['run_text 3', 'run_end 4'])
    expect(shown.at(-1)?.data).toMatchObject({ content: 'One, two, three', run: { state: 'completed' } })
  }
})
