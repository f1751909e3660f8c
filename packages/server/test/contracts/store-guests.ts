import { expect } from 'vitest'
import type { RoomId } from '../../src/core/ids.ts'
import { rule } from './store-rule.ts'
import { newId, newUser, type OpenStore, retryOf, START, type World } from './store-world.ts'

const GUEST = { role: 'guest' } as const
const ALL = Number.MAX_SAFE_INTEGER

async function guest({ write }: World, name: string, createdAt = START) {
  const user = newUser(name, { ...GUEST, createdAt })
  expect(await write({ type: 'user.create', user, key: null, ticket: null, at: createdAt })).toEqual({ seq: 0 })
  return user
}

export function guestRules(open: OpenStore): void {
  rule(open, '[STORE-90] a guest is in no list and no room, and the directory is not told', async world => {
    const { store, person } = world
    const ann = await person('ann')
    const [before] = await store.heads([store.directory])
    const one = await guest(world, 'guest one')
    expect(await store.heads([store.directory])).toEqual([before])
    expect(await store.user(one.id)).toEqual(one)
    expect(await store.users([one.id, ann.id])).toEqual([one, ann])
    expect(await store.everyone()).toEqual([ann])
    expect(await store.userByName('guest one')).toBeUndefined()
    expect(await store.isNameUsed('guest one')).toBe(true)
    expect(await store.memberships(one.id)).toEqual([])
    expect(await store.guests(ALL, 9)).toEqual([one])
  })

  rule(open, '[STORE-91] guests who were silent since a time are found, the oldest first', async world => {
    const { store, conversationOf, send } = world
    const [old, loud, late] = [
      await guest(world, 'old', START),
      await guest(world, 'loud', START + 1),
      await guest(world, 'late', START + 9),
    ]
    const { room } = await conversationOf(loud, null, START + 2)
    await conversationOf(old, null, START + 3)
    expect(await store.guests(START, 9)).toEqual([])
    expect(await store.guests(START + 4, 9)).toEqual([old, loud])
    expect(await store.guests(START + 4, 1)).toEqual([old])
    await send(loud, { room, at: START + 5 })
    expect(await store.guests(START + 5, 9)).toEqual([old])
    expect(await store.guests(ALL, 9)).toEqual([old, loud, late])
  })

  rule(
    open,
    '[STORE-92] a guest is erased with everything of theirs, a part at a time, and nobody else is',
    async world => {
      const { store, person, conversationOf, sendMany, send, write, refusal, draft } = world
      const [ann, one, two] = [await person('ann'), await guest(world, 'one'), await guest(world, 'two')]
      const agent = newUser('assistant', { role: 'agent' })
      await write({ type: 'user.create', user: agent, key: null, ticket: null, at: START })
      const [first, second, others, hers] = [
        await conversationOf(one),
        await conversationOf(one),
        await conversationOf(two),
        await conversationOf(ann),
      ]
      for (const [owner, { room }] of [
        [one, first],
        [one, second],
        [two, others],
        [ann, hers],
      ] as const)
        await sendMany(owner, 7, { room })
      const retry = retryOf('c1', 'x')
      const kept = await send(one, { room: first.room, retry })
      const options = { model: null, systemPrompt: null, temperature: null, maxTokens: null }
      const run = { id: newId(), agent: agent.id, options } as never
      const asked = await write(draft(one, { room: second.room, run }))
      expect(asked).toMatchObject({ state: 'stored', run: { run: { asker: one.id } } })
      const erasing = { type: 'guest.erase', id: one.id, limit: 5, at: START + 9 } as const
      for (let isDone = false; !isDone; ) ({ isDone } = await write(erasing))
      expect(await store.user(one.id)).toBeUndefined()
      expect(await store.isNameUsed('one')).toBe(false)
      for (const { room, number } of [first, second]) {
        expect(await store.room(room)).toBeUndefined()
        expect(await store.conversation(number)).toBeUndefined()
        expect([await store.heads([room]), await store.log(room, 0, 99)]).toEqual([[0], []])
      }
      expect(await store.message(kept.id)).toBeUndefined()
      expect(await store.firstSent(one.id, 'c1', retry.digest)).toBeUndefined()
      expect(await store.openRuns()).toEqual([])
      expect(await store.heads([others.room, hers.room])).toEqual([7, 7])
      expect(await store.guests(ALL, 9)).toEqual([two])
      for (const id of [one.id, ann.id, agent.id])
        expect(await refusal({ ...erasing, id })).toEqual({ code: 'user_unknown', name: id })
    },
  )

  rule(
    open,
    '[STORE-93] a conversation is found by its session, for its owner alone and until it is let go',
    async world => {
      const { store, person, write, refusal } = world
      const [ann, one] = [await person('ann'), await guest(world, 'one')]
      const opened = async (owner: typeof ann, session: string) =>
        (
          await write({
            ...{ type: 'conversation.open', owner: owner.id, room: { own: newId<RoomId>() } },
            ...{ title: null, session, at: START },
          })
        ).conversation
      const [hers, theirs] = [await opened(ann, 's'), await opened(one, 's')]
      const newer = await opened(ann, 's')
      expect(await store.conversationOf(ann.id, 's')).toEqual(newer)
      expect(await store.conversationOf(one.id, 's')).toEqual(theirs)
      expect(await store.conversationOf(one.id, 'S')).toBeUndefined()
      expect(await store.sessionOwners('s')).toEqual([one, ann])
      await write({ type: 'conversation.let_go', number: newer.number })
      expect(await store.conversationOf(ann.id, 's')).toEqual(hers)
      await write({ type: 'conversation.delete', number: hers.number, at: START })
      expect(await store.conversationOf(ann.id, 's')).toBeUndefined()
      expect(await store.sessionOwners('s')).toEqual([one])
      expect(await store.conversation(newer.number)).toEqual(newer)
      const gone = { code: 'conversation_unknown', id: `${hers.number}` }
      expect(await refusal({ type: 'conversation.let_go', number: hers.number })).toEqual(gone)
      await world.write({ type: 'guest.erase', id: one.id, limit: 99, at: START })
      expect(await store.sessionOwners('s')).toEqual([])
    },
  )
}
