import { expect, test } from 'vitest'
import { builtInTools } from '../../../src/agents/tools/built-in/source.ts'
import type { JsonObject } from '../../../src/agents/tools/tool.ts'
import type { Core } from '../../../src/core/core.ts'
import type { RoomId } from '../../../src/core/ids.ts'
import type { AgentRunner } from '../../../src/core/ports/agents.ts'
import type { User } from '../../../src/core/user.ts'
import { named, openDesk } from '../../files/core.ts'
import { type Member, openWorld, type World } from '../../world.ts'
import { asking, use } from './asking.ts'

/** Nobody finds what an agent says, since none says anything here. */
const agents: AgentRunner = {
  async *answer() {
    yield* []
  },
}

/** Rooms of ann: one with ben, one of her own, and one alone with the assistant. Each has a message about a plan. */
async function scene(world: World) {
  const [ann, ben, cay] = [await world.member('ann'), await world.member('ben'), await world.member('cay')]
  const say = (as: Member, label: string, body: string) =>
    world.execute(as, { type: 'message.send', to: { at: 'room', ref: named(label), unknown: 'refuse' }, body })
  for (const label of ['both', 'hers'])
    await world.execute(ann, { type: 'room.make', label, name: label, kind: 'group' })
  await world.execute(ann, { type: 'members.add', ref: named('both'), user: ben.user.id })
  const roomOf = async (label: string) => (await world.execute(ann, { type: 'room.view', ref: named(label) })).room.id
  const { room } = await world.execute(ann, { type: 'room.open_direct', ref: 'assistant' })
  await say(ann, 'both', 'plan both')
  await say(ann, 'hers', 'plan hers')
  await say(cay, 'lobby', 'plan lobby')
  return { ann, ben, cay, say, both: await roomOf('both'), hers: await roomOf('hers'), alone: room.id }
}

const guest = (user: User): User => ({ ...user, role: 'guest' })

test('[AGENT-101] members have all built-in tools, viewers those that read, guests none', async () => {
  await using world = await openWorld({ agents })
  const { ann, both } = await scene(world)
  const names = async (role: User['role']) => {
    const question = await asking(world.core, { ...ann.user, role }, both)
    return (await builtInTools(() => world.core).toolsFor(question)).map(({ name, effect }) => `${name} ${effect}`)
  }
  const readers = ['search_messages read', 'read_file read']
  expect(await names('member')).toEqual([...readers, 'post_message write'])
  expect(await names('viewer')).toEqual(readers)
  expect(await names('guest')).toEqual([])
})

test('[AGENT-102] search finds what the asker may read, and where others listen only what all of them may', async () => {
  await using world = await openWorld({ agents })
  const { ann, ben, cay, both, hers, alone } = await scene(world)
  const found = async ({ user }: Member, room: RoomId, args: JsonObject = {}) => {
    const given = await use(
      world.core,
      'search_messages',
      { words: 'plan', ...args },
      await asking(world.core, user, room),
    )
    const { messages } = given as unknown as { messages: { excerpt: string }[] } // what the tool gives
    return messages.map(({ excerpt }) => excerpt.slice('plan '.length))
  }
  expect(await found(ann, alone)).toEqual(['lobby', 'hers', 'both'])
  expect(await found(ann, hers)).toEqual(['lobby', 'hers', 'both'])
  expect(await found(ann, both)).toEqual(['lobby', 'both'])
  expect(await found(ann, world.store.lobby)).toEqual(['lobby'])
  expect(await found(ann, alone, { sender: 'CAY' })).toEqual(['lobby'])
  expect(await found(ann, alone, { limit: 1 })).toEqual(['lobby'])
  expect(await found(ann, alone, { until: '2026-01-01' })).toEqual([])
  expect(await found(ann, alone, { from: '2026-01-01' })).toHaveLength(3)
  await expect(found(ann, alone, { from: 'soon' })).rejects.toThrow('from is no time')
  await expect(found(ann, alone, { sender: 'nobody' })).rejects.toThrow('Nobody here is called nobody')
  // Who is not in the room, or is no more, learns nothing in it.
  await expect(found(cay, both)).rejects.toThrow('There is no such room')
  expect(await found(ben, both)).toEqual(['lobby', 'both'])
  await world.execute(ann, { type: 'members.remove', ref: named('both'), user: ben.user.id })
  await expect(found(ben, both)).rejects.toThrow('There is no such room')
})

test('[AGENT-102] the question itself is not found, and each hit says where, who and when', async () => {
  await using world = await openWorld({ agents })
  const { ann, say, alone } = await scene(world)
  const sent = await say(ann, 'hers', 'search only me')
  const question = await asking(world.core, ann.user, alone)
  const search = (message = question.message) =>
    use(world.core, 'search_messages', { words: 'only me' }, { ...question, message })
  const at = '2026-01-01T00:00:00.000Z'
  const hit = { room: 'hers', sender: 'ann', at, excerpt: 'search only me', message: sent.message.id }
  expect(await search()).toEqual({ messages: [hit], has_more: false })
  expect(await search(sent.message)).toEqual({ messages: [], has_more: false })
})

test('[AGENT-103] tools act for the asker as they are now: nobody who is gone, with no role they had', async () => {
  await using world = await openWorld({ agents })
  const { ann, ben, alone, both } = await scene(world)
  const question = await asking(world.core, ben.user, both)
  const post = () => use(world.core, 'post_message', { to: 'both', text: 'x' }, question)
  await world.execute('operator', { type: 'admin.change', ref: 'ben', patch: { role: 'viewer' } })
  await expect(post()).rejects.toThrow("The asker's role (viewer) does not allow that")
  const gone = await asking(world.core, { ...ann.user, id: world.core.context.ids.uuid() as never }, alone)
  await expect(use(world.core, 'search_messages', { words: 'plan' }, gone)).rejects.toThrow('has no account here')
  const visitor = { ...question, asker: guest(ben.user) }
  await expect(use(world.core, 'search_messages', { words: 'plan' }, visitor)).rejects.toThrow('no search_messages')
})

test('[AGENT-104] a file is read by those who may, in a room with others only one of that room that all may read', async () => {
  const desk = await openDesk()
  const [ann, ben] = [await desk.person('ann'), await desk.person('ben')]
  const core = { context: desk.context, execute: (as, command) => desk.run(as as never, command) } as Core // the desk's own
  const [club, hers, secret] = [
    await desk.room('club', 'group', ann),
    await desk.room('hers', 'group', ann),
    await desk.room('secret', 'private', ann),
  ]
  await desk.join(club, ben)
  const text = await desk.send(ann, 'hello', { name: 'Notes.md', room: named('club') })
  const other = await desk.send(ann, 'hers alone', { name: 'hers.txt', room: named('hers') })
  const early = await desk.send(ann, 'early', { name: 'early.txt', room: named('secret') })
  const read = async ({ user }: Member, room: RoomId, file: string) =>
    use(core, 'read_file', { file }, await asking(core, user, room))
  const whole = { name: 'Notes.md', size: 5, type: 'text/plain', text: 'hello' }
  expect(await read(ben, club, 'notes.MD')).toEqual(whole)
  expect(await read(ann, club, text.id)).toEqual(whole)
  const none = 'There is no such file here'
  await expect(read(ann, club, other.id)).rejects.toThrow(none)
  await expect(read(ann, club, 'hers.txt')).rejects.toThrow(none)
  await expect(read(ben, hers, 'hers.txt')).rejects.toThrow('There is no such room')
  expect(await read(ann, secret, early.id)).toMatchObject({ text: 'early' })
  // A newcomer may not read what was there before them, so nobody has it read aloud.
  desk.clock.advance(1)
  await desk.join(secret, ben)
  await expect(read(ann, secret, early.id)).rejects.toThrow(none)
  const alone = (await desk.run(ann, { type: 'room.open_direct', ref: 'ben' })).room.id
  expect(await read(ann, alone, other.id)).toMatchObject({ text: 'hers alone' })
  await expect(read(ben, alone, other.id)).rejects.toThrow(none)
  await desk.leave(club, ben)
  await expect(read(ben, club, text.id)).rejects.toThrow(none)
})

test('[AGENT-104] of a long text the beginning is read, of what is no text only what it is', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const core = { context: desk.context, execute: (as, command) => desk.run(as as never, command) } as Core // the desk's own
  const club = await desk.room('club', 'group', ann)
  await desk.send(ann, 'x'.repeat(100_001), { name: 'long.txt', room: named('club') })
  await desk.send(ann, '\0\u0001\u0002', { name: 'data.txt', room: named('club') })
  const question = await asking(core, ann.user, club)
  const long = (await use(core, 'read_file', { file: 'long.txt' }, question)) as { text: string }
  expect(long).toMatchObject({ size: 100_001, is_cut: true })
  expect(long.text).toHaveLength(100_000)
  expect(await use(core, 'read_file', { file: 'data.txt' }, question)).toEqual({
    name: 'data.txt',
    size: 3,
    type: 'text/plain',
  })
})

test('[AGENT-105] what is posted is said by the asker, where they are, and no agent answers it', async () => {
  const asked: string[] = []
  await using world = await openWorld({
    agents: {
      async *answer({ message }) {
        asked.push(message.body)
        yield* []
      },
    },
  })
  const { ann, ben, cay, alone, both } = await scene(world)
  const post = async ({ user }: Member, to: string, text = '@assistant /approve ABCD2345') =>
    use(world.core, 'post_message', { to, text }, await asking(world.core, user, alone))
  const latest = async (as: Member, id: RoomId) => {
    const window = { conversation: null, where: { newest: true }, limit: 1 } as const
    const { items } = await world.execute(as, { type: 'room.history', ref: { by: 'id', id }, ...window })
    return items.map(({ sender, message }) => [sender.name, message.body])
  }
  expect(await post(ann, 'both')).toMatchObject({ posted: true, room: 'both' })
  expect(await latest(ben, both)).toEqual([['ann', '@assistant /approve ABCD2345']])
  await post(ann, both, 'by its id')
  expect(await latest(ben, both)).toEqual([['ann', 'by its id']])
  await post(ann, '@ben', 'hello')
  await post(ann, '@assistant', 'no question')
  expect(await latest(ann, alone)).toEqual([['ann', 'no question']])
  await expect(post(cay, 'both')).rejects.toThrow('There is no such room')
  await expect(post(cay, 'nowhere')).rejects.toThrow('There is no such room')
  await expect(post(ann, '@nobody')).rejects.toThrow('Nobody here is called nobody')
  await world.execute(ann, { type: 'members.remove', ref: named('both'), user: ben.user.id })
  await expect(post(ben, 'both')).rejects.toThrow('There is no such room')
  await world.core.drained()
  expect(asked).toEqual([])
})
