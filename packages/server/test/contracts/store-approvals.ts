import { expect } from 'vitest'
import type { Approval } from '../../src/core/approval.ts'
import type { MessageId, RoomId, RunId } from '../../src/core/ids.ts'
import type { WriteOf } from '../../src/core/ports/writes.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, START, type World } from './store-world.ts'

const options = { model: null, systemPrompt: null, temperature: null, maxTokens: null }
const ARGUMENTS = '{"title":"“Ünï” 🤖","deep":[{"b":1,"a":2}]}'

/** Short words for approvals: an asker and an agent in a fresh world. */
async function approvalsIn(world: World) {
  const { store, write, person, draft } = world
  const ann = await person('ann')
  const agent = await person('assistant', { role: 'agent' })

  async function run(over: Partial<WriteOf<'message.append'>> = {}, asker: User = ann): Promise<RunId> {
    const id = newId<RunId>()
    await write(draft(asker, { run: { id, agent: agent.id, options }, ...over }))
    return id
  }

  const asking = (of: RunId, code: string, over: Partial<WriteOf<'approval.ask'>> = {}): WriteOf<'approval.ask'> => ({
    ...{ type: 'approval.ask', run: of, code, tool: 'make_note', arguments: ARGUMENTS, why: 'write' },
    ...{ at: START + 1, expiresAt: START + 100, ...over },
  })
  const ask = async (code: string, over: Partial<WriteOf<'approval.ask'>> = {}): Promise<Approval> =>
    (await write(asking(await run(), code, over))).approval
  const deciding = (code: string, over: Partial<WriteOf<'approval.decide'>> = {}): WriteOf<'approval.decide'> => ({
    ...{ type: 'approval.decide', code, user: ann.id, decision: 'approved', at: START + 2 },
    ...over,
  })
  const pending = async (asker = ann, at = START + 2) => (await store.approvals(asker.id, at, 10)).map(one => one.code)
  return { ...world, ann, agent, run, asking, ask, deciding, pending }
}

const UNKNOWN = { code: 'approval_unknown' }

export function approvalRules(open: OpenStore): void {
  rule(open, '[STORE-130] an approval is what its run wanted to do, to the letter', async (world, { reopen }) => {
    const { store, ann, agent, run, asking, write, deciding } = await approvalsIn(world)
    const id = await run()
    const { approval } = await write(asking(id, 'AAAA2222', { why: 'show' }))
    const [{ conversation } = { conversation: 0 }] = await store.runs([id])
    const expected = {
      ...{ code: 'AAAA2222', asker: ann.id, agent: agent.id, room: store.lobby, conversation, run: id },
      ...{ tool: 'make_note', arguments: ARGUMENTS, why: 'show', askedAt: START + 1, expiresAt: START + 100 },
      decided: null,
    }
    expect(approval).toEqual(expected)
    const later = (await reopen?.()) ?? store
    expect(await later.approval('AAAA2222')).toEqual(expected)
    expect(await later.approvals(ann.id, START + 99, 9)).toEqual([expected])
    const [outcome] = await later.commit([deciding('AAAA2222')])
    const decided = { ...expected, decided: { decision: 'approved', at: START + 2 } }
    expect(outcome).toEqual({ state: 'done', value: { approval: decided } })
    expect(await later.approval('AAAA2222')).toEqual(decided)
  })

  rule(open, '[STORE-131] one is asked for by a run that goes on, of somebody who is there', async world => {
    const { write, refusal, run, asking, person, leave, roomOf } = await approvalsIn(world)
    const id = await run()
    expect(await refusal(asking(newId<RunId>(), 'AAAA2222'))).toEqual({ code: 'run_unknown' })
    await write(asking(id, 'AAAA2222'))
    expect(await refusal(asking(id, 'AAAA2222'))).toEqual({ code: 'id_conflict' })
    const end = { type: 'run.end', run: id, state: 'completed', usage: null, fault: null } as const
    await write({ ...end, answer: newId<MessageId>(), at: START })
    expect(await refusal(asking(id, 'BBBB2222'))).toEqual({ code: 'run_ended' })
    const ben = await person('ben')
    const [his, gone] = [await run({}, ben), await roomOf(ben)]
    const inGone = await run({ room: gone.id }, ben)
    await write({ type: 'room.delete', room: gone.id, at: START })
    expect(await refusal(asking(inGone, 'BBBB2222'))).toEqual({ code: 'run_unknown' })
    await leave(ben)
    expect(await refusal(asking(his, 'BBBB2222'))).toEqual({ code: 'user_unknown', name: ben.id })
  })

  rule(open, '[STORE-132] it is decided once, by its asker, in time; of two at once one wins', async world => {
    const { store, commit, refusal, ask, deciding, person, pending } = await approvalsIn(world)
    const ben = await person('ben')
    await ask('AAAA2222')
    await ask('BBBB2222', { at: START, expiresAt: START + 3 })
    expect(await pending()).toEqual(['BBBB2222', 'AAAA2222'])
    expect(await pending(ben)).toEqual([])
    expect(await refusal(deciding('AAAA2222', { user: ben.id }))).toEqual(UNKNOWN)
    expect(await refusal(deciding('CCCC2222'))).toEqual(UNKNOWN)
    expect(await refusal(deciding('BBBB2222', { at: START + 3 }))).toEqual({ code: 'approval_expired' })
    expect(await pending(undefined, START + 3)).toEqual(['AAAA2222'])
    const [first, second] = await commit(deciding('AAAA2222', { decision: 'denied' }), deciding('AAAA2222'))
    expect(first).toMatchObject({ state: 'done', value: { approval: { decided: { decision: 'denied' } } } })
    expect(second).toEqual({ state: 'refused', refusal: { code: 'approval_decided', decision: 'denied' } })
    expect(await pending()).toEqual(['BBBB2222'])
    expect(await store.approvals(newUser('nobody').id, START, 9)).toEqual([])
  })

  rule(open, '[STORE-133] what is decided or over is erased, a part at a time', async world => {
    const { store, write, ask, deciding } = await approvalsIn(world)
    const codes = ['AAAA2222', 'BBBB2222', 'CCCC2222', 'DDDD2222'] as const
    for (const code of codes) await ask(code, { expiresAt: START + 100 })
    await ask('EEEE2222', { expiresAt: START + 10 })
    await write(deciding('AAAA2222', { at: START + 10 }))
    await write(deciding('BBBB2222', { at: START + 11 }))
    const sweep = (before: number, limit: number) => write({ type: 'approval.sweep', before, limit })
    expect(await sweep(START + 9, 9)).toEqual({ removed: 0 })
    expect(await sweep(START + 10, 1)).toEqual({ removed: 1 })
    expect(await sweep(START + 10, 9)).toEqual({ removed: 1 })
    expect(await store.approval('AAAA2222')).toBeUndefined()
    expect(await store.approval('EEEE2222')).toBeUndefined()
    expect(await sweep(START + 100, 9)).toEqual({ removed: 3 })
  })

  rule(open, '[STORE-134] it goes with its room, its conversation and its asker', async world => {
    const { store, write, refusal, run, asking, deciding, person, roomOf, conversationOf, leave, pending } =
      await approvalsIn(world)
    const guest = newUser('guest', { role: 'guest' })
    await write({ type: 'user.create', user: guest, key: null, ticket: null, at: START })
    const ben = await person('ben')
    const [room, own] = [await roomOf(ben), await roomOf(ben, { kind: 'private' })]
    const [one, two] = [await conversationOf(ben, own.id), await conversationOf(ben, own.id)]
    const talk = await conversationOf(guest)
    const places: readonly [string, User, RoomId, number | null][] = [
      ['AAAA2222', ben, room.id, null],
      ['BBBB2222', ben, own.id, one.number],
      ['CCCC2222', ben, own.id, two.number],
      ['DDDD2222', guest, talk.room, talk.number],
      ['EEEE2222', ben, store.lobby, null],
    ]
    for (const [code, asker, place, conversation] of places)
      await write(asking(await run({ room: place, conversation }, asker), code))
    await write({ type: 'room.delete', room: room.id, at: START })
    expect(await store.approval('AAAA2222')).toBeUndefined()
    expect(await refusal(deciding('AAAA2222', { user: ben.id }))).toEqual(UNKNOWN)
    await write({ type: 'room.erase', room: room.id, limit: 1_000 })
    await write({ type: 'conversation.delete', number: one.number, at: START })
    expect(await pending(ben)).toEqual(['CCCC2222', 'EEEE2222'])
    const erasing = { type: 'guest.erase', id: guest.id, limit: 1_000, at: START } as const
    for (let isDone = false; !isDone; ) ({ isDone } = await write(erasing))
    expect(await store.approval('DDDD2222')).toBeUndefined()
    await leave(ben)
    expect(await pending(ben)).toEqual([])
    expect(await store.approval('CCCC2222')).toBeUndefined()
    // Nothing of it is left at all: there is nothing to sweep.
    expect(await write({ type: 'approval.sweep', before: Number.MAX_SAFE_INTEGER, limit: 9 })).toEqual({ removed: 0 })
  })
}
