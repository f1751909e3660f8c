import { expect } from 'vitest'
import type { RoomId, UserId } from '../../src/core/ids.ts'
import { StoreFailed } from '../../src/core/ports/store.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, START, worldOn } from './store-world.ts'

export function commitRules(open: OpenStore): void {
  rule(open, '[STORE-1] a group has one outcome per write, in order; a refused one disturbs no other', async world => {
    const { store, commit, draft, person } = world
    const ann = await person('ann')
    const first = draft(ann)
    const last = draft(ann)
    const outcomes = await commit(
      first,
      draft(newUser('stranger')),
      { type: 'user.create', user: newUser('Ann'), key: null, ticket: null, at: START },
      { type: 'message.edit', id: newId(), body: 'x', at: START },
      last,
    )
    expect(outcomes).toMatchObject([
      { state: 'done', value: { state: 'stored', ordinal: 1, seq: 1 } },
      { state: 'refused', refusal: { code: 'not_member' } },
      { state: 'refused', refusal: { code: 'name_taken', name: 'Ann' } },
      { state: 'refused', refusal: { code: 'message_unknown' } },
      { state: 'done', value: { state: 'stored', ordinal: 2, seq: 2 } },
    ])
    expect(await world.historyIds()).toEqual([last.id, first.id])
    expect(await store.everyone()).toHaveLength(1)
  })

  rule(open, '[STORE-1] a write sees what the writes before it in its group did', async world => {
    const { commit, draft, person, store } = world
    const ann = await person('ann')
    const ben = newUser('ben')
    const message = draft(ben)
    const outcomes = await commit(
      { type: 'user.create', user: ben, key: null, ticket: null, at: START },
      message,
      { type: 'read.message', user: ann.id, id: message.id, at: START },
      { type: 'message.edit', id: message.id, body: 'better', at: START },
      { type: 'message.delete', id: message.id, at: START },
      { type: 'read.message', user: ann.id, id: message.id, at: START },
    )
    expect(outcomes.map(outcome => outcome.state)).toEqual(['done', 'done', 'done', 'done', 'done', 'refused'])
    expect(outcomes[2]).toMatchObject({
      value: { changed: 1, receipts: [{ id: message.id, author: ben.id, ordinal: 1 }], readTo: 1 },
    })
    expect(await store.heads([store.lobby, store.directory])).toEqual([3, 2])
  })

  rule(open, '[STORE-2] seq and ordinal are dense, whatever was refused in between', async world => {
    const { store, commit, draft, person } = world
    const ann = await person('ann')
    const taken = draft(ann)
    for (let group = 0; group < 5; group++) await commit(draft(ann), taken, draft(newUser('stranger')), draft(ann))
    const rows = await store.log(store.lobby, 0, 100)
    expect(rows.map(row => row.seq)).toEqual(Array.from({ length: 11 }, (_, index) => index + 1))
    expect(rows.map(row => 'message' in row && row.message.ordinal)).toEqual(rows.map(row => row.seq))
  })

  rule(open, '[STORE-3] time never falls within a room: not in messages, not in the log', async world => {
    const { store, send, edit, person, remove } = world
    const ann = await person('ann')
    const late = await send(ann, { at: START + 5_000 })
    const early = await send(ann, { at: START })
    expect(early.at).toBe(START + 5_000)
    expect((await edit(early.id, 'x', START + 1)).message.editedAt).toBe(START + 5_000)
    await remove(late.id, START + 9_000)
    await send(ann, { at: START + 8_000 })
    const times = (await store.log(store.lobby, 0, 100)).map(row => row.at - START)
    expect(times).toEqual([5_000, 5_000, 5_000, 9_000, 9_000])
  })

  rule(open, '[STORE-4] an empty group is fine', async ({ store }) => {
    expect(await store.commit([])).toEqual([])
  })

  rule(
    open,
    '[STORE-5] close finishes the open commit; after it commits are refused',
    async ({ store, draft, person }) => {
      const ann = await person('ann')
      const committing = store.commit([draft(ann)])
      await store.close()
      expect(await committing).toMatchObject([{ state: 'done' }])
      const failure = await store.commit([draft(ann)]).catch(error => error)
      expect(failure).toBeInstanceOf(StoreFailed)
      expect(failure).toMatchObject({ code: 'closed' })
      await store.close()
    },
  )

  rule(open, '[STORE-6] an id or digest that is there already is refused and changes nothing', async world => {
    const { store, draft, person, send, refusal } = world
    const ann = await person('ann')
    const key = { digest: 'ab'.repeat(32), sealed: 's' }
    const ben = newUser('ben')
    await world.write({ type: 'user.create', user: ben, key, ticket: null, at: START })
    const message = await send(ann)
    const heads = await store.heads([store.lobby, store.directory])
    const conflict = { code: 'id_conflict' }
    expect(await refusal(draft(ben, { id: message.id, body: 'other' }))).toEqual(conflict)
    expect(
      await refusal({ type: 'user.create', user: newUser('cat', { id: ann.id }), key: null, ticket: null, at: START }),
    ).toEqual(conflict)
    expect(await refusal({ type: 'user.create', user: newUser('dan'), key, ticket: null, at: START })).toEqual(conflict)
    expect(await refusal({ type: 'key.replace', user: ann.id, key, at: START })).toEqual(conflict)
    const pair = [ann.id, ben.id] as const
    expect(await refusal({ type: 'room.open_direct', id: store.lobby, pair, at: START })).toEqual(conflict)
    expect(await store.heads([store.lobby, store.directory])).toEqual(heads)
    expect((await store.message(message.id))?.body).toBe('hello')
    expect(await store.isNameUsed('cat')).toBe(false)
    expect(await store.isNameUsed('dan')).toBe(false)
    expect((await store.userByKey(key.digest))?.id).toBe(ben.id)
  })

  rule(
    open,
    '[STORE-7] the lobby and the directory are there from the start and stay the same',
    async (world, under) => {
      const { store } = world
      const ours = { pair: null, owner: null, isClosed: false, createdAt: expect.any(Number), deletedAt: null }
      expect(await store.room(store.lobby)).toEqual({
        ...{ id: store.lobby, kind: 'lobby', label: 'lobby', name: 'Lobby' },
        ...{ assistant: 'mention', conversation: expect.any(Number), ...ours },
      })
      expect(await store.room(store.directory)).toEqual({
        ...{ id: store.directory, kind: 'directory', label: null, name: '' },
        ...{ assistant: 'off', conversation: null, ...ours },
      })
      expect(await store.heads([store.lobby, store.directory, newId<RoomId>()])).toEqual([0, 0, 0])
      const again = under.reopen ? await under.reopen() : store
      expect([again.lobby, again.directory]).toEqual([store.lobby, store.directory])
    },
  )

  rule(open, '[STORE-8] everything is there after a restart and after a crash', async (world, under) => {
    const ann = await world.person('ann')
    const ben = await world.person('ben')
    const message = await world.send(ann, { body: 'stays' })
    await world.send(ann)
    await world.read(ben, message.id)
    for (const [round, again] of [under.crash, under.reopen].entries()) {
      if (!again) continue
      const after = worldOn(await again())
      expect(await after.shown(message.id)).toEqual(message)
      expect(await after.unread(ben)).toEqual({ lobby: 1, direct: 0 })
      expect(await after.readersOf(message.id)).toEqual<readonly UserId[]>([ben.id])
      const next = await after.send(ben)
      expect(next).toMatchObject({ ordinal: 3 + round, seq: 3 + 2 * round })
      await after.remove(next.id)
    }
  })
}
