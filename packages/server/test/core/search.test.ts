import { expect, test } from 'vitest'
import type { SearchInput } from '../../src/core/commands/search.ts'
import type { RoomId } from '../../src/core/ids.ts'
import type { AgentRunner } from '../../src/core/ports/agents.ts'
import type { JoinableKind } from '../../src/core/room.ts'
import type { Actor } from '../../src/core/user.ts'
import { type Member, openWorld, type World } from '../world.ts'

/** Nobody finds what an agent says, since none says anything here. */
const agents: AgentRunner = {
  async *answer() {
    yield* []
  },
}

/** Rooms by what they are called here, with people in them, each with one message that says which room it is. */
async function scene(world: World) {
  const [ann, ben, cay] = [await world.member('ann'), await world.member('ben'), await world.member('cay')]
  const say = (as: Member, label: string, body: string) =>
    world.execute(as, {
      type: 'message.send',
      to: { at: 'room', ref: { by: 'label', label }, unknown: 'refuse' },
      body,
    })
  async function make(label: string, kind: JoinableKind, ...people: Member[]) {
    const [owner = ann, ...others] = people
    const room = await world.execute(owner, { type: 'room.make', label, name: null, kind })
    await say(owner, label, `plan ${label} early`)
    for (const { user } of others)
      await world.execute(owner, { type: 'members.add', ref: { by: 'label', label }, user: user.id })
    await say(owner, label, `plan ${label}`)
    return room.id
  }
  /** What somebody finds, the oldest first. */
  async function found(as: Member, over: Partial<SearchInput> = {}) {
    const { items } = await world.execute(as, { type: 'search.messages', text: 'plan', limit: 50, ...over })
    return items.map(({ excerpt }) => excerpt.slice('plan '.length)).toReversed()
  }
  return { ann, ben, cay, say, make, found }
}

test('[CORE-80] everybody finds what they may read: of a private room what was said since they came', async () => {
  await using world = await openWorld({ agents })
  const { ann, ben, cay, say, make, found } = await scene(world)
  const [root, viewer, bot] = [
    await world.member('root', 'admin'),
    await world.member('vic', 'viewer'),
    await world.member('bot', 'bot'),
  ]
  await say(cay, 'lobby', 'plan lobby')
  await make('open', 'shared', ann, viewer)
  await make('closed', 'group', ann, ben)
  await make('ours', 'private', ann, ben)
  await world.execute(ann, { type: 'message.send', to: { at: 'direct', name: 'ben' }, body: 'plan direct' })
  await world.execute(ann, { type: 'message.send', to: { at: 'conversation' }, body: 'plan alone' })
  const [open, closed] = [
    ['open early', 'open'],
    ['closed early', 'closed'],
  ]
  expect(await found(ann)).toEqual(['lobby', ...open, ...closed, 'ours early', 'ours', 'direct', 'alone'])
  expect(await found(ben)).toEqual(['lobby', ...closed, 'ours', 'direct'])
  expect(await found(viewer)).toEqual(['lobby', ...open])
  for (const other of [cay, root, bot]) expect(await found(other)).toEqual(['lobby'])
  const direct = { by: 'user', id: ben.user.id } as const
  expect(await found(ann, { room: direct })).toEqual(['direct'])
  expect(await found(ben, { room: { by: 'label', label: 'ours' } })).toEqual(['ours'])
  await expect(found(cay, { room: { by: 'label', label: 'closed' } })).rejects.toThrow('not_member')
  await expect(found(root, { room: { by: 'label', label: 'closed' } })).rejects.toThrow('not_member')
  expect(await found(ann, { sender: 'CAY' })).toEqual(['lobby'])
  await world.execute(ann, { type: 'members.remove', ref: { by: 'label', label: 'closed' }, user: ben.user.id })
  expect(await found(ben)).toEqual(['lobby', 'ours', 'direct'])
})

test('[CORE-81] guests and whoever is nobody find nothing', async () => {
  await using world = await openWorld()
  const visitor = { address: '::1', local: true }
  const { user } = await world.member('gus')
  const guest: Actor = {
    kind: 'user',
    user: { ...user, role: 'guest' },
    credential: { by: 'guest', mayTalk: true, visitor },
  }
  for (const actor of [guest, { kind: 'anonymous', ...visitor }, { kind: 'operator' }] as const)
    await expect(world.core.execute(actor, { type: 'search.messages', text: 'x', limit: 1 })).rejects.toThrow(
      actor.kind === 'user' ? 'role_forbids' : 'unauthenticated',
    )
})

test('[CORE-82] what is to be told in a room is what everybody in it may read', async () => {
  await using world = await openWorld({ agents })
  const { ann, ben, cay, say, make, found } = await scene(world)
  await say(cay, 'lobby', 'plan lobby')
  const both = await make('both', 'group', ann, ben)
  const three = await make('three', 'group', ann, ben, cay)
  await make('hers', 'group', ann)
  const secret = await make('secret', 'private', ann, ben)
  await say(ann, 'secret', 'plan secret late')
  const talk = await world.execute(ann, { type: 'room.open_direct', ref: 'ben' })
  const asking = await world.execute(ann, { type: 'room.open_direct', ref: 'assistant' })
  const sent = await world.execute(ann, { type: 'message.send', to: { at: 'conversation' }, body: 'plan alone' })
  const inThree = ['three early', 'three']
  const inBoth = ['both early', 'both', ...inThree, 'secret', 'secret late']
  expect(await found(ann, { sharedIn: three })).toEqual(['lobby', ...inThree])
  for (const room of [both, secret, talk.room.id])
    expect(await found(ann, { sharedIn: room })).toEqual(['lobby', ...inBoth])
  const all = await found(ann)
  expect(all).toContain('hers')
  for (const room of [asking.room.id, sent.room.id]) expect(await found(ann, { sharedIn: room })).toEqual(all)
  expect(await found(ann, { sharedIn: world.store.lobby })).toEqual(['lobby', ...inThree])
  // A room that is named besides does not widen it.
  expect(await found(ann, { sharedIn: three, room: { by: 'label', label: 'hers' } })).toEqual([])
  expect(await found(ann, { sharedIn: both, room: { by: 'label', label: 'three' } })).toEqual(inThree)
  await expect(found(cay, { sharedIn: both })).rejects.toThrow('room_unknown')
  await expect(found(cay, { sharedIn: world.core.context.ids.uuid() as RoomId })).rejects.toThrow('room_unknown')
})

test('[CORE-83] in a room of more than a hundred only that room and the lobby are told', async () => {
  await using world = await openWorld({ agents })
  const { ann, say, make, found } = await scene(world)
  await say(ann, 'lobby', 'plan lobby')
  const crowd = await Promise.all(Array.from({ length: 100 }, (_, n) => world.member(`one of many ${n}`)))
  await make('too', 'group', ann, ...crowd.slice(0, 99))
  const large = await make('large', 'private', ann, ...crowd)
  expect(await found(ann, { sharedIn: large })).toEqual(['lobby', 'large'])
  expect(await found(ann, { sharedIn: world.store.lobby })).toEqual(['lobby'])
  await world.execute(ann, { type: 'members.remove', ref: { by: 'label', label: 'large' }, user: crowd[99]!.user.id })
  expect(await found(ann, { sharedIn: large })).toEqual(['lobby', 'too early', 'too', 'large'])
})
