import { expect, test } from 'vitest'
import { runCommands } from '../../../src/core/commands/runs.ts'
import type { Context } from '../../../src/core/context.ts'
import type { RoomId, RunId } from '../../../src/core/ids.ts'
import type { Actor, User } from '../../../src/core/user.ts'
import { SlidingWindows } from '../../../src/core/window.ts'
import { newId } from '../../contracts/store-world.ts'
import { testIds, until } from '../../world.ts'
import { type Desk, openDesk } from './desk.ts'

const as = (user: User): Actor => ({ kind: 'user', user, credential: { by: 'key', digest: '' } })
const operator: Actor = { kind: 'operator' }

// The commands of runs need nothing else of a context.
const contextOf = ({ runs, store, directory, commits, timers }: Desk, limits: object = {}) =>
  ({ runs, store, directory, commits, clock: timers, ids: testIds, limits }) as unknown as Context

async function scene() {
  const desk = await openDesk()
  const ctx = contextOf(desk)
  const { world, timers } = desk
  const room = newId<RoomId>()
  const owner = await world.person('owner')
  await world.write({
    ...{ type: 'room.create', at: timers.now() },
    room: { id: room, kind: 'private', label: 'den', name: 'Den', owner: owner.id, assistant: 'always' },
  })
  const join = (user: User) => world.write({ type: 'member.join', room, user: user.id, at: timers.now() })
  await join(desk.ann)
  const ask = async () => {
    const id = await desk.ask({ room })
    await until(() => desk.agent.asked.at(-1)?.question.run.id === id)
    return id
  }
  const cancel = async (actor: Actor, id: string) => runCommands['run.cancel'](ctx, actor, { id })
  const show = async (actor: Actor, id: string, after = 0) => runCommands['run.show'](ctx, actor, { id, after })
  const again = async (actor: Actor, how: 'continue' | 'regenerate', id: string, clientId: string | null = null) =>
    runCommands[`run.${how}`](ctx, actor, { id, clientId })
  /** Has the latest run say something and end. */
  const ended = async (id: string, text = 'half of', how: 'cancel' | 'finish' = 'cancel') => {
    const { script } = desk.agent.asked.find(({ question }) => question.run.id === id)!
    if (text !== '') script.say(text)
    await until(() => script.pulled === (text === '' ? 0 : 1))
    if (how === 'finish') script.finish()
    else await desk.runs.cancel(id as RunId)
    await desk.over()
    return id
  }
  /** The latest question that the agent was asked, once it is about `run`. */
  const asked = async (run: string) => {
    await until(() => desk.agent.asked.at(-1)?.question.run.id === run)
    return desk.agent.asked.at(-1)!
  }
  return { ...desk, room, owner, join, askIn: desk.ask, ask, cancel, show, again, ended, asked }
}

const refusal = (code: string) => ({ refusal: { code } })

test('[RUN-30] the asker, the owner of the room, admins and the operator cancel a run', async () => {
  const { ask, cancel, ann, owner, world } = await scene()
  const admin = await world.person('admin', { role: 'admin' })
  for (const actor of [as(ann), as(owner), as(admin), operator]) {
    const id = await ask()
    expect((await cancel(actor, id)).run.end?.state).toBe('cancelled')
    await expect(cancel(actor, id)).rejects.toMatchObject(refusal('run_ended'))
  }
})

test('[RUN-30] another member may not, and to everybody else there is no such run', async () => {
  const { ask, cancel, join, world, runs } = await scene()
  const [ben, cat] = [await world.person('ben'), await world.person('cat')]
  await join(ben)
  const id = await ask()
  await expect(cancel(as(ben), id)).rejects.toMatchObject({ refusal: { code: 'not_owner', of: 'room' } })
  await expect(cancel(as(cat), id)).rejects.toMatchObject(refusal('run_unknown'))
  await expect(cancel({ kind: 'anonymous', address: '', local: true }, id)).rejects.toMatchObject(
    refusal('unauthenticated'),
  )
  for (const other of [newId<string>(), 'x', '']) {
    await expect(cancel(operator, other)).rejects.toMatchObject(refusal('run_unknown'))
  }
  expect(runs.active).toBe(1)
})

test('[RUN-31] who may read the room is shown a run with its steps', async () => {
  const { ask, show, script, ann, owner, assistant, told, world, timers, join, over, room } = await scene()
  const id = await ask()
  const { script: lines } = await script(0)
  lines.say('one ')
  await until(() => told().includes('one '))
  lines.say('two')
  lines.finish()
  await over()
  const shown = await show(as(ann), id)
  expect(shown).toMatchObject({
    run: { id, end: { state: 'completed' } },
    room: { id: room },
    agent: assistant,
    asker: ann,
  })
  expect(shown.head).toBe(3)
  expect(shown.steps).toMatchObject([
    { n: 1, text: 'one ' },
    { n: 2, text: 'two' },
    { n: 3, type: 'end' },
  ])
  expect((await show(as(owner), id, 2)).steps).toMatchObject([{ n: 3 }])
  const [ben, admin] = [await world.person('ben'), await world.person('admin', { role: 'admin' })]
  for (const other of [ben, admin]) await expect(show(as(other), id)).rejects.toMatchObject(refusal('run_unknown'))
  timers.pass(1)
  await join(ben)
  // It started before Ben came.
  await expect(show(as(ben), id)).rejects.toMatchObject(refusal('run_unknown'))
  expect((await show(as(ben), await ask())).steps).toEqual([])
})

test('[RUN-31] a run of a deleted room is shown to nobody', async () => {
  const { ask, show, ann, owner, world, timers, room, directory, store } = await scene()
  const id = await ask()
  await world.write({ type: 'room.delete', room, at: timers.now() })
  const deleted = await store.room(room)
  if (deleted) directory.keepRoom(deleted)
  for (const user of [ann, owner]) await expect(show(as(user), id)).rejects.toMatchObject(refusal('run_unknown'))
})

test('[RUN-31] a person is shown the runs of their own conversation', async () => {
  const { show, askIn, ann, owner, world, timers } = await scene()
  const own = newId<RoomId>()
  const open = { type: 'conversation.open', owner: ann.id, room: { own }, title: null, at: timers.now() } as const
  const { conversation } = await world.write(open)
  const id = await askIn({ room: own })
  expect((await show(as(ann), id)).run.conversation).toBe(conversation.number)
  await expect(show(as(owner), id)).rejects.toMatchObject(refusal('run_unknown'))
})

test('[RUN-32] a question is answered once more, in the light of what was there before it', async () => {
  const { ask, ended, again, asked, ann, askIn, room, told, over, answerOf, script, events } = await scene()
  const before = await askIn({ room, body: 'hello' })
  await (await script(0)).script.finish()
  await over()
  const first = await ended(await ask(), 'one', 'finish')
  const later = await ended(await ask(), 'two', 'finish')
  const { run, isRepeat } = await again(as(ann), 'regenerate', first)
  expect(run).toMatchObject({ origin: { run: first, how: 'regenerate' }, asker: ann.id, clientId: null, end: null })
  expect(isRepeat).toBe(false)
  const { question, script: lines } = await asked(run.id)
  expect(question).toMatchObject({ message: { id: run.question }, begun: null })
  expect(question.context.map(({ message }) => message.body)).toEqual(['hello'])
  lines.say('another')
  lines.finish()
  await over()
  expect((await answerOf(run.id)).message).toMatchObject({ body: 'another', run: run.id })
  expect((await answerOf(first as RunId)).message?.body).toBe('one')
  expect(told().slice(-6)).toEqual(['run.started', 'typing', 'another', 'quiet', '<completed>', 'message: another'])
  expect(events.filter(event => event.type === 'run.started').at(-1)).toMatchObject({ run: { id: run.id } })
  expect([before, later]).toHaveLength(2)
})

test('[RUN-33] an answer that broke off goes on where its text stops, as often as it takes', async () => {
  const { ask, ended, again, asked, ann, over, answerOf } = await scene()
  const first = await ended(await ask(), 'one, ')
  const second = (await again(as(ann), 'continue', first)).run
  expect((await asked(second.id)).question.begun).toBe('one, ')
  await ended(second.id, 'two, ')
  const third = (await again(as(ann), 'continue', second.id)).run
  const { question, script } = await asked(third.id)
  expect(question).toMatchObject({ begun: 'one, two, ', run: { origin: { run: second.id, how: 'continue' } } })
  script.say('three')
  script.finish()
  await over()
  expect((await answerOf(third.id)).message?.body).toBe('three')
  // From the beginning, whatever the earlier ones were.
  const anew = (await again(as(ann), 'regenerate', second.id)).run
  expect((await asked(anew.id)).question.begun).toBeNull()
  await ended(anew.id, 'un, ')
  const on = (await again(as(ann), 'continue', anew.id)).run
  expect((await asked(on.id)).question.begun).toBe('un, ')
})

test('[RUN-33] what goes on, is whole or has no text is not gone on with', async () => {
  const { ask, ended, again, ann, answerOf, world } = await scene()
  const running = await ask()
  for (const how of ['continue', 'regenerate'] as const)
    await expect(again(as(ann), how, running)).rejects.toMatchObject(refusal('run_open'))
  await ended(running, '')
  const whole = await ended(await ask(), 'whole', 'finish')
  const deleted = await ended(await ask(), 'half')
  const { message } = await answerOf(deleted as RunId)
  await world.write({ type: 'message.delete', id: message!.id, at: 0 })
  for (const id of [running, whole, deleted])
    await expect(again(as(ann), 'continue', id)).rejects.toMatchObject(refusal('nothing_to_continue'))
  expect((await again(as(ann), 'regenerate', deleted)).run.origin?.run).toBe(deleted)
})

test('[RUN-34] the asker, the owner of the room and admins may; others may not, and see no run', async () => {
  const { ask, ended, again, ann, owner, join, world, room, runs, timers } = await scene()
  const id = await ended(await ask())
  const [admin, ben, cat] = [
    await world.person('admin', { role: 'admin' }),
    await world.person('ben'),
    await world.person('cat'),
  ]
  const viewer = await world.person('viewer', { role: 'viewer' })
  timers.pass(1)
  await join(ben)
  for (const actor of [as(ann), as(owner), as(admin)]) {
    const { run } = await again(actor, 'continue', id)
    // Whoever wants it, the answer is to who asked.
    expect(run.asker).toBe(ann.id)
    await runs.cancel(run.id)
  }
  await expect(again(as(ben), 'continue', id)).rejects.toMatchObject({ refusal: { code: 'run_unknown' } })
  const later = await ended(await ask())
  await expect(again(as(ben), 'continue', later)).rejects.toMatchObject(refusal('not_owner'))
  for (const other of [cat, viewer])
    await expect(again(as(other), 'regenerate', later)).rejects.toMatchObject(refusal('run_unknown'))
  await world.write({ type: 'member.leave', room, user: ann.id, at: 0 })
  await expect(again(as(ann), 'continue', id)).rejects.toMatchObject(refusal('run_unknown'))
  await expect(again(operator, 'continue', id)).rejects.toMatchObject(refusal('unauthenticated'))
})

test('[RUN-34] a viewer starts nothing, nor does anybody where the assistant is off or the question is gone', async () => {
  const { ask, ended, again, ann, owner, world, room, timers, directory, store, answerOf } = await scene()
  const id = await ended(await ask())
  await expect(again(as({ ...ann, role: 'viewer' }), 'continue', id)).rejects.toMatchObject(refusal('role_forbids'))
  await world.write({ type: 'room.change', room, patch: { assistant: 'off' }, at: timers.now() })
  const off = await store.room(room)
  if (off) directory.keepRoom(off)
  for (const user of [ann, owner])
    await expect(again(as(user), 'regenerate', id)).rejects.toMatchObject(refusal('assistant_off'))
  await world.write({ type: 'room.change', room, patch: { assistant: 'mention' }, at: timers.now() })
  const on = await store.room(room)
  if (on) directory.keepRoom(on)
  const { run } = await answerOf(id as RunId)
  await world.write({ type: 'message.delete', id: run!.question, at: 0 })
  await expect(again(as(ann), 'regenerate', id)).rejects.toMatchObject(refusal('message_unknown'))
})

test('[RUN-34] what decided something is not answered once more', async () => {
  const { askIn, ended, again, ann, room, asked } = await scene()
  const id = await askIn({ room, body: '/approve ABCD2345' })
  await asked(id)
  await ended(id)
  for (const how of ['continue', 'regenerate'] as const)
    await expect(again(as(ann), how, id)).rejects.toMatchObject({
      refusal: { code: 'approval_decided', decision: 'approved' },
    })
})

test('[RUN-35] a request that is repeated starts one run', async () => {
  const { ask, ended, again, ann, agent, runs } = await scene()
  const id = await ended(await ask())
  const asked = agent.asked.length
  const [first, second] = await Promise.all([
    again(as(ann), 'continue', id, 'r-1'),
    again(as(ann), 'continue', id, 'r-1'),
  ])
  expect(second.run.id).toBe(first.run.id)
  expect([first.isRepeat, second.isRepeat]).toEqual([false, true])
  await until(() => agent.asked.length > asked)
  expect([agent.asked.length, runs.active]).toEqual([asked + 1, 1])
  await runs.cancel(first.run.id)
  expect(await again(as(ann), 'continue', id, 'r-1')).toMatchObject({ run: { id: first.run.id }, isRepeat: true })
  await expect(again(as(ann), 'regenerate', id, 'r-1')).rejects.toMatchObject(refusal('id_conflict'))
})

test('[RUN-35] it counts as a message does, and as a run of the asker', async () => {
  const desk = await scene()
  const { ask, ended, again, ann, agent, answerOf, store, timers } = desk
  const id = await ended(await ask())
  for (let i = 0; i < 8; i++) await again(as(ann), 'regenerate', id)
  await until(() => agent.asked.length === 9)
  const ninth = (await again(as(ann), 'regenerate', id)).run
  await until(() => desk.runs.active === 8)
  expect((await answerOf(ninth.id)).run?.end).toMatchObject({ state: 'failed', fault: 'Too many answers at once' })
  const messages = new SlidingWindows({ count: 1, seconds: 60 }, timers)
  const limited = contextOf(desk, { messages })
  await runCommands['run.regenerate'](limited, as(ann), { id })
  await expect(async () => runCommands['run.regenerate'](limited, as(ann), { id })).rejects.toMatchObject({
    refusal: { code: 'rate_limited', retryAfter: 60 },
  })
  await until(() => desk.runs.active === 8)
  expect(await store.openRuns()).toHaveLength(8)
})

test('[RUN-62] what was spent is forgotten after forty days, by the operator alone', async () => {
  const desk = await openDesk()
  const { ann, store, timers, commits, world } = desk
  const usage = { model: 'm', tokens: 1, cost: null, charge: 5 }
  const ctx = { commits, clock: timers } as unknown as Context
  await desk.ask()
  const { script } = await desk.script(0)
  script.finish(usage)
  await desk.over()
  const day = Math.floor(timers.now() / 86_400_000)
  const spent = async () => (await store.spentOn(day, { asker: ann.id, room: store.lobby })).person
  const later = (days: number) => ({ ...ctx, clock: { now: () => (day + days) * 86_400_000 } }) as unknown as Context
  const sweep = async (on: Context, actor: Actor) => runCommands['spending.sweep'](on, actor, {})
  await expect(sweep(later(50), as(await world.person('root', { role: 'admin' })))).rejects.toMatchObject({
    refusal: { code: 'admin_only' },
  })
  await sweep(later(40), operator)
  expect(await spent()).toBe(5)
  await sweep(later(41), operator)
  expect(await spent()).toBe(0)
})
