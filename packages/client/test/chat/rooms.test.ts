import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStorage, type RoomEvent } from '../../src/chat/index.ts'
import { clientUntil, contents, failure, openClient, roomUntil, watch } from '../fixture/chat.ts'
import { createManualClock } from '../fixture/clock.ts'
import { type Level2, openLevel2, userId } from '../fixture/level2.ts'

let server: Level2
beforeEach(async () => {
  server = await openLevel2()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

test('[CHAT-40] the list has every room, newest activity first, and follows what happens', async () => {
  const [team, other] = [server.makeRoom('team', ['ann', 'bob']), server.makeRoom('other', ['ann', 'bob'])]
  server.say(team, 'bob', 'one')
  await using client = await openClient(server, 'ann')
  expect(client.rooms.map(({ id, unread }) => [id, unread])).toEqual([
    ['team', 1],
    ['other', 0],
  ])
  const before = client.rooms
  expect(client.rooms).toBe(before)
  server.say(other, 'bob', 'two')
  await clientUntil(client, () => client.rooms[0]?.id === 'other')
  expect(client.unread).toBe(2)
  expect(client.rooms).not.toBe(before)
})

test('[CHAT-40] a list of several pages is read whole', async () => {
  for (let i = 0; i < 450; i++) server.makeRoom(`room-${i}`, ['ann'])
  await using client = await openClient(server, 'ann')
  expect(client.rooms).toHaveLength(450)
  expect(server.sent('rooms')).toHaveLength(3)
})

test('[CHAT-40] a list that moves while it is read is read again', async () => {
  for (let i = 0; i < 250; i++) server.makeRoom(`room-${i}`, ['ann', 'bob'])
  server.rude.before = ({ type, data }) => {
    const last = server.rooms.get('room-249')
    if (type === 'rooms' && data.offset === 200 && last && last.messages.length === 0)
      server.say(last, 'bob', 'to the front')
  }
  await using client = await openClient(server, 'ann')
  expect(client.rooms).toHaveLength(250)
})

test('[CHAT-41] events come once and in order, however the server repeats and loses them', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann')
  const seen = watch(client.room('team'))
  server.rude.pushes = 2
  server.say(team, 'bob', '1')
  server.rude.lose = () => true
  const second = server.say(team, 'bob', '2')
  server.edit(team, server.say(team, 'bob', '3'), '3, edited')
  server.remove(team, second)
  server.rude.lose = undefined
  server.say(team, 'bob', '4')
  await roomUntil(client.room('team'), () => contents(client.room('team')).length === 3)
  expect(contents(client.room('team'))).toEqual(['1', '3, edited', '4'])
  const seqs = seen.flatMap(event => ('seq' in event ? [event.seq] : []))
  expect(seqs).toEqual([1, 2, 3, 4, 5, 6])
})

test('[CHAT-41] a hole that could not be filled is tried again, without another event', async () => {
  const clock = createManualClock()
  const team = server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann', { clock, backoff: { minDelay: 1_000 } })
  server.rude.refuse = ({ type }) => (type === 'resume' ? { code: 'BUSY' } : undefined)
  server.rude.lose = () => true
  server.say(team, 'bob', '1')
  server.rude.lose = undefined
  server.say(team, 'bob', '2')
  await clock.asked(1_500)
  expect(server.sent('resume')).toHaveLength(2)
  server.rude.refuse = undefined
  clock.advance(1_500)
  await roomUntil(client.room('team'), () => contents(client.room('team')).length === 2)
})

test('[CHAT-41] after a lost connection it goes on where it was', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  server.say(team, 'bob', '1')
  await roomUntil(room, () => contents(room).length === 1)
  server.cut()
  server.say(team, 'bob', '2')
  await roomUntil(room, () => contents(room).length === 2)
  server.say(team, 'bob', '3')
  await roomUntil(room, () => contents(room).length === 3)
  expect(contents(room)).toEqual(['1', '2', '3'])
  expect(room.unread).toBe(3)
})

test('[CHAT-41] whatever is said, edited, deleted, repeated and lost, all see the room as it is, and count alike', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('bob', 'ann', 'cut', 'repeat', 'lose', 'find') },
    fc.record({ edit: fc.nat() }),
    fc.record({ remove: fc.nat() }),
    fc.record({ read: fc.nat({ max: 10 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
      const team = server.makeRoom(`team-${Math.random()}`, ['ann', 'bob'])
      await using client = await openClient(server, 'ann')
      const room = client.room(team.id)
      const seqs: number[] = []
      for (const type of ['message', 'edited', 'deleted', 'gone'] as const)
        room.on(type, ({ seq }) => void seqs.push(seq))
      for (const step of steps) {
        if (step === 'bob') server.say(team, 'bob', 'a word')
        else if (step === 'ann') void room.send('mine')
        else if (step === 'cut') server.cut()
        else if (step === 'repeat') server.rude.pushes = 2
        else if (step === 'lose') server.rude.lose = type => type !== 'read_state'
        else if (step === 'find') server.rude.lose = undefined
        else if ('read' in step) await room.markRead(Math.min(step.read, team.messages.at(-1)?.ordinal ?? 0))
        else {
          const message = team.messages['edit' in step ? step.edit : step.remove]
          if (message && 'edit' in step) server.edit(team, message, 'edited')
          if (message && 'remove' in step) server.remove(team, message)
        }
      }
      server.rude.lose = undefined
      server.rude.pushes = 1
      await room.send('the last word')
      await roomUntil(
        room,
        () => room.messages.list.at(-1)?.content === 'the last word' && seqs.length === team.log.length,
      )
      await roomUntil(room, () => room.messages.list.every(({ state }) => state === 'sent'))
      expect(room.messages.list).toEqual(team.messages.map(message => ({ ...message, state: 'sent' })))
      expect(seqs).toEqual(team.log.map((_, i) => i + 1))
      const unread = team.messages.filter(
        ({ username, ordinal }) => username === 'bob' && ordinal > (team.reads.get('ann') ?? 0),
      ).length
      await roomUntil(room, () => room.unread === unread)
    }),
    { numRuns: 40 },
  )
})

test('[CHAT-42] with a storage a new process goes on where the last one was', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  const quiet = server.makeRoom('quiet', ['ann', 'bob'])
  const storage = memoryStorage()
  const before = await openClient(server, 'ann', { storage })
  server.say(team, 'bob', '1')
  await roomUntil(before.room('team'), () => contents(before.room('team')).length === 1)
  await before.close()
  server.say(team, 'bob', '2')
  server.say(quiet, 'bob', 'a first word')
  await using after = await openClient(server, 'ann', { storage })
  expect(contents(after.room('team'))).toEqual(['2'])
  expect(contents(after.room('quiet'))).toEqual(['a first word'])
})

test('[CHAT-48] a room that is left and entered again begins anew, whatever cursor was kept', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  const storage = memoryStorage()
  await (await openClient(server, 'ann', { storage })).close()
  server.say(team, 'bob', 'old')
  await using client = await openClient(server, 'ann', { storage })
  const room = client.room('team')
  expect(contents(room)).toEqual(['old'])
  await room.leave()
  server.cut()
  server.enter(team, 'ann')
  await clientUntil(client, () => client.rooms.length === 1)
  server.say(team, 'bob', 'new')
  await roomUntil(room, () => contents(room).includes('new'))
  expect(contents(room)).toEqual(['new'])
})

test('[CHAT-42] cursors are written at most once a second', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  const clock = createManualClock()
  const writes: string[] = []
  const kept = memoryStorage()
  const storage = { ...kept, set: (_: string, value: string) => void writes.push(value) }
  await using client = await openClient(server, 'ann', { storage, clock })
  for (let i = 0; i < 5; i++) server.say(team, 'bob', `${i}`)
  await roomUntil(client.room('team'), () => contents(client.room('team')).length === 5)
  expect(writes).toEqual([])
  clock.advance(1_000)
  expect(writes).toEqual(['5'])
})

test('[CHAT-43] a refused cursor is told as a reset, and what is shown is loaded anew', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  server.say(team, 'bob', '1')
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  const seen = watch(room)
  await room.history()
  server.rude.reset = new Set(['team'])
  server.cut()
  server.say(team, 'bob', '2')
  await roomUntil(room, () => contents(room).length === 2)
  expect(seen.map(({ type }) => type)).toEqual(['unread', 'reset'])
  server.rude.reset.clear()
  server.say(team, 'bob', '3')
  await roomUntil(room, () => contents(room).length === 3)
  expect(contents(room)).toEqual(['1', '2', '3'])
})

test('[CHAT-44] history is read page by page, and adjoining pages are kept', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  for (let i = 1; i <= 30; i++) server.say(team, 'bob', `${i}`)
  await using client = await openClient(server, 'ann', { keep: 20 })
  const room = client.room('team')
  expect(await room.history({ limit: 10 })).toMatchObject({ more_before: true, more_after: false })
  expect(contents(room)[0]).toBe('21')
  const older = await room.history({ before: 21, limit: 15 })
  expect(older.messages.map(({ content }) => content)).toEqual(Array.from({ length: 15 }, (_, i) => `${i + 6}`))
  expect(contents(room)).toHaveLength(20)
  expect(contents(room)[0]).toBe('11')
  await room.history({ before: 5 })
  expect(contents(room)[0]).toBe('11')
  server.say(team, 'bob', '31')
  await roomUntil(room, () => contents(room).at(-1) === '31')
  expect(contents(room)[0]).toBe('12')
})

test('[CHAT-53] messages are found in all rooms or in one, page by page', async () => {
  const [team, other] = [server.makeRoom('team', ['ann', 'bob']), server.makeRoom('other', ['ann'])]
  for (let i = 1; i <= 3; i++) server.say(team, 'bob', `soup ${i}`)
  server.say(other, 'ann', 'more soup')
  await using client = await openClient(server, 'ann')
  const first = await client.search('soup', { limit: 2, from: new Date(0), sender: 'bob' })
  expect(first.results.map(({ room, excerpt, hits }) => [room, excerpt, hits])).toEqual([
    [client.room('other'), 'more soup', [[5, 9]]],
    [client.room('team'), 'soup 3', [[0, 4]]],
  ])
  expect(server.sent('search')[0]?.data).toMatchObject({ from: '1970-01-01T00:00:00.000Z', sender: 'bob' })
  const rest = await client.search('soup', { before: first.next ?? 0 })
  expect([rest.results.map(({ message }) => message.content), rest.next]).toEqual([['soup 2', 'soup 1'], null])
  const room = client.room('team')
  expect((await room.search('soup')).results.map(({ message }) => message.content)).toEqual([
    'soup 3',
    'soup 2',
    'soup 1',
  ])
  expect(contents(room)).toEqual([])
})

test('[CHAT-45] what is unread is counted live, per room and in all, and marks show on every connection', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  server.say(team, 'bob', '1')
  await using client = await openClient(server, 'ann')
  await using other = await openClient(server, 'ann')
  const room = client.room('team')
  expect([room.unread, client.unread]).toEqual([1, 1])
  server.say(team, 'bob', '2')
  await room.send('mine does not count')
  await clientUntil(client, () => client.unread === 2)
  await clientUntil(other, () => other.unread === 2)
  await room.markRead(1)
  expect(room.unread).toBe(1)
  await clientUntil(other, () => other.unread === 1)
  await room.markRead()
  expect([room.unread, client.unread]).toEqual([0, 0])
  await clientUntil(other, () => other.unread === 0)
})

test('[CHAT-45] a count of the server that is ahead of its events counts nothing twice', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  server.say(team, 'bob', '1')
  await roomUntil(room, () => room.unread === 1)
  server.rude.lose = type => type === 'chat'
  server.say(team, 'bob', '2')
  server.publish(team, 'read_state', { read_to: 0, unread: 2 })
  server.rude.lose = undefined
  server.say(team, 'bob', '3')
  await roomUntil(room, () => contents(room).length === 3)
  expect(room.unread).toBe(3)
})

test('[CHAT-45] the deletion of an unread message is counted by the server', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  const first = server.say(team, 'bob', '1')
  await using client = await openClient(server, 'ann')
  expect(client.unread).toBe(1)
  server.remove(team, first)
  await clientUntil(client, () => client.unread === 0)
})

test('[CHAT-46] somebody else’s typing shows until it stops, or is not said again', async () => {
  const clock = createManualClock()
  const team = server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann', { clock })
  const room = client.room('team')
  const bob = { user_id: userId('bob'), username: 'bob' }
  const types = (is_typing: boolean) => server.publish(team, 'typing', { ...bob, is_typing, room_id: 'team' })
  types(true)
  await roomUntil(room, () => room.typing.length === 1)
  expect(room.typing).toEqual([bob])
  types(false)
  await roomUntil(room, () => room.typing.length === 0)
  types(true)
  await roomUntil(room, () => room.typing.length === 1)
  clock.advance(8_000)
  expect(room.typing).toEqual([])
})

test('[CHAT-47] our own typing is said at most once in 3 s, and that it stopped', async () => {
  const clock = createManualClock()
  server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann', { clock })
  const room = client.room('team')
  for (let i = 0; i < 7; i++) {
    room.composing()
    clock.advance(500)
  }
  clock.advance(4_000)
  room.composing()
  await room.send('done')
  const said = () => server.sent('typing').map(({ data }) => data.is_typing)
  expect(said()).toEqual([true, true, false, true, false])
  expect(server.sent('typing')[0]).toMatchObject({ room_id: 'team', data: { room_id: 'team' } })
})

test('[CHAT-48] rooms are entered, left, and told of when somebody takes us in', async () => {
  await using client = await openClient(server, 'ann')
  const room = await client.join('team', { name: 'The team', type: 'group' })
  expect(room).toBe(client.room('team'))
  expect(room).toMatchObject({ membership: 'member', name: 'The team' })
  await room.send('hello')
  await roomUntil(room, () => contents(room).length === 1)
  await room.leave()
  expect(room).toMatchObject({ membership: 'left', info: undefined, unread: 0 })
  expect(contents(room)).toEqual([])
  expect(client.rooms).toEqual([])
  await room.leave()

  const added: string[] = []
  client.on('room', ({ room }) => void added.push(room.id))
  const fake = server.makeRoom('other', ['bob'])
  server.enter(fake, 'ann')
  server.welcome(fake, 'ann')
  server.say(fake, 'bob', 'welcome')
  await clientUntil(client, () => client.rooms.length === 1 && client.unread === 1)
  expect(added).toEqual(['other'])
  expect(contents(client.room('other'))).toEqual(['welcome'])

  await room.join()
  await room.send('again')
  await roomUntil(room, () => contents(room).includes('again'))
  expect(room.membership).toBe('member')
})

test('[CHAT-48] who is put out sees nothing more of the room, also when that happens while away', async () => {
  const [team, other] = [server.makeRoom('team', ['ann', 'bob']), server.makeRoom('other', ['ann', 'bob'])]
  await using client = await openClient(server, 'ann')
  const seen = watch(client.room('team'))
  server.leave(team, 'ann')
  await clientUntil(client, () => client.rooms.length === 1)
  expect(seen.map(({ type }) => type)).toEqual(['left', 'membership'])
  server.cut()
  server.leave(other, 'ann')
  await clientUntil(client, () => client.rooms.length === 0)
  expect(client.room('other').membership).toBe('left')
})

test('[CHAT-49] a direct room is found by id or name, and is one room', async () => {
  await using client = await openClient(server, 'ann')
  await using bob = await openClient(server, 'bob')
  const room = await client.direct({ username: 'bob' })
  expect(await client.direct({ user_id: userId('bob') })).toBe(room)
  expect(client.room(`dm:${userId('bob')}`)).toBe(room)
  expect(room.name).toBe('bob')
  await room.send('psst')
  await clientUntil(bob, () => bob.unread === 1)
  expect(bob.rooms.map(({ name }) => name)).toEqual(['ann'])
  expect(await failure(client.direct({ username: '' }))).toMatchObject({ code: 'USER_UNKNOWN' })
  server.faults.length = 0
})

test('[CHAT-50] members, invitations and changes', async () => {
  const team = server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann')
  await using bob = await openClient(server, 'bob')
  const room = client.room('team')
  const invitation = await room.invite({ expiresIn: 60 })
  expect(server.requests.at(-1)).toMatchObject({ path: '/api/v1/ws/rooms/team/invitations', body: { expires_in: 60 } })
  const entered = await bob.accept(invitation.token)
  expect(entered.membership).toBe('member')
  expect((await room.members()).map(({ username }) => username)).toEqual(['ann', 'bob'])
  await room.change({ name: 'New name' })
  await roomUntil(entered, () => entered.name === 'New name')
  server.makeRoom('second', ['ann'])
  await client.room('second').add(userId('bob'))
  await clientUntil(bob, () => bob.rooms.length === 2)
  expect(await failure(bob.accept('nonsense'))).toMatchObject({ code: 'NOT_FOUND', message: 'No such invitation' })
  expect(team.members.size).toBe(2)
})

test('[CHAT-51] presence: our own is said on every connection, that of others is kept and told', async () => {
  server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann')
  await client.setPresence('away', 'at lunch')
  server.cut()
  await server.until(() => server.sent('presence').length === 2)
  await clientUntil(client, () => client.state.state === 'live')
  const bob = { user_id: userId('bob'), username: 'bob', status: 'online', text: null }
  server.push('ann', 'presence', bob)
  await clientUntil(client, () => client.presence(userId('bob')) !== undefined)
  expect(client.presence(userId('bob'))).toEqual(bob)
  expect(await client.who([userId('bob')])).toEqual([{ user_id: userId('bob'), status: 'online', text: null }])
})

test('[CHAT-52] loops get every event from their start, and end with the client', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  const client = await openClient(server, 'ann')
  const room = client.room('team')
  const events: RoomEvent['type'][] = []
  const loop = (async () => {
    for await (const event of room.events()) if (event.type !== 'update') events.push(event.type)
  })()
  const texts: string[] = []
  const messages = (async () => {
    for await (const { content } of room.messages) texts.push(content)
  })()
  server.say(team, 'bob', 'one')
  server.publish(team, 'read_receipt', { user_id: userId('bob'), username: 'bob', up_to: 1, message_ids: [] })
  const seen = watch(room)
  await roomUntil(room, () => seen.some(({ type }) => type === 'read'))
  await client.close()
  await Promise.all([loop, messages])
  expect(events).toEqual(['unread', 'message', 'read'])
  expect(texts).toEqual(['one'])
})

test('[CHAT-52] a loop that nobody reads ends when it is 10,000 events behind', async () => {
  const team = server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  const loop = room.events()
  const first = loop.next()
  let told = 0
  room.on('read', () => void told++)
  for (let i = 0; i < 11_000; i++) {
    server.publish(team, 'read_receipt', { user_id: userId('bob'), username: 'bob', up_to: 1, message_ids: [] })
  }
  await roomUntil(room, () => told === 11_000)
  await first
  let read = 0
  const all = (async () => {
    for await (const _ of loop) read++
  })()
  expect(await failure(all)).toMatchObject({ code: 'TOO_SLOW' })
  expect(read).toBeLessThan(11_000)
})
