import { expect, test } from 'vitest'
import { runCommands } from '../../../src/core/commands/runs.ts'
import type { Context } from '../../../src/core/context.ts'
import type { RoomId } from '../../../src/core/ids.ts'
import type { Actor, User } from '../../../src/core/user.ts'
import { newId } from '../../contracts/store-world.ts'
import { until } from '../../world.ts'
import { type Desk, openDesk } from './desk.ts'

const as = (user: User): Actor => ({ kind: 'user', user, credential: { by: 'key', digest: '' } })
const operator: Actor = { kind: 'operator' }

// The commands of runs need nothing else of a context.
const contextOf = ({ runs, store, directory }: Desk) => ({ runs, store, directory }) as unknown as Context

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
  return { ...desk, room, owner, join, askIn: desk.ask, ask, cancel, show }
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
