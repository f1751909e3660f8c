import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { start } from '../../start/server.ts'
import { folder } from '../../system/folder.ts'
import { type GuideClient, person, type Where } from './clients.ts'

type Open = (where: Where) => GuideClient

/** Ada and bob in one room, each with a client that `open` opens, on a server of their own. */
async function twoInARoom(open: Open, room: string) {
  const server = await start({ DATA_DIR: folder() })
  const [ada, bob] = [await person(server, 'ada'), await person(server, 'bob')]
  const clients = []
  for (const { token } of [ada, bob]) {
    const client = open({ url: server.url, token, room })
    await client.happens('open')
    await client.frame('connect')
    await client.frame('join_room', { room_id: room })
    clients.push(client)
  }
  await clients[0]!.frame('system', { action: 'user_joined', user_id: bob.id })
  return { server, ada, bob, a: clients[0]!, b: clients[1]! }
}

/** Chat in a room: confirmed to the sender, shown to the other, answered to both, in the documented order. */
export async function chats(open: Open): Promise<void> {
  const { server, ada, a, b } = await twoInARoom(open, 'kitchen')
  a.do({ command: 'chat', text: 'What can you do? \u{1f600}' })
  const frames = await a.framesTo('chat', { done: true })
  const kinds = frames.map(({ type, data }) => {
    if (type === 'typing') return data.is_typing ? 'typing' : 'typed'
    if (type === 'chat') return data.role === 'assistant' && data.streaming ? 'chunk' : 'completion'
    return type
  })
  expect(kinds.filter((kind, at) => kind !== kinds[at - 1])).toEqual([
    'delivery_confirmation',
    'typing',
    'chunk',
    'typed',
    'completion',
  ])
  const [confirmation] = frames
  expect(confirmation).toMatchObject({ room_id: 'kitchen', data: { message_id: expect.stringMatching(/^msg-\d/) } })

  const heard = await b.frame('chat', { role: 'user' })
  expect(heard).toMatchObject({
    room_id: 'kitchen',
    data: {
      content: 'What can you do? \u{1f600}',
      username: 'ada',
      user_id: ada.id,
      client_id: confirmation?.message_id,
    },
  })
  await b.frame('typing', { user_id: 'assistant', is_typing: true })
  const answer = await b.framesTo('chat', { done: true })
  const said = (shown: typeof frames) =>
    shown.map(({ type, data }) => (type === 'chat' && data.role === 'assistant' ? data.content : '')).join('')
  expect(said(answer)).toBe(said(frames))
  expect(said(answer)).not.toBe('')
  await server.stop()
}

/** A conversation without a room goes on by its number. */
export async function goesOn(open: Open): Promise<void> {
  const server = await start({ DATA_DIR: folder() })
  const client = open({ url: server.url, token: (await person(server, 'ada')).token })
  await client.happens('open')
  await client.frame('connect')
  client.do({ command: 'chat', text: 'Hello' })
  const first = await client.frame('chat', { done: true })
  const { conversation_id } = first.data as { conversation_id: number } // of an answer
  expect(first.room_id).toBeNull()
  client.do({ command: 'chat', text: 'And again', conversation: conversation_id })
  expect(await client.frame('chat', { done: true })).toMatchObject({ data: { conversation_id } })
  client.do({ command: 'chat', text: '' })
  expect(await client.frame('error')).toMatchObject({ data: { code: 'MESSAGE_REQUIRED' } })
  await server.stop()
}

/** Typing, and its end, are shown to the other. */
export async function types(open: Open): Promise<void> {
  const { server, ada, a, b } = await twoInARoom(open, 'kitchen')
  a.do({ command: 'type', isTyping: true })
  expect(await b.frame('typing', { is_typing: true })).toMatchObject({
    room_id: 'kitchen',
    data: { user_id: ada.id, username: 'ada', room_id: 'kitchen' },
  })
  a.do({ command: 'type', isTyping: false })
  await b.frame('typing', { user_id: ada.id, is_typing: false })
  await server.stop()
}

/** A file in three pieces arrives whole, and the other can fetch it. */
export async function uploads(open: Open): Promise<void> {
  const { server, ada, bob, a, b } = await twoInARoom(open, 'kitchen')
  const [text, times] = ['ten bytes\n', 262_144]
  a.do({ command: 'upload', name: 'notes.txt', text, times })
  const frames = await a.framesTo('file_upload', { upload_type: 'completed' })
  const content = text.repeat(times)
  const checksum = createHash('sha256').update(content).digest('hex')
  expect(frames.at(-1)).toMatchObject({ data: { checksum, file_size: content.length, file_name: 'notes.txt' } })
  expect(frames.map(({ data }) => 'uploaded_chunks' in data && data.uploaded_chunks).filter(Boolean)).toEqual([1, 2, 3])

  const shown = await b.frame('file_upload', { upload_type: 'completed' })
  expect(shown).toMatchObject({ room_id: 'kitchen', data: { user_id: ada.id, file_name: 'notes.txt' } })
  const { file_url } = shown.data as { file_url: string } // of a finished file
  const fetched = await fetch(`${server.url}${file_url}`, { headers: { authorization: `Bearer ${bob.access}` } })
  expect(fetched.status).toBe(200)
  expect(await fetched.text()).toBe(content)

  a.do({ command: 'upload', name: 'virus.exe', text, times: 1 })
  expect(await a.frame('file_upload', { upload_type: 'error' })).toMatchObject({
    data: { error: expect.stringMatching(/^File type not allowed/) },
  })
  await server.stop()
}
