import { createElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../../../examples/support/server.ts'
import { ChatClient, type ChatClientOptions, type Room } from '../../src/chat/index.ts'
import {
  ChatProvider,
  useChat,
  useConnection,
  useMessages,
  usePresence,
  useRoom,
  useRooms,
  useRun,
  useRuns,
  useTyping,
  useUnread,
  useUpload,
} from '../../src/react/index.ts'
import { roomUntil } from '../fixture/chat.ts'
import { show, watching } from '../fixture/dom.ts'

/** One server for all; each test has rooms of its own. */
let server: Server
const keys: Record<string, string> = {}
beforeAll(async () => {
  server = await startServer()
  for (const name of ['ann', 'bob']) keys[name] = await server.register(name)
}, 30_000)
afterAll(() => server[Symbol.asyncDispose]())

const options = (name: string): ChatClientOptions => ({
  url: server.url,
  apiKey: keys[name] ?? '',
  backoff: { minDelay: 20, maxDelay: 200 },
})
const open = (name: string) => ChatClient.open(options(name))
const provided = (client: ChatClient | (() => ChatClient), ...children: ReactNode[]) =>
  createElement(ChatProvider, { client }, ...children)

/** Puts a hook on the page, as ann. */
function using<T>(hook: () => T, client: ChatClient | (() => ChatClient) = () => new ChatClient(options('ann'))) {
  const watch = watching(hook)
  const page = show(provided(client, createElement(watch.component)))
  return { watch, page, [Symbol.dispose]: () => page[Symbol.dispose]() }
}

test('[REACT-10] a provider makes one client, connects it once, and closes it when it is gone', async () => {
  const made: ChatClient[] = []
  const make = () => {
    const client = new ChatClient(options('ann'))
    made.push(client)
    return client
  }
  const { watch, page } = using(() => ({ client: useChat(), state: useConnection().state }), make)
  await watch.until(({ state }) => state === 'live')
  const states = made.map(({ state }) => state.state)
  expect(states.filter(state => state !== 'new')).toEqual(['live'])
  // Another function is no other client.
  page.render(provided(() => make(), createElement(watch.component)))
  await page.unmount()
  expect(watch.now.client.state).toEqual({ state: 'closed', error: undefined })
})

test('[REACT-10] a client of the caller’s is connected, and stays when the provider is gone', async () => {
  await using client = new ChatClient(options('ann'))
  const { watch, page } = using(() => useConnection().state, client)
  await watch.until(state => state === 'live')
  await page.unmount()
  expect(client.state.state).toBe('live')
})

test('[REACT-10] hooks without a provider say what they need', () => {
  expect(() => renderToString(createElement(() => useChat().unread))).toThrow('This needs a ChatProvider around it')
})

test('[REACT-11] a room is entered, shown as it is, and not drawn again when nothing changed', async () => {
  await using bob = await open('bob')
  await bob.join('kitchen', { name: 'The kitchen', type: 'shared' })
  using shown = using(() => useRoom('kitchen', { join: true }))
  const { watch } = shown
  await watch.until(({ membership, info }) => membership === 'member' && info?.participants_count === 2)
  expect(watch.now).toMatchObject({ id: 'kitchen', name: 'The kitchen', unread: 0, error: null })
  const drawn = watch.seen.length
  const { room } = watch.now
  room.composing()
  room.stopComposing()
  await room.refresh()
  await bob.room('kitchen').change({ name: 'Ours' })
  await watch.until(({ name }) => name === 'Ours')
  expect(watch.seen.slice(drawn).map(({ name }) => name)).toEqual(['Ours'])
})

test('[REACT-11] a room that we may not enter says why; who was put out stays out', async () => {
  await using bob = await open('bob')
  const room = await bob.join('closed', { type: 'group' })
  using shown = using(() => useRoom('closed', { join: true }))
  await shown.watch.until(({ error }) => error?.code === 'ROOM_ACCESS_DENIED')
  await room.add(await annId())
  await shown.watch.until(({ membership, error }) => membership === 'member' && error === null)
  await room.remove(await annId())
  await shown.watch.until(({ membership }) => membership === 'left')
})

const annId = async () => {
  await using ann = await open('ann')
  return ann.me?.user_id ?? ''
}

test('[REACT-11] the list of rooms follows names and unread counts', async () => {
  await using bob = await open('bob')
  const there = await bob.join('listed', { name: 'Before', type: 'shared' })
  using shown = using(() => ({ rooms: useRooms(), all: useUnread(), listed: useRoom('listed', { join: true }) }))
  const { watch } = shown
  const listed = () => watch.now.rooms.find(({ id }) => id === 'listed')
  await watch.until(() => listed() !== undefined)
  const [before, others] = [listed(), watch.now.rooms.find(({ id }) => id !== 'listed')]
  await there.send('hello')
  await watch.until(() => listed()?.unread === 1 && watch.now.all > 0)
  expect(listed()).not.toBe(before)
  expect(watch.now.rooms.find(({ id }) => id === others?.id)).toBe(others)
  await watch.now.listed.room.markRead()
  await watch.until(() => listed()?.unread === 0)
})

test('[REACT-12] the newest messages come at once, older ones when asked for, and new ones live, without a hole', async () => {
  await using bob = await open('bob')
  const there = await bob.join('long', { type: 'shared' })
  const all = Array.from({ length: 25 }, (_, i) => `${i + 1}`)
  for (const text of all) await there.send(text)
  const client = new ChatClient({ ...options('ann'), keep: 12 })
  using shown = using(
    () => {
      const { room } = useRoom('long', { join: true })
      return { room, ...useMessages(room, { limit: 5 }) }
    },
    () => client,
  )
  const { watch } = shown
  const texts = () => watch.now.messages.map(({ content }) => content)
  await watch.until(({ hasMore, isLoading }) => hasMore && !isLoading)
  expect(texts()).toEqual(all.slice(-5))
  for (const length of [10, 15, 20]) {
    void watch.now.loadMore()
    void watch.now.loadMore()
    await watch.until(({ messages, isLoading }) => messages.length === length && !isLoading)
    expect(texts()).toEqual(all.slice(-length))
  }
  // What the client itself lets go of stays where somebody went back behind it.
  for (const text of ['26', '27']) await there.send(text)
  await watch.until(({ messages }) => messages.length === 22)
  expect(texts()).toEqual([...all.slice(5), '26', '27'])
  await watch.now.loadMore()
  await watch.until(({ hasMore }) => !hasMore)
  expect(texts()).toEqual([...all, '26', '27'])
  // As many as the client holds, and the list is a part of what is shown.
  expect(client.room('long').messages.list.length).toBeLessThanOrEqual(12)
  await watch.now.room.send('mine')
  await watch.until(({ messages }) => messages.at(-1)?.state === 'sent' && messages.at(-1)?.content === 'mine')
  expect(texts()).toEqual([...all, '26', '27', 'mine'])
  // What happens to a message happens to it wherever it is held.
  const admin = server.client(await server.registerAdmin('root'))
  const [first, second, last] = [watch.now.messages[0], watch.now.messages[1], watch.now.messages.at(-2)]
  for (const message of [first, second, last]) {
    if (message?.state !== 'sent') throw new Error('it should be there')
    if (message === first) await admin.adminUpdateMessage(message.id, 'one')
    else await admin.adminDeleteMessage(message.id)
  }
  await watch.until(({ messages }) => messages.length === 26)
  expect(texts()).toEqual(['one', ...all.slice(2), '26', 'mine'])
})

test('[REACT-12] what is sent is shown at once, and the same array is shown until something changed', async () => {
  using shown = using(() => {
    const { room, membership } = useRoom('own', { join: { type: 'shared' } })
    return { room, membership, ...useMessages(room) }
  })
  const { watch } = shown
  await watch.until(({ membership, isLoading }) => membership === 'member' && !isLoading)
  const heard = watch.now.room.messages[Symbol.asyncIterator]().next()
  void watch.now.room.send('hello')
  await watch.until(({ messages }) => messages[0]?.state === 'sending')
  await heard
  await watch.until(({ room, messages }) => messages === room.messages.list)
  const before = watch.now.messages
  await watch.now.room.refresh()
  await watch.now.room.markRead()
  expect(watch.now.messages).toBe(before)
})

test('[REACT-12] a room that cannot be read says why, and loads when asked to again', async () => {
  await using ann = await open('ann')
  const room = await ann.join('failing')
  const history = room.history.bind(room)
  room.history = () => Promise.reject(Object.assign(new Error('busy'), { code: 'BUSY' }))
  using shown = using(() => useMessages(room), ann)
  await shown.watch.until(({ error }) => error?.code === 'BUSY')
  room.history = history
  await shown.watch.now.loadMore()
  await shown.watch.until(({ error, isLoading }) => error === null && !isLoading)
})

test('[REACT-13] who types, and who is there', async () => {
  await using bob = await open('bob')
  const there = await bob.join('people', { type: 'shared' })
  const bobId = bob.me?.user_id ?? ''
  await bob.setPresence('away', 'at lunch')
  using shown = using(() => {
    const { room, membership } = useRoom('people', { join: true })
    return { membership, typing: useTyping(room), bob: usePresence(bobId), again: usePresence(bobId) }
  })
  const { watch } = shown
  await watch.until(({ bob }) => bob !== undefined)
  expect(watch.now.bob).toMatchObject({ status: 'away', text: 'at lunch' })
  expect(watch.now.again).toBe(watch.now.bob)
  await watch.until(({ membership }) => membership === 'member')
  there.composing()
  await watch.until(({ typing }) => typing.length === 1)
  expect(watch.now.typing).toMatchObject([{ username: 'bob' }])
  there.stopComposing()
  await watch.until(({ typing }) => typing.length === 0)
  await bob.setPresence('online')
  await watch.until(({ bob }) => bob?.status === 'online')
})

test('[REACT-14] an answer is drawn as it is written, by everybody who looks', async () => {
  function useAnswers(): { room: Room; runs: ReturnType<typeof useRuns> } {
    const { room } = useRoom('asking', { join: { type: 'private' } })
    return { room, runs: useRuns(room) }
  }
  await using client = new ChatClient(options('ann'))
  using shown = using(useAnswers, client)
  await shown.watch.until(({ room }) => room.membership === 'member')
  const { run } = await shown.watch.now.room.ask('2+2*3')
  const answers = [watching(() => useRun(run)), watching(() => useRun(run))]
  using _ = show(answers.map(({ component }, key) => createElement(component, { key })))
  for (const answer of answers) {
    await answer.until(({ state }) => state === 'completed')
    expect(answer.now.text).toContain('8')
    expect(answer.now.info?.run_id).toBe(run.id)
  }
  expect(answers[0]?.now).toBe(answers[1]?.now)
  await shown.watch.until(({ runs }) => runs.length === 0)
})

test('[REACT-15] a file is shown on its way and stored; a refused one says why; both are taken off', async () => {
  await using client = await open('ann')
  const room = await client.join('files')
  using shown = using(() => useUpload(room), client)
  await shown.watch.until(() => true)
  const { upload, remove } = shown.watch.now
  const file = await upload(new Uint8Array(3_000_000), { name: 'noise.zip' })
  await shown.watch.until(({ uploads }) => uploads[0]?.state === 'stored')
  const progress = shown.watch.seen.flatMap(({ uploads: [one] }) => (one?.state === 'uploading' ? [one.sent] : []))
  expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  expect(file).toMatchObject({ file_name: 'noise.zip', file_size: 3_000_000 })
  expect(await upload(new Uint8Array(1), { name: 'a.exe' }).catch(({ code }) => code)).toBe('FILE_TYPE_REFUSED')
  await shown.watch.until(({ uploads }) => uploads[1]?.state === 'failed')
  for (const { id } of shown.watch.now.uploads) remove(id)
  await shown.watch.until(({ uploads }) => uploads.length === 0)
})

test('[REACT-15] a file on its way is taken back by hand, and with its component', async () => {
  await using client = await open('ann')
  const room = await client.join('files')
  const { watch, page } = using(() => useUpload(room), client)
  await watch.until(() => true)
  const big = () => watch.now.upload(new Uint8Array(5_000_000), { name: 'big.zip' }).catch(({ code }) => code)
  const first = big()
  await watch.until(({ uploads }) => uploads.length === 1)
  watch.now.remove(watch.now.uploads[0]?.id ?? -1)
  expect(await first).toBe('ABORTED')
  await watch.until(({ uploads }) => uploads.length === 0)
  const second = big()
  await page.unmount()
  expect(await second).toBe('ABORTED')
})

test('[REACT-16] it all comes back after the server was away', async () => {
  await using bob = await open('bob')
  const there = await bob.join('away', { type: 'shared' })
  using shown = using(() => {
    const { room, membership } = useRoom('away', { join: true })
    return { room, membership, state: useConnection().state, ...useMessages(room) }
  })
  const { watch } = shown
  await watch.until(({ membership, isLoading }) => membership === 'member' && !isLoading)
  await server.stop()
  await watch.until(({ state }) => state !== 'live')
  void watch.now.room.send('written meanwhile')
  await watch.until(({ messages }) => messages[0]?.state === 'sending')
  await server.start()
  await watch.until(({ messages }) => messages[0]?.state === 'sent')
  await roomUntil(there, () => there.messages.list.length === 1)
})

test('[REACT-17] on a server the hooks draw an empty room, and connect nobody', () => {
  const client = new ChatClient({ url: 'http://127.0.0.1:9', token: 'none' })
  const component = () => {
    const { room, name, membership } = useRoom('kitchen', { join: true })
    const { messages, hasMore } = useMessages(room)
    const sizes = [useRooms(), useTyping(room), useRuns(room), useUpload(room).uploads].map(({ length }) => length)
    const words = [name, membership, useConnection().state, messages.length, hasMore, useUnread(), ...sizes]
    return createElement('p', null, [...words, usePresence('x')?.status].join(' '))
  }
  const html = renderToString(provided(client, createElement(component)))
  expect(html).toBe('<p>kitchen unknown new 0 false 0 0 0 0 0 </p>')
  expect(client.state.state).toBe('new')
})
