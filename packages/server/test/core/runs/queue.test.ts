import { expect, test } from 'vitest'
import type { RoomId } from '../../../src/core/ids.ts'
import type { Question } from '../../../src/core/ports/agents.ts'
import { mentioned } from '../../../src/core/runs/mention.ts'
import type { User } from '../../../src/core/user.ts'
import { newId } from '../../contracts/store-world.ts'
import { type Desk, openDesk } from './desk.ts'

async function conversation({ world, ann }: Desk): Promise<RoomId> {
  const own = newId<RoomId>()
  await world.write({ type: 'conversation.open', owner: ann.id, room: { own }, title: null, at: 0 })
  return own
}

const bodies = ({ context }: Question) => context.map(({ message }) => message.body)

test('[RUN-82] in a conversation one question is answered after the other; a room answers all at once', async () => {
  const desk = await openDesk()
  const room = await conversation(desk)
  for (const body of ['one', 'two', 'three']) await desk.ask({ room, body })
  const first = await desk.script(0)
  await desk.ask({ body: 'elsewhere' })
  await desk.script(1)
  expect(desk.agent.asked.map(({ question }) => question.message.body)).toEqual(['one', 'elsewhere'])
  first.script.say('1')
  first.script.finish()
  const second = await desk.script(2)
  expect(second.question.message.body).toBe('two')
  expect(bodies(second.question)).toEqual(['one', '1'])
  second.script.say('2')
  second.script.fail(new Error('broken'))
  const third = await desk.script(3)
  expect(third.question.message.body).toBe('three')
  expect(bodies(third.question)).toEqual(['one', '1', 'two', '2'])
  third.script.finish()
  ;(await desk.script(1)).script.finish()
  await desk.over()
})

test('[RUN-82] a run that waits is cancelled at once, and the one behind it still waits for the first', async () => {
  const desk = await openDesk()
  const room = await conversation(desk)
  const [, waiting] = [await desk.ask({ room }), await desk.ask({ room }), await desk.ask({ room, body: 'last' })]
  const { script } = await desk.script(0)
  expect((await desk.runs.cancel(waiting)).end?.state).toBe('cancelled')
  expect(desk.agent.asked).toHaveLength(1)
  script.finish()
  const { question, script: last } = await desk.script(1)
  expect(question.message.body).toBe('last')
  last.finish()
  await desk.over()
})

test('[RUN-82] those that wait do not count among the eight', async () => {
  const desk = await openDesk()
  const room = await conversation(desk)
  for (let i = 0; i < 12; i++) await desk.ask({ room })
  for (let i = 0; i < 12; i++) (await desk.script(i)).script.finish()
  await desk.over()
  expect(desk.told().filter(word => word.includes('<completed>'))).toHaveLength(12)
})

test('[RUN-82] when the server stops, those that wait are interrupted too', async () => {
  const desk = await openDesk()
  const room = await conversation(desk)
  const runs = [await desk.ask({ room }), await desk.ask({ room })]
  await desk.script(0)
  await desk.runs.interruptAll()
  const states = (await desk.store.runs(runs)).map(({ end }) => end?.state)
  expect(states).toEqual(['interrupted', 'interrupted'])
})

test('[RUN-83] a text is for the agent that it mentions by its own name', () => {
  const agents = ['assistant', 'books', 'support'].map(name => ({ name })) as unknown as User[] // nothing else is looked at
  expect(mentioned('@Books, a plot please', agents)?.name).toBe('books')
  expect(mentioned('ask @support or @books', agents)?.name).toBe('books')
  expect(mentioned('@bookshop a@books', agents)).toBeUndefined()
  expect(mentioned('no one', agents)).toBeUndefined()
})

test('[RUN-84] an agent that can be steered hears what is said while it answers, and nothing that is said before or after', async () => {
  const desk = await openDesk()
  const room = await conversation(desk)
  expect(desk.runs.steer(room, 'too early')).toBe(false)
  Object.assign(desk.agent, { isSteerable: true })
  await desk.ask({ room })
  const { question, script } = await desk.script(0)
  expect(desk.runs.steer(room, 'shorter')).toBe(true)
  expect(desk.runs.steer(newId<RoomId>(), 'elsewhere')).toBe(false)
  expect(question.takeAsides()).toEqual(['shorter'])
  expect(question.takeAsides()).toEqual([])
  script.finish()
  await desk.over()
  expect(desk.runs.steer(room, 'too late')).toBe(false)
})
