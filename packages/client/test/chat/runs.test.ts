import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Run, type RunStep } from '../../src/chat/run.ts'
import { clientOf, failure, openClient, roomUntil, watch } from '../fixture/chat.ts'
import { createManualClock } from '../fixture/clock.ts'
import { type Level2, openLevel2, userId } from '../fixture/level2.ts'

let server: Level2
beforeEach(async () => {
  server = await openLevel2()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

const steps = async (run: AsyncIterable<RunStep>) => {
  const found: RunStep[] = []
  for await (const step of run) found.push(step)
  return found
}

/** The assistant begins to answer every question. */
function answering(roomId: string) {
  const started: ReturnType<Level2['startRun']>[] = []
  const room = server.rooms.get(roomId)
  const look = () => {
    for (const message of room?.messages ?? []) {
      const known = started.some(({ info }) => info.question === message.id)
      if (message.username === 'ann' && !known && room) started.push(server.startRun(room, 'ann', message))
    }
    return false
  }
  void server.until(look)
  return started
}

test('[CHAT-60] a question is answered by a run, whose steps are a stream and whose end is a message', async () => {
  server.makeRoom('team', ['ann'])
  const [runs, client] = [answering('team'), await openClient(server, 'ann')]
  const room = client.room('team')
  const { message, run } = await room.ask('What is it?')
  expect(server.sent('chat')[0]?.data).toEqual({ message: 'What is it?', model_preference: 'default' })
  expect(run).toMatchObject({ state: 'running', text: '', agent: { username: 'assistant' } })
  expect(run.info?.question).toBe(message.id)
  expect(room.runs).toEqual([run])
  const fake = runs[0]!
  server.step(fake, 'text', { text: 'It is ' })
  server.step(fake, 'switch', { from: 'writer', to: 'checker', reason: 'to check' })
  server.step(fake, 'tool', { call: '1', name: 'search', state: 'started', detail: { q: 'it' } })
  server.step(fake, 'text', { text: 'this.' })
  server.endRun(fake)
  expect((await steps(run)).map(({ n, type }) => [n, type])).toEqual([
    [1, 'text'],
    [2, 'switch'],
    [3, 'tool'],
    [4, 'text'],
    [5, 'end'],
  ])
  const result = await run.done
  expect(result).toMatchObject({
    state: 'completed',
    text: 'It is this.',
    message: { role: 'assistant' },
    info: { tokens: 3 },
  })
  expect(run.text).toBe('It is this.')
  expect(room.runs).toEqual([])
  // A later loop gets them all again.
  expect(await steps(run)).toHaveLength(5)
  await client.close()
})

test('[CHAT-61] over lost connections and lost steps, no step is lost or repeated', async () => {
  server.makeRoom('team', ['ann'])
  const [runs, client] = [answering('team'), await openClient(server, 'ann')]
  const { run } = await client.room('team').ask('Go on')
  const all = steps(run)
  const fake = runs[0]!
  server.step(fake, 'text', { text: '1' })
  server.rude.lose = type => type === 'run_text'
  server.step(fake, 'text', { text: '2' })
  server.rude.lose = undefined
  server.step(fake, 'text', { text: '3' })
  server.cut()
  server.step(fake, 'text', { text: '4' })
  server.endRun(fake)
  expect((await all).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
  expect((await run.done).text).toBe('1234')
  await client.close()
})

test('[CHAT-61] a loop whose last steps were lost gets them once the message tells of the end', async () => {
  server.makeRoom('team', ['ann'])
  const [runs, client] = [answering('team'), await openClient(server, 'ann')]
  const { run } = await client.room('team').ask('Go on')
  const all = steps(run)
  const fake = runs[0]!
  server.step(fake, 'text', { text: 'done' })
  server.rude.lose = type => type === 'run_end'
  server.endRun(fake)
  expect((await all).map(({ type }) => type)).toEqual(['text', 'end'])
  await client.close()
})

test('[CHAT-61] so does who listens', async () => {
  server.makeRoom('team', ['ann'])
  const [runs, client] = [answering('team'), await openClient(server, 'ann')]
  const { run } = await client.room('team').ask('Go on')
  const ended = new Promise<void>(resolve => run.onStep(({ type }) => type === 'end' && resolve()))
  const fake = runs[0]!
  server.step(fake, 'text', { text: 'done' })
  server.rude.lose = type => type === 'run_end'
  server.endRun(fake)
  await ended
  await client.close()
})

test('[CHAT-61] however its steps come, a run is dense and told once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 60 }), places => {
      const asked: number[] = []
      const told: number[] = []
      const host = {
        cancel: async () => {},
        again: async () => run,
        resume: ({ length }: Run) => void asked.push(length),
      }
      const run: Run = new Run('r', host)
      run.onStep(({ n }) => void told.push(n))
      const step = (n: number): RunStep => ({ type: 'text', n, text: `${n}` })
      for (const place of places) run.hear(step(place + 1))
      expect(told).toEqual(told.map((_, i) => i + 1))
      for (let n = run.length + 1; n <= 10; n++) run.hear(step(n))
      expect(run.text).toBe('12345678910')
      expect(told).toHaveLength(10)
    }),
  )
})

test('[CHAT-62] a run that was going on before we came is found, whole', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  const fake = server.startRun(team, 'bob', server.say(team, 'bob', 'Why?'))
  server.step(fake, 'text', { text: 'Beca' })
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  const found = watch(room)
  server.step(fake, 'text', { text: 'use' })
  await roomUntil(room, () => room.runs[0]?.text === 'Because')
  expect(found).toMatchObject([{ type: 'run', seq: null }])
  const [run] = room.runs
  server.endRun(fake)
  expect(await run?.done).toMatchObject({ text: 'Because', message: { content: 'Because' } })
})

test('[CHAT-62] the steps of a run that ended while nobody looked are fetched when somebody does', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann')
  const found = watch(client.room('team'))
  const fake = server.startRun(team, 'bob', server.say(team, 'bob', 'Why?'))
  server.rude.lose = type => type.startsWith('run_')
  server.step(fake, 'text', { text: 'Because' })
  server.endRun(fake)
  server.rude.lose = undefined
  await roomUntil(client.room('team'), () => client.room('team').messages.list.length === 2)
  const [event] = found.filter(({ type }) => type === 'run')
  if (event?.type !== 'run') throw new Error('no run was told of')
  expect(server.sent('resume')).toHaveLength(1)
  expect(await steps(event.run)).toHaveLength(2)
  expect(server.sent('resume')).toHaveLength(2)
})

test('[CHAT-63] a run can be cancelled, once', async () => {
  server.makeRoom('team', ['ann'])
  const [, client] = [answering('team'), await openClient(server, 'ann')]
  const { run } = await client.room('team').ask('Count to a million')
  await run.cancel()
  expect(await run.done).toMatchObject({ state: 'cancelled', text: '', message: null })
  expect(await failure(run.cancel())).toMatchObject({ code: 'RUN_ENDED', retryable: false })
  await client.close()
})

test('[CHAT-64] a question that nobody answers fails, with the reason where there is one', async () => {
  server.makeRoom('team', ['ann'])
  const clock = createManualClock()
  await using client = await openClient(server, 'ann', { clock, timeout: 9_000 })
  const room = client.room('team')
  const unanswered = failure(room.ask('Anybody?'))
  await roomUntil(room, () => room.messages.list[0]?.state === 'sent')
  await clock.asked(9_000)
  clock.advance(9_000)
  expect(await unanswered).toMatchObject({ code: 'NO_ANSWER' })

  const refused = failure(room.ask('And now?', { clientId: 'c2' }))
  await roomUntil(room, () => room.messages.list[1]?.state === 'sent')
  server.push('ann', 'error', { error: 'AI processing error: no model', code: 'AI_ERROR' }, 'team', 'c2')
  expect(await refused).toMatchObject({ code: 'AI_ERROR', message: 'AI processing error: no model' })
})

test('[CHAT-65] a question outside any room begins a conversation', async () => {
  const client = await openClient(server, 'ann')
  const asking = client.ask('Hello?', { systemPrompt: 'Be kind', maxTokens: 9 })
  let number = 0
  await server.until(() => {
    const [id, room] = [...server.rooms].find(([id]) => id.startsWith('conversation:')) ?? []
    const question = room?.messages[0]
    if (!room || !question || number > 0) return number > 0
    number = Number(id?.split(':')[1])
    const run = server.startRun(room, 'ann', question)
    server.step(run, 'text', { text: 'Hi' })
    server.endRun(run)
    return true
  })
  const { room, run } = await asking
  expect(room.id).toBe(`conversation:${number}`)
  expect((await run.done).text).toBe('Hi')
  expect(server.sent('chat')[0]?.data).toEqual({
    message: 'Hello?',
    model_preference: 'default',
    system_prompt: 'Be kind',
    max_tokens: 9,
  })
  await roomUntil(room, () => room.messages.list.length === 2)
  await client.close()
})

test('[CHAT-66] a client that is closed leaves no timer', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  const clock = createManualClock()
  const client = await openClient(server, 'ann', { clock })
  const room = client.room('team')
  room.composing()
  server.publish(team, 'typing', { user_id: userId('bob'), username: 'bob', is_typing: true, room_id: 'team' })
  await roomUntil(room, () => room.typing.length === 1)
  server.rude.refuse = ({ type }) => (type === 'chat' ? { code: 'BUSY', retry_after: 9 } : undefined)
  void room.send('later')
  await clock.asked(9_000)
  server.rude.deaf = new Set(['who'])
  const calls = [failure(client.who([])), failure(room.ask('Anybody?'))]
  await client.close()
  expect(await Promise.all(calls)).toMatchObject([{ code: 'CLOSED' }, { code: 'CLOSED' }])
  expect(clock.waits()).toEqual([])
})

test('[CHAT-66] the end of the client ends its runs', async () => {
  server.makeRoom('team', ['ann'])
  const [, client] = [answering('team'), clientOf(server, 'ann')]
  await client.connect()
  const { run } = await client.room('team').ask('Go on')
  const all = failure(steps(run))
  await client.close()
  expect(await all).toMatchObject({ code: 'CLOSED' })
  expect(await failure(run.done)).toMatchObject({ code: 'CLOSED' })
})

test('[CHAT-69] an answer goes on, or is given anew, as a run of its own', async () => {
  server.makeRoom('team', ['ann'])
  const [runs, client] = [answering('team'), await openClient(server, 'ann')]
  const room = client.room('team')
  const { run } = await room.ask('Count')
  server.step(runs[0]!, 'text', { text: 'one, ' })
  server.endRun(runs[0]!, 'cancelled')
  await run.done
  const found = watch(room)
  const rest = await run.continue()
  expect(rest).not.toBe(run)
  expect(rest.info).toMatchObject({ origin: { run_id: run.id, how: 'continue' }, question: run.info?.question })
  expect(found.filter(({ type }) => type === 'run')).toHaveLength(1)
  const fake = server.runs.get(rest.id)!
  server.step(fake, 'text', { text: 'two' })
  server.endRun(fake)
  expect(await rest.done).toMatchObject({ text: 'two', state: 'completed' })
  // Of an answer of the past, too.
  const anew = await room.regenerateRun(run.id)
  expect(anew.info?.origin).toEqual({ run_id: run.id, how: 'regenerate' })
  expect(room.runs).toEqual([anew])
  expect(await failure(room.continueRun(run.id.replace(/^./, run.id.startsWith('0') ? '1' : '0')))).toMatchObject({
    code: 'RUN_UNKNOWN',
  })
  await client.close()
})

test('[CHAT-69] over a lost connection it is asked for once, and found where it is over by then', async () => {
  server.makeRoom('team', ['ann'])
  const [runs, client] = [answering('team'), await openClient(server, 'ann')]
  const { run } = await client.room('team').ask('Count')
  server.endRun(runs[0]!, 'failed')
  await run.done
  server.rude.cutBeforeAnswer = 'regenerate_run'
  const asking = run.regenerate()
  await server.until(() => server.runs.size === 2)
  const fake = [...server.runs.values()].at(-1)!
  server.step(fake, 'text', { text: 'one' })
  server.endRun(fake)
  const again = await asking
  expect(server.runs.size).toBe(2)
  expect(again.id).toBe(fake.info.run_id)
  expect((await again.done).text).toBe('one')
  await client.close()
})
