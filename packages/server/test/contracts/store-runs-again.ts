import { expect } from 'vitest'
import type { MessageId, RunId, UserId } from '../../src/core/ids.ts'
import type { WriteOf } from '../../src/core/ports/writes.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { groupOf, options, runsIn } from './store-runs.ts'
import { newId, type OpenStore, retryOf, START } from './store-world.ts'

/** Of runs that answer a question again. */
export function runAgainRules(open: OpenStore): void {
  const again = (run: RunId, over: Partial<WriteOf<'run.start'>> = {}, by?: User): WriteOf<'run.start'> => ({
    ...{ type: 'run.start', id: newId<RunId>(), origin: { run, how: 'continue' }, at: START },
    order: { by: by?.id ?? newId<UserId>(), clientId: null },
    ...over,
  })

  rule(
    open,
    '[STORE-135] a run that answers again is of the same question, and says which run it follows',
    async (world, under) => {
      const { store, write, ask, say, end, kinds } = await runsIn(world)
      const run = await ask({ retry: retryOf('c-1', 'hello') })
      await say(run, 'half')
      await end(run, { state: 'interrupted', at: START + 9 })
      const [earlier] = await store.runs([run])
      const order = again(run, { at: START + 5 })
      const started = await write(order)
      const expected = {
        ...earlier,
        ...{ id: order.id, clientId: null, origin: { run, how: 'continue' }, startedAt: START + 9, end: null },
      }
      expect(started).toEqual({ state: 'started', run: expected, seq: 4, at: START + 9 })
      expect(await store.runs([order.id])).toEqual([expected])
      expect(await store.openRuns()).toEqual([expected])
      expect(await store.runsOf(earlier!.question)).toEqual([earlier, expected])
      expect(await store.runsOf(newId<MessageId>())).toEqual([])
      expect(await kinds()).toEqual(['message.sent', 'run.started', 'message.sent', 'run.started'])
      await say(order.id, ' and more')
      expect((await end(order.id)).message).toMatchObject({ body: ' and more', seq: 5, run: order.id })
      expect(await store.runs([run])).toEqual([earlier])
      const third = await write(again(order.id, { origin: { run: order.id, how: 'regenerate' } }))
      const after = under.crash ? await under.crash() : store
      expect(await after.runs([third.run.id])).toEqual([third.run])
    },
  )

  rule(open, '[STORE-135] a repeat of an order finds its run, another one under its name is refused', async world => {
    const { store, write, refusal, ask, end, ann, person, kinds } = await runsIn(world)
    const runs = [await ask(), await ask()] as const
    for (const run of runs) await end(run, { state: 'failed' })
    const named = { order: { by: ann.id, clientId: 'r-1' } }
    const first = await write(again(runs[0], named))
    const before = await kinds()
    const repeat = again(runs[0], named)
    expect(await write(repeat)).toEqual({ state: 'repeated', run: first.run })
    await end(first.run.id)
    expect(await write(repeat)).toMatchObject({
      state: 'repeated',
      run: { id: first.run.id, end: { state: 'completed' } },
    })
    expect(await store.runs([repeat.id])).toEqual([])
    for (const other of [
      { run: runs[1], how: 'continue' },
      { run: runs[0], how: 'regenerate' },
    ] as const)
      expect(await refusal(again(runs[0], { ...named, origin: other }))).toEqual({ code: 'id_conflict' })
    expect((await kinds()).slice(0, -1)).toEqual(before)
    const ben = await person('ben')
    for (const order of [
      { by: ben.id, clientId: 'r-1' },
      { by: ann.id, clientId: null },
      { by: ann.id, clientId: null },
    ])
      expect(await write(again(runs[0], { order }))).toMatchObject({ state: 'started' })
  })

  rule(open, '[STORE-135] nothing is started for what is not there, goes on, or has lost its question', async world => {
    const { write, refusal, ask, end, ann, send, remove, draft, agent } = await runsIn(world)
    expect(await refusal(again(newId<RunId>()))).toEqual({ code: 'run_unknown' })
    const run = await ask()
    expect(await refusal(again(run))).toEqual({ code: 'run_open' })
    await end(run)
    expect(await refusal(again(run, { id: run }))).toEqual({ code: 'id_conflict' })
    const question = draft(ann, { run: { id: newId<RunId>(), agent: agent.id, options } })
    await write(question)
    await end(question.run!.id)
    await remove(question.id)
    expect(await refusal(again(question.run!.id))).toEqual({ code: 'message_unknown', id: question.id })
    const room = await groupOf(world, ann)
    const there = await ask({ room })
    await end(there)
    await write({ type: 'room.delete', room, at: START })
    expect(await refusal(again(there))).toEqual({ code: 'run_unknown' })
    await send(ann)
  })

  rule(
    open,
    '[STORE-135] of a question that is erased nothing is answered again, and answers without text go with it',
    async world => {
      const { store, write, refusal, ask, say, end, trim } = await runsIn(world)
      const run = await ask()
      await say(run, 'x')
      await end(run, { state: 'failed' })
      const silent = (await write(again(run))).run.id
      await end(silent)
      await trim(store.lobby, 1)
      expect((await store.runs([run, silent])).map(({ id }) => id)).toEqual([run])
      expect(await refusal(again(run))).toMatchObject({ code: 'message_unknown' })
    },
  )
}
