import { expect } from 'vitest'
import type { MessageId, RoomId, RunId } from '../../src/core/ids.ts'
import type { WriteOf } from '../../src/core/ports/writes.ts'
import type { AskOptions, RunStepContent } from '../../src/core/run.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { newId, type OpenStore, retryOf, START, type World } from './store-world.ts'

export const options: AskOptions = { model: 'gpt-4', systemPrompt: 'Be “brief” 🤖', temperature: 0.7, maxTokens: null }
const nothing: AskOptions = { model: null, systemPrompt: null, temperature: null, maxTokens: null }
const usage = { model: 'parley-guide', tokens: 12, cost: 0.25 }

const text = (text: string): RunStepContent => ({ type: 'text', text })

/** Short words for runs: an asker and an agent in a fresh world. */
export async function runsIn(world: World) {
  const { store, write, refusal, person, draft } = world
  const ann = await person('ann')
  const agent = await person('assistant', { role: 'agent' })

  async function ask(over: Partial<WriteOf<'message.append'>> = {}, asked = options): Promise<RunId> {
    const id = newId<RunId>()
    await write(draft(ann, { run: { id, agent: agent.id, options: asked }, ...over }))
    return id
  }

  const appending = (run: RunId, steps: readonly RunStepContent[], at = START) =>
    ({ type: 'run.append', run, steps, at }) as const
  const ending = (run: RunId, over: Partial<WriteOf<'run.end'>> = {}): WriteOf<'run.end'> => ({
    ...{ type: 'run.end', run, state: 'completed', usage: null, fault: null, answer: newId<MessageId>(), at: START },
    ...over,
  })
  const say = (run: RunId, ...texts: readonly string[]) => write(appending(run, texts.map(text)))
  const end = (run: RunId, over: Partial<WriteOf<'run.end'>> = {}) => write(ending(run, over))
  const kinds = async (room = store.lobby) => (await store.log(room, 0, 1_000)).map(row => row.type)
  const steps = (run: RunId) => store.runSteps(run, 0, 1_000)
  return { ...world, ann, agent, ask, appending, ending, say, end, kinds, steps, refusal }
}

async function directRoom({ write }: World, a: User, b: User): Promise<RoomId> {
  const pair = a.id < b.id ? ([a.id, b.id] as const) : ([b.id, a.id] as const)
  return (await write({ type: 'room.open_direct', id: newId<RoomId>(), pair, at: START })).room.id
}

export function runRules(open: OpenStore): void {
  rule(open, '[STORE-120] a run starts with its message, in the place after it', async world => {
    const { store, write, draft, ann, agent, kinds } = await runsIn(world)
    const run = newId<RunId>()
    const retry = retryOf('c-1', 'hello')
    const question = draft(ann, { retry, run: { id: run, agent: agent.id, options }, at: START + 5 })
    const appended = await write(question)
    const expected = {
      ...{ id: run, room: store.lobby, agent: agent.id, asker: ann.id, question: question.id, clientId: 'c-1' },
      ...{ conversation: (await store.message(question.id))!.conversation, options, origin: null },
      ...{ startedAt: START + 5, end: null },
    }
    expect(appended).toMatchObject({ state: 'stored', seq: 1, ordinal: 1, run: { run: expected, seq: 2 } })
    expect(await store.runs([newId<RunId>(), run])).toEqual([expected])
    expect(await kinds()).toEqual(['message.sent', 'run.started'])
    expect(await store.log(store.lobby, 1, 10)).toEqual([{ seq: 2, at: START + 5, type: 'run.started', run: expected }])
    expect(
      await write({ ...question, id: newId(), run: { id: newId<RunId>(), agent: agent.id, options } }),
    ).toMatchObject({
      state: 'repeated',
    })
    expect(await store.openRuns()).toEqual([expected])
    expect(await kinds()).toHaveLength(2)
  })

  rule(
    open,
    '[STORE-120] where the message is refused there is no run, nor a message where the run is',
    async world => {
      const { store, refusal, draft, person, ann, agent, ask, kinds } = await runsIn(world)
      const run = newId<RunId>()
      const asked = { id: run, agent: agent.id, options: nothing }
      const room = await directRoom(world, ann, agent)
      const ben = await person('ben')
      expect(await refusal(draft(ben, { room, run: asked }))).toEqual({ code: 'not_member' })
      expect(await store.runs([run])).toEqual([])
      const known = await ask()
      expect(await refusal(draft(ann, { run: { ...asked, id: known } }))).toEqual({ code: 'id_conflict' })
      expect(await kinds()).toEqual(['message.sent', 'run.started'])
      const next = await world.send(ann)
      expect([next.seq, next.ordinal]).toEqual([3, 2])
    },
  )

  rule(open, '[STORE-121] steps are dense from 1 and come back as they were given', async world => {
    const { store, write, ask, appending } = await runsIn(world)
    const [run, other] = [await ask(), await ask()]
    const given: readonly RunStepContent[] = [
      text('a '),
      text('\n\0“🤖” '),
      { type: 'switch', from: 'planner', to: 'coder', reason: 'to write “it”' },
      { type: 'tool', call: 'call-1', name: 'search', state: 'started', detail: { q: ['x', 1, null, { y: '🤖' }] } },
      { type: 'tool', call: 'call-1', name: 'search', state: 'completed', detail: null },
      text('b'),
    ]
    const first = await write(appending(run, given.slice(0, 2), START + 1))
    expect(first.steps.map(step => step.n)).toEqual([1, 2])
    await write(appending(other, [text('x')]))
    const second = await write(appending(run, given.slice(2), START + 2))
    const expected = given.map((step, index) => ({ ...step, n: index + 1, at: START + (index < 2 ? 1 : 2) }))
    expect([...first.steps, ...second.steps]).toEqual(expected)
    expect(await store.runSteps(run, 0, 100)).toEqual(expected)
    expect(await store.runSteps(run, 2, 3)).toEqual(expected.slice(2, 5))
    expect(await store.runSteps(run, 6, 3)).toEqual([])
    expect(await store.runHeads([run, newId<RunId>(), other])).toEqual([6, 0, 1])
    const many = Array.from({ length: 70 }, (_, index) => text(`${index}`))
    for (let i = 0; i < 70; i += 2) await write(appending(other, many.slice(i, i + 2)))
    const page = (await store.runSteps(other, 2, 67)).map(step => (step.type === 'text' ? step.text : ''))
    expect(page).toEqual(Array.from({ length: 67 }, (_, index) => `${index + 1}`))
  })

  rule(open, '[STORE-129] what a run tells of tools is found without its text', async world => {
    const { store, write, ask, appending } = await runsIn(world)
    const run = await ask()
    const tool = { type: 'tool', call: 'c1', name: 'sum', state: 'started', detail: { a: '"type":"tool"' } } as const
    await write(appending(run, [text('"type":"tool"'), text('so')]))
    await write(appending(run, [text('now'), tool]))
    await write(appending(run, [{ ...tool, state: 'completed', detail: 2 }, text('done')]))
    expect(await store.toolSteps(run)).toEqual([
      { ...tool, n: 4, at: START },
      { ...tool, state: 'completed', detail: 2, n: 5, at: START },
    ])
    expect(await store.toolSteps(newId<RunId>())).toEqual([])
  })

  rule(open, '[STORE-122] the text becomes a message of the agent, which needs no membership', async world => {
    const { store, write, draft, ann, agent, ask, say, end, steps, unread, person, direct } = await runsIn(world)
    const ben = await person('ben')
    const room = await direct(ann, ben)
    const run = await ask({ room, at: START + 1 })
    await say(run, 'two ', 'words')
    await write({ type: 'run.append', run, steps: [{ type: 'switch', from: 'a', to: 'b', reason: '' }], at: START })
    await say(run, ' more')
    const answer = newId<MessageId>()
    const ended = await end(run, { answer, usage, at: START })
    const message = await store.message(answer)
    expect(ended).toMatchObject({ seq: 3, at: START + 1, message, step: { n: 5, type: 'end', state: 'completed' } })
    expect(message).toMatchObject({
      ...{ sender: agent.id, kind: 'text', body: 'two words more', room, run, clientId: null, replyTo: null },
      ...{ seq: 3, ordinal: 2, at: START + 1 },
    })
    expect(ended.run.end).toEqual({ state: 'completed', at: START + 1, usage, fault: null, answer, by: null })
    expect(await store.runs([run])).toEqual([ended.run])
    expect((await steps(run)).at(-1)).toEqual(ended.step)
    expect(await store.runHeads([run])).toEqual([5])
    const rows = await store.log(room, 0, 10)
    expect(rows.map(row => row.type)).toEqual(['message.sent', 'run.started', 'message.sent'])
    // Rows show a run as it is now.
    expect(rows[1]).toMatchObject({ run: ended.run })
    expect(rows[2]).toEqual({ seq: 3, at: START + 1, type: 'message.sent', message })
    expect([(await unread(ann)).direct, (await unread(ben)).direct]).toEqual([1, 2])
    expect(await write(draft(ben, { room }))).toMatchObject({ seq: 4, ordinal: 3, number: message!.number + 1 })
  })

  rule(open, '[STORE-122] an answer is no unread message of an agent that is a member', async world => {
    const { ann, agent, ask, say, end, unread, readAll, remove, direct } = await runsIn(world)
    const room = await direct(ann, agent)
    const ids = []
    for (let i = 0; i < 3; i++) {
      const run = await ask({ room })
      await say(run, 'yes')
      ids.push((await end(run)).message!.id)
    }
    expect([(await unread(ann)).direct, (await unread(agent)).direct]).toEqual([3, 3])
    await remove(ids[0]!)
    expect([(await unread(ann)).direct, (await unread(agent)).direct]).toEqual([2, 3])
    await readAll(agent, { room })
    await readAll(ann, { room })
    expect([(await unread(ann)).direct, (await unread(agent)).direct]).toEqual([0, 0])
  })

  rule(open, '[STORE-129] the last step holds what came of a run, and the run who spoke last', async world => {
    const { store, ask, end, steps } = await runsIn(world)
    const run = await ask()
    const outcome = { results: { plot_id: 'x', agents_used: ['A'] }, fault: { code: 'timeout', agent: 'A' } } as const
    const ended = await end(run, { outcome, by: 'A' })
    expect(ended.run.end?.by).toBe('A')
    expect(await store.runs([run])).toEqual([ended.run])
    expect((await steps(run)).at(-1)).toMatchObject({ type: 'end', state: 'completed', ...outcome })
  })

  rule(open, '[STORE-123] a run without text ends with a row of its own', async world => {
    const { store, ask, end, kinds, steps, write, appending } = await runsIn(world)
    const run = await ask()
    await write(appending(run, [{ type: 'tool', call: 'c', name: 'n', state: 'failed', detail: {} }]))
    const ended = await end(run, { state: 'failed', fault: 'No model', at: START + 9 })
    expect(ended).toMatchObject({ message: null, seq: 3, at: START + 9, step: { n: 2, type: 'end', state: 'failed' } })
    expect(ended.run.end).toEqual({
      state: 'failed',
      at: START + 9,
      usage: null,
      fault: 'No model',
      answer: null,
      by: null,
    })
    expect(await kinds()).toEqual(['message.sent', 'run.started', 'run.ended'])
    expect((await store.log(store.lobby, 2, 10))[0]).toEqual({
      seq: 3,
      at: START + 9,
      type: 'run.ended',
      run: ended.run,
    })
    expect(await steps(run)).toHaveLength(2)
  })

  rule(
    open,
    '[STORE-124] an unknown run and one that ended take nothing; a refused end leaves a run open',
    async world => {
      const { store, refusal, ask, say, end, appending, ending, kinds, send, ann } = await runsIn(world)
      expect(await refusal(appending(newId<RunId>(), [text('x')]))).toEqual({ code: 'run_unknown' })
      expect(await refusal(ending(newId<RunId>()))).toEqual({ code: 'run_unknown' })
      const run = await ask()
      await say(run, 'x')
      const taken = await send(ann)
      expect(await refusal(ending(run, { answer: taken.id }))).toEqual({ code: 'id_conflict' })
      expect(await store.openRuns()).toMatchObject([{ id: run, end: null }])
      expect(await store.runHeads([run])).toEqual([1])
      await end(run)
      expect(await refusal(appending(run, [text('y')]))).toEqual({ code: 'run_ended' })
      expect(await refusal(ending(run, { state: 'cancelled' }))).toEqual({ code: 'run_ended' })
      expect(await kinds()).toEqual(['message.sent', 'run.started', 'message.sent', 'message.sent'])
    },
  )

  rule(open, '[STORE-125] runs that did not end are found again, with all they said', async (world, under) => {
    const { store, ask, say, end } = await runsIn(world)
    const [a, b, c] = [await ask(), await ask(), await ask()]
    await say(a, 'half an ')
    await say(a, 'answer')
    await end(b)
    const openIds = async (of = store) => (await of.openRuns()).map(run => run.id)
    expect(await openIds()).toEqual([a, c])
    const after = under.crash ? await under.crash() : store
    expect(await openIds(after)).toEqual([a, c])
    expect(await after.runSteps(a, 0, 10)).toMatchObject([{ text: 'half an ' }, { text: 'answer' }])
    const end_ = { usage: null, fault: null, answer: newId<MessageId>(), at: START }
    const [ended] = await after.commit([{ type: 'run.end', run: a, state: 'interrupted', ...end_ }])
    expect(ended).toMatchObject({ state: 'done', value: { message: { body: 'half an answer' } } })
    expect(await openIds(after)).toEqual([c])
  })

  rule(open, '[STORE-126] what an answer said is forgotten when it is edited or deleted', async world => {
    const { store, ask, say, end, steps, edit, remove } = await runsIn(world)
    const runs = [await ask(), await ask()]
    const ids: MessageId[] = []
    for (const run of runs) {
      await say(run, 'a secret')
      ids.push((await end(run)).message!.id)
    }
    const other = await ask()
    await say(other, 'x')
    await edit(ids[0]!, 'no secret')
    await remove(ids[1]!)
    for (const run of runs) expect(await steps(run)).toEqual([])
    expect(await store.runHeads(runs)).toEqual([2, 2])
    expect(await store.runs(runs)).toMatchObject(ids.map(answer => ({ end: { answer } })))
    expect(await store.message(ids[0]!)).toMatchObject({ run: runs[0]!, body: 'no secret' })
    expect(await steps(other)).toHaveLength(1)
  })

  rule(open, '[STORE-126] a run is erased with its answer, or without one with its question', async world => {
    const { store, ask, say, end, steps, trim, kinds } = await runsIn(world)
    const [silent, answered, open_, kept] = [await ask(), await ask(), await ask(), await ask()]
    for (const run of [answered, open_, kept]) await say(run, 'x')
    await end(silent, { state: 'failed' })
    await end(answered)
    await end(kept)
    await trim(store.lobby, 1)
    expect((await store.runs([silent, answered, open_, kept])).map(run => run.id)).toEqual([open_, kept])
    expect(await store.runHeads([silent, answered, open_, kept])).toEqual([0, 0, 1, 2])
    expect([await steps(silent), await steps(answered)]).toEqual([[], []])
    expect(await steps(kept)).toHaveLength(2)
    const started = ['gone', 'gone', 'gone', 'gone', 'gone', 'run.started', 'gone', 'run.started']
    expect(await kinds()).toEqual([...started, 'gone', 'gone', 'message.sent'])
    expect((await end(open_)).message).toMatchObject({ ordinal: 7, run: open_ })
  })
}

/** Of rooms that are deleted while an agent answers there. */
export function deletedRoomRunRules(open: OpenStore): void {
  rule(open, '[STORE-127] in a deleted room a run goes on and ends without a trace in the log', async world => {
    const { store, write, ask, say, end, ann, kinds } = await runsIn(world)
    const room = await groupOf(world, ann)
    const run = await ask({ room })
    await say(run, 'x')
    await write({ type: 'room.delete', room, at: START })
    const before = await kinds(room)
    expect(before).toEqual(['member.joined', 'gone', 'gone', 'room.deleted'])
    await say(run, 'y')
    expect(await end(run)).toMatchObject({ message: null, seq: 0, step: { n: 3 }, run: { end: { answer: null } } })
    expect(await kinds(room)).toEqual(before)
    expect(await store.openRuns()).toEqual([])
  })

  rule(open, '[STORE-128] a run is erased with its room', async world => {
    const { store, write, refusal, ask, say, end, appending, ann } = await runsIn(world)
    const room = await groupOf(world, ann)
    const runs = [await ask({ room }), await ask({ room }), await ask({ room })]
    for (const run of runs) await say(run, 'a', 'b', 'c', 'd')
    for (const run of runs.slice(1)) await end(run)
    const kept = await ask()
    await say(kept, 'x')
    await write({ type: 'room.delete', room, at: START })
    let removed = 0
    for (let last = -1; last !== 0; removed += last) {
      ;({ removed: last } = await write({ type: 'room.erase', room, limit: 5 }))
      expect(last).toBeLessThanOrEqual(5)
    }
    // The messages alone are five.
    expect(removed).toBeGreaterThan(5)
    expect(await store.runs(runs)).toEqual([])
    expect(await store.runHeads(runs)).toEqual([0, 0, 0])
    for (const run of runs) expect(await store.runSteps(run, 0, 10)).toEqual([])
    expect(await refusal(appending(runs[0]!, [text('x')]))).toEqual({ code: 'run_unknown' })
    expect(await store.openRuns()).toMatchObject([{ id: kept }])
    expect(await store.runSteps(kept, 0, 10)).toHaveLength(1)
  })
}

export async function groupOf({ write }: World, owner: User): Promise<RoomId> {
  const id = newId<RoomId>()
  const room = { id, kind: 'group', label: `label ${id}`, name: 'A group', owner: owner.id, assistant: 'off' } as const
  await write({ type: 'room.create', room, at: START })
  return id
}
