import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../../../examples/support/server.ts'
import { ChatClient, memoryStorage } from '../../src/chat/index.ts'
import { WebSocketChatClient } from '../../src/rooms/index.ts'
import { clientUntil, contents, failure, roomUntil } from '../fixture/chat.ts'

/** What the scripted server of the other tests promises, the real one keeps. */
let server: Server
const keys: Record<string, string> = {}
beforeAll(async () => {
  server = await startServer()
  for (const name of ['ann', 'bob']) keys[name] = await server.register(name)
}, 30_000)
afterAll(() => server[Symbol.asyncDispose]())

const open = (name: string, options = {}) =>
  ChatClient.open({ url: server.url, apiKey: keys[name] ?? '', backoff: { minDelay: 20, maxDelay: 200 }, ...options })

test('[CHAT-80] messages, edits of the list, unread counts and marks between two people in the lobby', async () => {
  await using ann = await open('ann')
  await using bob = await open('bob')
  const [lobby, there] = [ann.room('lobby'), bob.room('lobby')]
  const sent = await lobby.send('hello')
  await clientUntil(bob, () => there.unread === 1)
  await there.history()
  expect(there.messages.list.at(-1)).toEqual(sent)
  const reply = await there.send('hi', { replyTo: sent.id })
  await roomUntil(lobby, () => lobby.messages.list.at(-1)?.content === 'hi')
  expect(lobby.messages.list.at(-1)).toMatchObject({ id: reply.id, reply_to: sent.id, username: 'bob' })
  await there.markRead()
  expect(there.unread).toBe(0)
})

test('[CHAT-80] the server is stopped and started again: nothing is lost or doubled', async () => {
  await using ann = await open('ann')
  await using bob = await open('bob')
  const [room, there] = [await ann.join('over-a-restart', { type: 'shared' }), await bob.join('over-a-restart')]
  const heard: string[] = []
  there.on('message', ({ message }) => void heard.push(message.content))
  await room.send('before')
  await server.stop()
  const sends = ['during 1', 'during 2', 'during 3'].map(text => room.send(text))
  await server.start()
  await Promise.all(sends)
  await room.send('after')
  await roomUntil(there, () => heard.includes('after'))
  expect(heard).toEqual(['before', 'during 1', 'during 2', 'during 3', 'after'])
  await roomUntil(
    room,
    () => room.messages.list.length === 5 && room.messages.list.every(({ state }) => state === 'sent'),
  )
  expect(contents(room)).toEqual(heard)
})

test('[CHAT-80] a new process goes on where the last one was', async () => {
  const storage = memoryStorage()
  const before = await open('bob', { storage })
  const room = await before.join('resumed', { type: 'shared' })
  const own = room.messages[Symbol.asyncIterator]().next()
  await room.send('one')
  await own
  await before.close()
  await using ann = await open('ann')
  await (await ann.join('resumed')).send('two')
  await using after = await open('bob', { storage })
  await roomUntil(after.room('resumed'), () => contents(after.room('resumed')).includes('two'))
  expect(contents(after.room('resumed'))).toEqual(['two'])
})

test('[CHAT-80] direct rooms, members, leaving, typing and presence', async () => {
  await using ann = await open('ann')
  await using bob = await open('bob')
  const direct = await ann.direct({ username: 'bob' })
  await direct.send('psst')
  await clientUntil(bob, () => bob.rooms.some(({ name, unread }) => name === 'ann' && unread === 1))
  const [room, there] = [await ann.join('people'), await bob.join('people')]
  await roomUntil(room, () => room.info?.participants_count === 2)
  expect((await room.members()).map(({ username }) => username).toSorted()).toEqual(['ann', 'bob'])
  there.composing()
  await roomUntil(room, () => room.typing.length === 1)
  await bob.setPresence('away', 'at lunch')
  expect(await ann.who([bob.me?.user_id ?? ''])).toEqual([
    { user_id: bob.me?.user_id, status: 'away', text: 'at lunch' },
  ])
  await there.leave()
  await roomUntil(room, () => room.info?.participants_count === 1)
})

test('[CHAT-80] a file of several parts', async () => {
  await using ann = await open('ann')
  const room = await ann.join('files')
  const bytes = randomBytes(2_500_000)
  const file = await room.upload(bytes, { name: 'noise.zip' })
  const link = await ann.fileLink(file.file_id)
  const response = await fetch(new URL(link.url, server.url))
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
})

test('[CHAT-80] a question to the assistant: its steps, its text, its message', async () => {
  await using ann = await open('ann')
  const { room, run } = await ann.ask('What can you do?')
  let text = ''
  for await (const step of run) if (step.type === 'text') text += step.text
  const { message, state } = await run.done
  expect(state).toBe('completed')
  expect(message?.content).toBe(text)
  expect(text).not.toBe('')
  await roomUntil(room, () => room.messages.list.length === 2)
})

test('[CHAT-80] an invitation', async () => {
  await using ann = await open('ann')
  await using bob = await open('bob')
  const room = await ann.join('by-invitation', { type: 'group' })
  expect(await failure(bob.join('by-invitation'))).toMatchObject({ code: 'ROOM_ACCESS_DENIED' })
  const { token } = await room.invite()
  expect((await bob.accept(token)).id).toBe('by-invitation')
})

test('[CHAT-80] taking in, putting out, changing and deleting a room', async () => {
  await using ann = await open('ann')
  await using bob = await open('bob')
  const room = await ann.join('owned', { type: 'group' })
  const entered = new Promise<void>(resolve => bob.on('room', ({ room }) => room.id === 'owned' && resolve()))
  await room.add(bob.me?.user_id ?? '')
  await entered
  const there = bob.room('owned')
  await room.send('welcome')
  await roomUntil(there, () => contents(there).includes('welcome'))
  await room.change({ name: 'Ours', assistant: 'off' })
  await roomUntil(there, () => there.name === 'Ours')
  expect(await failure(there.change({ name: 'Mine' }))).toMatchObject({ retryable: false })
  await room.remove(bob.me?.user_id ?? '')
  await roomUntil(there, () => there.membership === 'left')
  await room.delete()
  expect(room.membership).toBe('deleted')
  expect(await failure(ann.join('owned'))).toMatchObject({ code: 'ROOM_ACCESS_DENIED' })
})

test('[CHAT-80] a refused token, and a sign-in that ends', async () => {
  const api = async (path: string, body?: object, token?: string) => {
    const headers = {
      'Content-Type': 'application/json',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    }
    const answer = await fetch(`${server.url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return (await answer.json()) as { access_token: string } // of `login`
  }
  const refused = new ChatClient({ url: server.url, token: 'nonsense' })
  expect(await failure(refused.connect())).toMatchObject({ code: 'UNAUTHENTICATED', message: 'Token malformed' })

  await api('register', { username: 'eve', email: 'eve@example.org', password: 'correct horse battery' })
  const { access_token } = await api('login', { username: 'eve', password: 'correct horse battery' })
  const client = await ChatClient.open({ url: server.url, token: access_token })
  await api('logout', undefined, access_token)
  await clientUntil(client, () => client.state.state === 'closed')
  expect(client.state).toMatchObject({ error: { code: 'UNAUTHENTICATED' } })
})

test('[CHAT-80] the guide’s client', async () => {
  const answer = await fetch(`${server.url}/api/v1/ws/token`, {
    method: 'POST',
    headers: { 'X-API-Key': keys.ann ?? '' },
  })
  const { token } = (await answer.json()) as { token: string } // as the protocol says
  const url = `${server.url.replace('http', 'ws')}/api/v1/ws/ws`
  await using client = new WebSocketChatClient(token, 'guide', { url })
  await client.connect()
  const confirmed = new Promise(resolve => client.on('delivery_confirmation', resolve))
  const done = new Promise<void>(resolve => client.on('chat', ({ data }) => 'done' in data && resolve()))
  const id = client.sendChatMessage('Hello')
  expect(await confirmed).toMatchObject({ data: { message_id: id, status: 'delivered' } })
  await done
  expect(await client.joinRoom('another')).toMatchObject({ room_id: 'another' })
  expect(await client.uploadFile(randomBytes(1_500_000), { name: 'a.zip' })).toMatchObject({ file_size: 1_500_000 })
})
