import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { FileId, RoomId, RunId } from '../../../src/core/ids.ts'
import { AgentFailed } from '../../../src/core/ports/agents.ts'
import type { RunEnd } from '../../../src/core/run.ts'
import { newId } from '../../contracts/store-world.ts'
import { until } from '../../world.ts'
import { type Desk, openDesk } from './desk.ts'

const usage = { model: 'test', tokens: 2, cost: null }

/** Resolves when the desk told `word`. */
const tells = ({ told }: Desk, word: string) => until(() => told().includes(word))

const stateOf = async ({ answerOf }: Desk, run: RunId): Promise<RunEnd | undefined> =>
  (await answerOf(run)).run?.end?.state

test('[RUN-3] an answer is told in order: start, typing, steps, typing ends, last step, message', async () => {
  const desk = await openDesk()
  const run = await desk.ask({ body: 'how?' }, desk.ann, 'connection-1')
  const { question, script } = await desk.script(0)
  expect(question).toMatchObject({ run: { id: run }, asker: { name: 'ann' }, message: { body: 'how?' }, context: [] })
  script.say('like ')
  await tells(desk, 'like ')
  script.say('this')
  script.finish(usage)
  await desk.over()
  expect(desk.told()).toEqual(['run.started', 'typing', 'like ', 'this', 'quiet', '<completed>', 'message: like this'])
  expect(desk.events.every(event => 'via' in event && event.via === 'connection-1')).toBe(true)
  const { run: ended, message } = await desk.answerOf(run)
  expect(ended?.end).toMatchObject({ state: 'completed', usage, fault: null, answer: message?.id })
  expect(desk.events[0]).toMatchObject({ seq: 2, asker: desk.ann, agent: desk.assistant })
  expect(desk.events[1]).toMatchObject({ user: desk.assistant, in: { id: desk.store.lobby }, to: null })
  expect(desk.events.at(-1)).toMatchObject({
    ...{ seq: 3, sender: desk.assistant, recipient: null, message, run: ended, at: message?.at },
  })
  expect(desk.faults).toEqual([])
  expect(desk.timers.set).toBe(0)
})

test('[RUN-60] what was spent counts answers under way, of the asker and of the room, and once they end what is stored', async () => {
  const desk = await openDesk()
  const ben = await desk.world.person('ben')
  const charged = (charge: number) => ({ type: 'usage', usage: { model: 'm', tokens: 1, cost: null, charge } }) as const
  const asked: Awaited<ReturnType<Desk['script']>>[] = []
  for (const [at, asker] of [desk.ann, desk.ann, ben].entries()) {
    await desk.ask({}, asker)
    asked.push(await desk.script(at))
  }
  for (const [at, { script }] of asked.entries()) {
    script.tell(charged(10 ** at))
    script.say('so')
  }
  await until(() => asked.every(({ script }) => script.pulled > 0))
  expect(await asked[0]!.question.spending()).toEqual({ person: 11, room: 111, guests: null })
  asked[1]!.script.finish()
  await until(() => desk.runs.active === 2)
  expect(await asked[0]!.question.spending()).toEqual({ person: 11, room: 111, guests: null })
  expect(await asked[2]!.question.spending()).toEqual({ person: 100, room: 111, guests: null })
  const read = desk.store.spentOn
  const endMeanwhile: typeof read = async (...of) => {
    const stored = await read(...of)
    asked[0]!.script.finish()
    await until(() => desk.runs.active === 1)
    return stored
  }
  Object.assign(desk.store, { spentOn: endMeanwhile })
  expect(await asked[2]!.question.spending()).toMatchObject({ room: 111 })
  Object.assign(desk.store, { spentOn: read })
  for (const { script } of asked) script.finish()
  await desk.over()
  const day = Math.floor(desk.timers.now() / 86_400_000)
  expect(await desk.store.spentOn(day, { asker: desk.ann.id, room: desk.store.lobby })).toMatchObject({ person: 11 })
})

test('[RUN-61] guests are counted together, and a conversation has no account of its own', async () => {
  const desk = await openDesk()
  const guests = [await desk.world.person('g1', { role: 'guest' }), await desk.world.person('g2', { role: 'guest' })]
  const asked: Awaited<ReturnType<Desk['script']>>[] = []
  for (const [at, guest] of guests.entries()) {
    await desk.ask({ room: (await desk.world.conversationOf(guest)).room }, guest)
    asked.push(await desk.script(at))
  }
  for (const { script } of asked) {
    script.tell({ type: 'usage', usage: { model: 'm', tokens: 1, cost: null, charge: 5 } })
    script.say('so')
  }
  await until(() => asked.every(({ script }) => script.pulled > 0))
  expect(await asked[0]!.question.spending()).toEqual({ person: null, room: null, guests: 10 })
  await desk.runs.interruptAll()
})

test('[RUN-3] in a direct room typing and answer are for the asker', async () => {
  const desk = await openDesk()
  const room = await desk.world.direct(desk.ann, desk.assistant)
  await desk.ask({ room })
  const { script } = await desk.script(0)
  script.say('yes')
  script.finish()
  await desk.over()
  expect(desk.events.find(event => event.type === 'typing.changed')).toMatchObject({ to: desk.ann })
  expect(desk.events.at(-1)).toMatchObject({ recipient: desk.ann, message: { body: 'yes' } })
})

test('[RUN-4] no step is told before it is stored, and none is lost or changed', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script } = await desk.script(0)
  const said: string[] = []
  for (let i = 0; i < 700; i++) {
    said.push(`${i} `)
    script.say(`${i} `)
    if (i % 97 === 0) {
      desk.timers.pass(15)
      await turn()
    }
  }
  script.give({ type: 'switch', from: 'a', to: 'b', reason: 'c' })
  script.finish()
  await desk.over()
  const steps = await desk.store.runSteps(run, 0, 10_000)
  const moved = desk.events.flatMap(event => (event.type === 'run.moved' ? event.steps : []))
  expect(moved).toEqual(steps)
  expect(steps.map(step => step.n)).toEqual(Array.from({ length: 702 }, (_, index) => index + 1))
  expect(steps.flatMap(step => (step.type === 'text' ? [step.text] : []))).toEqual(said)
  expect((await desk.answerOf(run)).message?.body).toBe(said.join(''))
})

test('[RUN-5] a failure is told with its words, then typing ends; other errors are reported and told without a reason', async () => {
  const desk = await openDesk()
  const first = await desk.ask()
  const { script } = await desk.script(0)
  script.say('half')
  script.fail(new AgentFailed('The model is asleep'))
  await desk.over()
  expect(desk.told().slice(2)).toEqual(['half', '<failed>', 'message: half', 'quiet'])
  expect((await desk.answerOf(first)).run?.end).toMatchObject({ state: 'failed', fault: 'The model is asleep' })
  const second = await desk.ask()
  ;(await desk.script(1)).script.fail(new Error('a secret'))
  await desk.over()
  expect(desk.told().slice(6)).toEqual(['run.started', 'typing', '<failed>', 'run.ended', 'quiet'])
  expect((await desk.answerOf(second)).run?.end).toMatchObject({ state: 'failed', fault: null, answer: null })
  expect(desk.faults.map(String)).toEqual(['Error: a secret'])
})

test('[RUN-6] a cancelled answer keeps what it has, and stops an agent that does not listen', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script, signal } = await desk.script(0)
  script.say('one ')
  await tells(desk, 'one ')
  expect(signal.aborted).toBe(false)
  const cancelled = desk.runs.cancel(run)
  expect(signal.aborted).toBe(true)
  script.say('two')
  expect((await cancelled).end?.state).toBe('cancelled')
  await desk.over()
  expect(desk.told().slice(2)).toEqual(['one ', 'quiet', '<cancelled>', 'message: one '])
  await expect(desk.runs.cancel(run)).rejects.toMatchObject({ refusal: { code: 'run_ended' } })
  await expect(desk.runs.cancel(newId<RunId>())).rejects.toMatchObject({ refusal: { code: 'run_unknown' } })
})

test('[RUN-6] one that completes meanwhile is not cancelled', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script } = await desk.script(0)
  script.finish()
  await until(() => desk.writes.some(write => write.type === 'run.end'))
  await expect(desk.runs.cancel(run)).rejects.toMatchObject({ refusal: { code: 'run_ended' } })
  expect(await stateOf(desk, run)).toBe('completed')
})

test('[RUN-6] deleting a room cancels its answers', async () => {
  const desk = await openDesk()
  const room = await desk.world.direct(desk.ann, desk.assistant)
  const [here, there] = [await desk.ask({ room }), await desk.ask()]
  await desk.script(1)
  desk.runs.cancelIn(room)
  await until(() => desk.runs.active === 1)
  expect([await stateOf(desk, here), await stateOf(desk, there)]).toEqual(['cancelled', undefined])
})

test('[RUN-7] eight answers at once for one asker, the ninth fails at once', async () => {
  const desk = await openDesk()
  for (let i = 0; i < 8; i++) await desk.ask()
  await desk.script(7)
  const ninth = await desk.ask()
  await until(() => desk.runs.active === 8)
  expect((await desk.answerOf(ninth)).run?.end).toMatchObject({ state: 'failed', fault: 'Too many answers at once' })
  expect(desk.told().slice(-3)).toEqual(['run.started', '<failed>', 'run.ended'])
  const ben = await desk.world.person('ben')
  await desk.ask({}, ben)
  ;(await desk.script(0)).script.finish()
  await until(() => desk.runs.active === 8)
  await desk.ask()
  await desk.script(9)
  expect(desk.runs.active).toBe(9)
})

test('[RUN-7] 200 answers at once in all', async () => {
  const desk = await openDesk()
  for (let i = 0; i < 25; i++) {
    const person = await desk.world.person(`person ${i}`)
    for (let j = 0; j < 8; j++) await desk.ask({}, person)
  }
  await desk.script(199)
  const one = await desk.ask()
  await until(() => desk.runs.active === 200)
  expect(await stateOf(desk, one)).toBe('failed')
})

test('[RUN-8] an answer takes ten minutes at the most', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script } = await desk.script(0)
  script.say('so far')
  await tells(desk, 'so far')
  desk.timers.pass(599_999)
  await turn()
  expect(desk.runs.active).toBe(1)
  desk.timers.pass(1)
  await desk.over()
  const { run: ended, message } = await desk.answerOf(run)
  expect(ended?.end).toMatchObject({ state: 'failed', fault: 'The answer took too long' })
  expect(message?.body).toBe('so far')
})

test('[RUN-14] an answer that is too long ends as failed, with the text that fits', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script, signal } = await desk.script(0)
  for (let i = 0; i < 3; i++) script.say('x'.repeat(90_000))
  await desk.over()
  const { run: ended, message } = await desk.answerOf(run)
  expect(ended?.end).toMatchObject({ state: 'failed', fault: 'The answer is too long' })
  expect(message?.body).toHaveLength(200_000)
  expect(signal.aborted).toBe(true)
})

test('[RUN-12] when the store takes no more the agent is stopped; the run ends once the store takes that', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script, signal } = await desk.script(0)
  script.say('one ')
  await tells(desk, 'one ')
  desk.trouble.fails = () => true
  script.say('two')
  desk.timers.pass(40)
  await tells(desk, 'quiet')
  expect(signal.aborted).toBe(true)
  expect(desk.told().slice(2)).toEqual(['one ', 'quiet'])
  await expect(desk.runs.cancel(run)).rejects.toMatchObject({ refusal: { code: 'storage_failed' } })
  desk.timers.pass(1_000)
  await until(() => desk.faults.length === 3)
  desk.trouble.fails = () => false
  await until(() => desk.timers.set > 0)
  desk.timers.pass(2_000)
  await desk.over()
  expect(desk.told().slice(2)).toEqual(['one ', 'quiet', '<failed>', 'message: one '])
  expect((await desk.answerOf(run)).run?.end).toMatchObject({
    state: 'failed',
    fault: 'The answer could not be stored',
  })
  // Each failed transaction was reported.
  expect(desk.faults).toHaveLength(3)
})

test('[RUN-12] while the store is only busy steps wait for it', async () => {
  const desk = await openDesk()
  await desk.ask()
  const { script } = await desk.script(0)
  const ignored = { committed: () => undefined, failed: () => undefined }
  for (let i = 0; i < 10_000; i++) desk.commits.add({ type: 'file.drop', id: newId<FileId>() }, ignored)
  script.say('one')
  script.finish()
  await desk.commits.drained()
  expect(desk.told()).toEqual(['run.started', 'typing'])
  desk.timers.pass(1_000)
  await desk.over()
  expect(desk.told().slice(2)).toEqual(['one', 'quiet', '<completed>', 'message: one'])
})

test('[RUN-9] when the server stops, answers end as interrupted, and later questions at once', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script } = await desk.script(0)
  script.say('half')
  await tells(desk, 'half')
  await desk.runs.interruptAll()
  expect(await stateOf(desk, run)).toBe('interrupted')
  expect(desk.told().slice(2)).toEqual(['half', 'quiet', '<interrupted>', 'message: half'])
  const late = await desk.ask()
  await desk.runs.interruptAll()
  expect(await stateOf(desk, late)).toBe('interrupted')
  expect(desk.agent.asked).toHaveLength(1)
})

test('[RUN-9] what the store does not take when the server stops is left to the next start', async () => {
  const desk = await openDesk()
  const run = await desk.ask()
  const { script } = await desk.script(0)
  script.say('half')
  await tells(desk, 'half')
  desk.trouble.fails = () => true
  await desk.runs.interruptAll()
  expect(desk.runs.active).toBe(0)
  expect((await desk.answerOf(run)).run?.end).toBeNull()
  expect(desk.timers.set).toBe(0)

  const next = await openDesk(desk.inner)
  await next.runs.recover()
  expect(next.told()).toEqual(['<interrupted>', 'message: half'])
  const { run: ended, message } = await next.answerOf(run)
  expect(ended?.end?.state).toBe('interrupted')
  expect(next.events.at(-1)).toMatchObject({ sender: { name: 'assistant' }, run: ended, message })
  await next.runs.recover()
  expect(next.events).toHaveLength(2)
})

test('[RUN-6] a run that nobody answers any more can be cancelled', async () => {
  const desk = await openDesk()
  const id = newId<RunId>()
  const options = { model: null, systemPrompt: null, temperature: null, maxTokens: null }
  await desk.world.send(desk.ann, { run: { id, agent: desk.assistant.id, options } })
  expect((await desk.runs.cancel(id)).end?.state).toBe('cancelled')
  expect(desk.told()).toEqual(['<cancelled>', 'run.ended'])
})

test('[RUN-20] the agent is given the latest 50 messages before the question that the asker may read', async () => {
  const desk = await openDesk()
  const ben = await desk.world.person('ben')
  const room = newId<RoomId>()
  await desk.world.write({
    ...{ type: 'room.create', at: desk.timers.now() },
    room: { id: room, kind: 'private', label: 'den', name: 'Den', owner: ben.id, assistant: 'always' },
  })
  for (let i = 0; i < 60; i++) await desk.world.send(ben, { room, body: `old ${i}` })
  await desk.world.write({ type: 'member.join', room, user: desk.ann.id, at: desk.timers.now() })
  for (let i = 0; i < 3; i++) await desk.world.send(ben, { room, body: `new ${i}` })
  await desk.ask({ room })
  const { question } = await desk.script(0)
  expect(question.context.map(({ message, sender }) => [message.body, sender.name])).toEqual([
    ['new 0', 'ben'],
    ['new 1', 'ben'],
    ['new 2', 'ben'],
  ])
  await desk.ask({ room }, ben)
  const second = await desk.script(1)
  expect(second.question.context).toHaveLength(50)
  expect(second.question.context.at(-1)?.message.id).toBe(question.message.id)
})
