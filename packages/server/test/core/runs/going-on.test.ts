import { expect, test } from 'vitest'
import type { RunId } from '../../../src/core/ids.ts'
import { openInTemporary } from '../../stores/temporary.ts'
import { until } from '../../world.ts'
import { type Desk, openDesk } from './desk.ts'

/** A run whose agent said something when the process was killed, and the next process with the same store. */
async function killed(said: readonly string[], repeats = true) {
  const under = await openInTemporary()
  const desk = await openDesk(under.store)
  const run = await desk.ask({ body: 'why?' })
  const { script } = await desk.script(0)
  script.say(...said)
  await until(() => script.pulled === said.length)
  for (const one of said) {
    // What is gathered is stored when its time has come.
    desk.timers.pass(40)
    await until(() => desk.told().includes(one))
  }
  const next = await openDesk(await under.crash!())
  next.agent.repeats = repeats
  return { run, next, [Symbol.asyncDispose]: () => under.close() }
}

const steps = async ({ store }: Desk, run: RunId) =>
  (await store.runSteps(run, 0, 100)).map(step => `${step.n} ${step.type === 'text' ? step.text : step.type}`)

test('[RUN-16] after a kill a run that is always answered alike goes on by itself, from its last step on', async () => {
  await using scene = await killed(['one ', 'two '])
  const { run, next } = scene
  await next.runs.recover()
  const { question, script } = await next.script(0)
  expect(question).toMatchObject({ run: { id: run }, message: { body: 'why?' }, begun: null })
  script.say('one t', 'wo three ', 'four')
  script.finish({ model: 'test', tokens: 4, cost: null })
  await next.over()
  expect(await steps(next, run)).toEqual(['1 one ', '2 two ', '3 three ', '4 four', '5 end'])
  expect(next.told()).toEqual([
    'one |two ',
    'typing',
    'three ',
    'four',
    'quiet',
    '<completed>',
    'message: one two three four',
  ])
  const { run: ended } = await next.answerOf(run)
  expect(ended?.end).toMatchObject({ state: 'completed', usage: { tokens: 4 } })
  expect(await next.store.openRuns()).toEqual([])
})

test('[RUN-16] so does one of which nothing was stored, and one of which everything was', async () => {
  for (const said of [[], ['one two']]) {
    await using scene = await killed(said)
    const { run, next } = scene
    await next.runs.recover()
    const { script } = await next.script(0)
    script.say('one ', 'two')
    script.finish()
    await next.over()
    const { message, run: ended } = await next.answerOf(run)
    expect([message?.body, ended?.end?.state]).toEqual(['one two', 'completed'])
  }
})

test('[RUN-17] where it differs, or is less, it ends as interrupted with what was stored', async () => {
  for (const given of [['one ', 'six '], ['one t'], []]) {
    await using scene = await killed(['one ', 'two '])
    const { run, next } = scene
    await next.runs.recover()
    const { script } = await next.script(0)
    script.say(...given)
    script.finish()
    await next.over()
    expect(await steps(next, run)).toEqual(['1 one ', '2 two ', '3 end'])
    const { message, run: ended } = await next.answerOf(run)
    expect([message?.body, ended?.end?.state]).toEqual(['one two ', 'interrupted'])
  }
})

test('[RUN-16] it can be cancelled, and another agent is not asked at all', async () => {
  await using scene = await killed(['one '])
  await scene.next.runs.recover()
  await scene.next.script(0)
  expect((await scene.next.runs.cancel(scene.run)).end?.state).toBe('cancelled')
  await using other = await killed(['one '], false)
  await other.next.runs.recover()
  expect(other.next.agent.asked).toEqual([])
  expect((await other.next.answerOf(other.run)).run?.end?.state).toBe('interrupted')
})

test('[RUN-18] a stop leaves it open and whoever waits is told; what was given before is stored', async () => {
  const under = await openInTemporary()
  const desk = await openDesk(under.store)
  desk.agent.repeats = true
  const run = await desk.ask()
  const { script, signal } = await desk.script(0)
  const waiting = desk.runs.ended(run).catch(error => error)
  script.say('one ')
  await until(() => desk.told().includes('one '))
  script.say('two ')
  await until(() => script.pulled === 2)
  await desk.runs.interruptAll()
  expect(signal.aborted).toBe(true)
  expect(await waiting).toMatchObject({ refusal: { code: 'run_open' } })
  const late = await desk.ask()
  await desk.over()
  expect(desk.told()).toEqual(['run.started', 'typing', 'one ', 'two ', 'quiet', 'run.started'])
  const next = await openDesk(await under.reopen!())
  next.agent.repeats = true
  await next.runs.recover()
  for (const [index, id] of [run, late].entries()) {
    const { script } = await next.script(index)
    expect(next.agent.asked[index]?.question.run.id).toBe(id)
    script.say('one two three')
    script.finish()
  }
  await next.over()
  expect(await steps(next, run)).toEqual(['1 one ', '2 two ', '3 three', '4 end'])
  expect((await next.answerOf(late)).message?.body).toBe('one two three')
  await under.close()
})

test('[RUN-18] one that was cancelled before the stop is cancelled', async () => {
  const desk = await openDesk()
  desk.agent.repeats = true
  const run = await desk.ask()
  await desk.script(0)
  const cancelled = desk.runs.cancel(run)
  await desk.runs.interruptAll()
  expect((await cancelled).end?.state).toBe('cancelled')
})
