import { expect, test } from 'vitest'
import type { OldMessages, Summarised } from '../../../src/core/ports/agents.ts'
import { until } from '../../world.ts'
import { openDesk, TestAgent } from './desk.ts'

/** An agent that waits for a test's word before it gives a summary. */
class Summariser extends TestAgent {
  readonly told: OldMessages[] = []
  readonly signals: AbortSignal[] = []
  next: () => Promise<Summarised | null> = async () => ({ text: `summary ${this.told.length}`, charge: 5 })

  async summarise(old: OldMessages, signal: AbortSignal): Promise<Summarised | null> {
    this.told.push(old)
    this.signals.push(signal)
    return this.next()
  }
}

async function scene() {
  const agent = new Summariser()
  const desk = await openDesk(undefined, agent)
  const { room } = await desk.world.conversationOf(desk.ann)
  let asked = 0
  /** One question and its answer, which had no place for messages before that ordinal. */
  async function talk(before: number, of = room): Promise<void> {
    await desk.ask({ room: of })
    const { script } = await desk.script(asked++)
    script.say('well')
    script.tell({ type: 'left_out', before })
    script.finish()
    await desk.over()
  }
  const say = (count: number) => desk.world.sendMany(desk.ann, count, { room })
  return { ...desk, agent, room, talk, say }
}

test('[RUN-65] what an answer left out is summarised afterwards, together with the summary before', async () => {
  const { agent, room, talk, say, store, ann, chores } = await scene()
  await say(30)
  await talk(21)
  await chores.idle()
  expect(agent.told).toHaveLength(1)
  expect(agent.told[0]).toMatchObject({ older: null, asker: ann })
  expect(agent.told[0]!.said.map(({ message }) => message.ordinal)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
  expect(await store.summary(room)).toEqual({ text: 'summary 1', first: 1, upTo: 20 })
  await talk(25)
  await chores.idle()
  expect(agent.told).toHaveLength(1)
  await talk(31)
  await chores.idle()
  expect(agent.told[1]).toMatchObject({ older: 'summary 1' })
  expect(agent.told[1]!.said.map(({ message }) => message.ordinal)[0]).toBe(21)
  expect(await store.summary(room)).toEqual({ text: 'summary 2', first: 1, upTo: 30 })
  expect(agent.asked.at(-1)!.question.summary).toEqual({ text: 'summary 1', first: 1, upTo: 20 })
})

test('[RUN-65] a long past is summarised page by page', async () => {
  const { agent, room, talk, say, store, chores } = await scene()
  await say(250)
  await talk(241)
  await chores.idle()
  expect(agent.told.map(({ said }) => said.length)).toEqual([100, 100, 40])
  expect(await store.summary(room)).toMatchObject({ upTo: 240 })
})

test('[RUN-66] a summary of what is deleted while it is made is thrown away', async () => {
  const { agent, room, talk, say, store, world, chores, faults } = await scene()
  await say(20)
  const { items } = await store.roomHistory({ room, above: 0, conversation: null, where: { newest: true }, limit: 50 })
  const made = Promise.withResolvers<Summarised>()
  agent.next = () => made.promise
  await talk(16)
  await until(() => agent.told.length === 1)
  await world.write({ type: 'message.delete', id: items[3]!.id, at: items[3]!.at })
  made.resolve({ text: 'with the secret', charge: 0 })
  await chores.idle()
  expect(await store.summary(room)).toBeUndefined()
  expect(faults).toEqual([])
})

test('[RUN-67] where others read nothing is summarised, and nobody has a summary there', async () => {
  const { agent, talk, world, ann, store, chores } = await scene()
  await world.sendMany(ann, 20)
  await talk(16, store.lobby)
  await chores.idle()
  expect(agent.told).toEqual([])
  expect(agent.asked[0]!.question.summary).toBeNull()
})

test('[RUN-68] a stop does not wait for a summary, and is no fault', async () => {
  const { agent, talk, say, runs, chores, faults } = await scene()
  await say(20)
  const made = Promise.withResolvers<null>()
  agent.next = () => made.promise
  await talk(16)
  await until(() => agent.told.length === 1)
  await runs.interruptAll()
  expect(agent.signals[0]!.aborted).toBe(true)
  made.reject(agent.signals[0]!.reason)
  await chores.stop()
  expect(faults).toEqual([])
})
