import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStorage, webStorage } from '../../src/chat/index.ts'
import { clientOf, clientUntil, contents, failure, openClient, roomUntil, watch } from '../fixture/chat.ts'
import { createManualClock } from '../fixture/clock.ts'
import { type Level2, openLevel2 } from '../fixture/level2.ts'

let server: Level2
beforeEach(async () => {
  server = await openLevel2()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

test('[CHAT-30] a message is shown at once, then confirmed, and is the same in the log', async () => {
  server.makeRoom('team', ['ann', 'bob'])
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  const events = watch(room)
  const sending = room.send('hello', { clientId: 'c1' })
  expect(room.messages.list).toMatchObject([{ state: 'sending', client_id: 'c1', content: 'hello' }])
  expect(await sending).toMatchObject({ state: 'sent', client_id: 'c1', username: 'ann', seq: 1, ordinal: 1 })
  await roomUntil(room, () => events.some(({ type }) => type === 'message'))
  expect(room.messages.list).toEqual([await sending])
  expect(events.map(({ type }) => type).toSorted()).toEqual(['message', 'sending', 'sent'])
})

test('[CHAT-30] a confirmation before the event, and an event without a confirmation, both make it sent', async () => {
  const fake = server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  server.rude.lose = type => type === 'chat'
  const first = await room.send('first')
  expect(room.messages.list).toEqual([first])
  server.rude.lose = undefined
  server.rude.deaf = new Set(['chat'])
  // Its event shows the hole before it.
  const second = await room.send('second')
  expect(second).toMatchObject({ seq: 2 })
  await roomUntil(room, () => room.messages.list.every(({ state }) => state === 'sent'))
  expect(contents(room)).toEqual(['first', 'second'])
  expect(fake.messages).toHaveLength(2)
})

test('[CHAT-31] what was written before there is a connection, and while it is lost, is sent once and in order', async () => {
  const fake = server.makeRoom('team', ['ann'])
  const client = clientOf(server, 'ann')
  const room = client.room('team')
  const sends = [room.send('1'), room.send('2')]
  expect(contents(room)).toEqual(['1', '2'])
  await client.connect()
  server.rude.cutBeforeAnswer = 'chat'
  sends.push(room.send('3'), room.send('4'))
  await Promise.all(sends)
  expect(fake.messages.map(({ content }) => content)).toEqual(['1', '2', '3', '4'])
  await roomUntil(room, () => room.messages.list.length === 4)
  expect(contents(room)).toEqual(['1', '2', '3', '4'])
  await client.close()
})

test('[CHAT-31] however often the connection is cut, each message is stored once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('send', 'cut', 'wait', 'deaf'), { minLength: 1, maxLength: 12 }),
      async steps => {
        const id = `team-${Math.random()}`
        const fake = server.makeRoom(id, ['ann', 'bob'])
        await using client = await openClient(server, 'ann')
        await using other = await openClient(server, 'bob')
        const heard: string[] = []
        other.room(id).on('message', ({ message }) => void heard.push(message.content))
        const room = client.room(id)
        const sends: Promise<unknown>[] = []
        for (const step of steps) {
          if (step === 'send') sends.push(room.send(`${sends.length}`))
          if (step === 'cut') server.cut()
          if (step === 'deaf') server.rude.cutBeforeAnswer = 'chat'
          if (step === 'wait') await sends.at(-1)
        }
        await Promise.all(sends)
        const expected = sends.map((_, i) => `${i}`)
        expect(fake.messages.map(({ content }) => content)).toEqual(expected)
        await roomUntil(
          room,
          () => room.messages.list.every(({ state }) => state === 'sent') && room.messages.list.length === sends.length,
        )
        await clientUntil(other, () => heard.length >= sends.length)
        expect(contents(room)).toEqual(expected)
        expect(heard).toEqual(expected)
        server.rude.cutBeforeAnswer = undefined
      },
    ),
    { numRuns: 25 },
  )
})

test('[CHAT-32] what the server is too busy for is sent again when it says, before what was written later', async () => {
  const clock = createManualClock()
  const fake = server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann', { clock })
  server.rude.refuse = ({ type }) => (type === 'chat' ? { code: 'RATE_LIMIT', retry_after: 7 } : undefined)
  const sends = [client.room('team').send('1'), client.room('team').send('2')]
  await clock.asked(7_000)
  expect(server.sent('chat')).toHaveLength(1)
  server.rude.refuse = undefined
  clock.advance(7_000)
  await Promise.all(sends)
  expect(fake.messages.map(({ content }) => content)).toEqual(['1', '2'])
})

test('[CHAT-33] what the server refuses stays, with what is wrong, and can be sent again or taken away', async () => {
  server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  server.rude.refuse = ({ type }) => (type === 'chat' ? { code: 'ROOM_ACCESS_DENIED' } : undefined)
  expect(await failure(room.send('1', { clientId: 'c1' }))).toMatchObject({
    code: 'ROOM_ACCESS_DENIED',
    retryable: false,
  })
  // Nobody waits for this one.
  void room.send('2', { clientId: 'c2' })
  await roomUntil(room, () => room.messages.list.every(({ state }) => state === 'failed'))
  expect(room.messages.list).toMatchObject([{ client_id: 'c1', code: 'ROOM_ACCESS_DENIED' }, { client_id: 'c2' }])
  server.rude.refuse = undefined
  expect(room.discard('c1')).toBe(true)
  expect(room.discard('c1')).toBe(false)
  expect(room.retry('c2')).toBe(true)
  expect(room.messages.list).toMatchObject([{ client_id: 'c2', state: 'sending' }])
  await roomUntil(room, () => room.messages.list[0]?.state === 'sent')
  expect(contents(room)).toEqual(['2'])
})

test('[CHAT-34] a text that is no message is refused here, and so is one too many', async () => {
  await using client = await openClient(server, 'ann', { outbox: 2 })
  server.makeRoom('team', ['ann'])
  const room = client.room('team')
  expect(await failure(room.send(''))).toMatchObject({ code: 'MESSAGE_REQUIRED' })
  expect(await failure(room.send('🎉'.repeat(10_001)))).toMatchObject({ code: 'BODY_TOO_LONG' })
  server.rude.deaf = new Set(['chat'])
  server.rude.lose = () => true
  void room.send('1')
  void room.send('🎉'.repeat(10_000))
  expect(await failure(room.send('3'))).toMatchObject({ code: 'OUTBOX_FULL', retryable: true })
  expect(room.messages.list).toHaveLength(2)
})

test('[CHAT-35] what is unconfirmed outlives the client in the storage, and is stored once', async () => {
  const fake = server.makeRoom('team', ['ann'])
  const storage = memoryStorage()
  const before = await openClient(server, 'ann', { storage })
  server.rude.deaf = new Set(['chat'])
  server.rude.lose = type => type === 'chat'
  const lost = [before.room('team').send('1', { clientId: 'c1' }), before.room('team').send('2')].map(failure)
  await server.until(() => fake.messages.length === 1)
  await before.close()
  expect(await Promise.all(lost)).toMatchObject([{ code: 'CLOSED' }, { code: 'CLOSED' }])
  server.rude.deaf.clear()
  server.rude.lose = undefined

  const after = clientOf(server, 'ann', { storage })
  void after.room('team').send('3')
  await after.connect()
  await roomUntil(
    after.room('team'),
    () =>
      contents(after.room('team')).length === 3 &&
      after.room('team').messages.list.every(({ state }) => state === 'sent'),
  )
  expect(contents(after.room('team'))).toEqual(['1', '2', '3'])
  expect(fake.messages.map(({ content }) => content)).toEqual(['1', '2', '3'])
  await after.close()
  expect([...(await storage.entries(''))].map(([key]) => key)).toEqual([expect.stringContaining(':cursor:')])
})

test('[CHAT-35] a refused message outlives the client too; what another user left is not touched', async () => {
  server.makeRoom('team', ['ann', 'bob'])
  const storage = memoryStorage()
  server.rude.refuse = ({ type }) => (type === 'chat' ? { code: 'ROOM_ACCESS_DENIED' } : undefined)
  const ann = await openClient(server, 'ann', { storage })
  await failure(ann.room('team').send('1'))
  await ann.close()
  server.rude.refuse = undefined
  const bob = await openClient(server, 'bob', { storage })
  expect(contents(bob.room('team'))).toEqual([])
  await bob.close()
  await using again = await openClient(server, 'ann', { storage })
  expect(again.room('team').messages.list).toMatchObject([
    { state: 'failed', content: '1', code: 'ROOM_ACCESS_DENIED' },
  ])
})

test('[CHAT-36] localStorage keeps both, and what it throws stops nothing', async () => {
  server.makeRoom('team', ['ann'])
  const items = new Map<string, string>()
  const local = {
    get length() {
      return items.size
    },
    key: (i: number) => [...items.keys()][i] ?? null,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
  const client = await openClient(server, 'ann', { storage: webStorage(local) })
  await client.room('team').send('1')
  await roomUntil(client.room('team'), () => client.room('team').messages.list[0]?.state === 'sent')
  await client.close()
  expect([...items.values()]).toEqual(['1'])

  const full = () => {
    throw new Error('The quota has been exceeded')
  }
  await using other = await openClient(server, 'ann', { storage: webStorage({ ...local, length: 0, setItem: full }) })
  const errors: Error[] = []
  other.on('error', ({ error }) => void errors.push(error))
  await other.room('team').send('2')
  expect(errors[0]).toMatchObject({ code: 'STORAGE', message: 'The quota has been exceeded' })
})
