import { expect } from 'vitest'
import type { MessageId, RoomId, RunId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { groupOf } from './store-runs.ts'
import { newId, newUser, type OpenStore, START, type World } from './store-world.ts'

const DAY = 86_400_000
const TODAY = Math.floor(START / DAY)

/** Short words for answers that cost something. */
async function tillIn(world: World) {
  const { store, write, draft, person } = world
  const ann = await person('ann')
  const agent = await person('assistant', { role: 'agent' })
  const options = { model: null, systemPrompt: null, temperature: null, maxTokens: null }

  async function ask(asker: User, room: RoomId): Promise<RunId> {
    const id = newId<RunId>()
    await write(draft(asker, { room, run: { id, agent: agent.id, options } }))
    return id
  }

  async function end(run: RunId, charge: number | undefined, at = START) {
    const usage = { model: 'm', tokens: 1, cost: null, ...(charge !== undefined && { charge }) }
    const ending = { state: 'cancelled', usage, fault: null, answer: newId<MessageId>(), at } as const
    return write({ type: 'run.end', run, ...ending })
  }

  const spent = (asker: User, room: RoomId, day = TODAY) => store.spentOn(day, { asker: asker.id, room })
  return { ...world, ann, agent, ask, end, spent }
}

export function spendingRules(open: OpenStore): void {
  rule(
    open,
    '[STORE-180] an answer is charged to its asker and its room with its end, on the day of that',
    async world => {
      const { store, ann, person, ask, end, spent } = await tillIn(world)
      const ben = await person('ben')
      await end(await ask(ann, store.lobby), 7)
      expect((await end(await ask(ann, store.lobby), 5)).run.end?.usage).toMatchObject({ charge: 5 })
      await end(await ask(ben, store.lobby), 1)
      await end(await ask(ben, store.lobby), undefined)
      await end(await ask(ben, store.lobby), 100, START + DAY)
      expect(await spent(ann, store.lobby)).toEqual({ person: 12, room: 13, guests: 0 })
      expect(await spent(ben, store.lobby)).toEqual({ person: 1, room: 13, guests: 0 })
      expect(await spent(ben, store.lobby, TODAY + 1)).toEqual({ person: 100, room: 100, guests: 0 })
      expect(await spent(ben, store.lobby, TODAY - 1)).toEqual({ person: 0, room: 0, guests: 0 })
    },
  )

  rule(open, '[STORE-181] conversations and direct rooms have no account, and guests one together', async world => {
    const { write, ann, agent, direct, conversationOf, ask, end, spent } = await tillIn(world)
    const own = await conversationOf(ann)
    await end(await ask(ann, own.room), 3)
    const room = await direct(ann, agent)
    await end(await ask(ann, room), 4)
    expect(await spent(ann, own.room)).toEqual({ person: 7, room: 0, guests: 0 })
    expect(await spent(ann, room)).toEqual({ person: 7, room: 0, guests: 0 })
    const guests = ['one', 'two'].map(name => newUser(`guest ${name}`, { role: 'guest' }))
    for (const user of guests) {
      await write({ type: 'user.create', user, key: null, ticket: null, at: START })
      await end(await ask(user, (await conversationOf(user)).room), 10)
    }
    for (const user of guests) expect(await spent(user, own.room)).toEqual({ person: 0, room: 0, guests: 20 })
    await write({ type: 'guest.erase', id: guests[0]!.id, limit: 100, at: START })
    expect(await spent(guests[1]!, own.room)).toMatchObject({ guests: 20 })
  })

  rule(open, '[STORE-182] a refused end charges nothing; in a deleted room the asker alone is charged', async world => {
    const { store, write, refusal, ann, ask, end, spent } = await tillIn(world)
    const room = await groupOf(world, ann)
    const run = await ask(ann, room)
    const late = await ask(ann, room)
    await end(run, 5)
    const again = {
      state: 'failed',
      usage: { model: 'm', tokens: 1, cost: 1, charge: 9 },
      fault: null,
      at: START,
    } as const
    expect(await refusal({ type: 'run.end', run, ...again, answer: newId<MessageId>() })).toEqual({ code: 'run_ended' })
    await write({ type: 'room.delete', room, at: START })
    await end(late, 2)
    expect(await spent(ann, room)).toEqual({ person: 7, room: 5, guests: 0 })
    expect(await store.openRuns()).toEqual([])
  })

  rule(open, '[STORE-183] what was spent before a day is forgotten, and stays otherwise', async (world, under) => {
    const { store, write, ann, ask, end } = await tillIn(world)
    for (const day of [0, 1, 2]) await end(await ask(ann, store.lobby), 1 + day, START + day * DAY)
    await write({ type: 'spending.forget', before: TODAY + 1 })
    const kept = (await under.reopen?.()) ?? store
    const by = async (day: number) => (await kept.spentOn(day, { asker: ann.id, room: store.lobby })).person
    expect([await by(TODAY), await by(TODAY + 1), await by(TODAY + 2)]).toEqual([0, 2, 3])
  })
}
