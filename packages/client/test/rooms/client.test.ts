import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChatFrame, type ErrorFrame, type TypingFrame, WebSocketChatClient } from '../../src/rooms/index.ts'
import { failure } from '../fixture/chat.ts'
import { createManualClock } from '../fixture/clock.ts'
import { openLevel1 } from '../fixture/level1.ts'

type Level1 = Awaited<ReturnType<typeof openLevel1>>

let server: Level1
beforeEach(async () => {
  server = await openLevel1()
})
afterEach(() => server[Symbol.asyncDispose]())

const open = async (roomId: string | null = null) => {
  const client = new WebSocketChatClient('secret', roomId, { url: server.url })
  await client.connect()
  return client
}

test('[CLIENT-51] it connects with its token, and its room where it has one', async () => {
  await using _one = await open()
  await using _two = await open('a room')
  expect(server.urls.map(({ pathname, search }) => pathname + search)).toEqual([
    '/api/v1/ws/ws?token=secret',
    '/api/v1/ws/ws?token=secret&room_id=a+room',
  ])
})

test('[CLIENT-52] its frames are those of the guide', async () => {
  const clock = createManualClock()
  await using client = new WebSocketChatClient('secret', 'team', { url: server.url, clock })
  client.send({ type: 'typing', data: {} })
  await client.connect()
  clock.advance(1_700)
  expect(client.sendChatMessage('Hello')).toBe('msg-1700')
  client.sendChatMessage('Go on', 7)
  client.sendTypingIndicator(true)
  await server.until(() => server.frames.length === 3)
  expect(server.frames).toEqual([
    {
      type: 'chat',
      data: { message: 'Hello', conversation_id: null, model_preference: 'gpt-4' },
      room_id: 'team',
      message_id: 'msg-1700',
    },
    expect.objectContaining({ data: { message: 'Go on', conversation_id: 7, model_preference: 'gpt-4' } }),
    { type: 'typing', data: { is_typing: true, room_id: 'team' } },
  ])
})

test('[CLIENT-53] frames go to the four methods, and to listeners of their type', async () => {
  const seen: unknown[] = []
  class Mine extends WebSocketChatClient {
    override handleChatMessage({ data }: ChatFrame) {
      seen.push('content' in data && data.content)
    }
    override handleTypingIndicator({ data }: TypingFrame) {
      seen.push(data.is_typing)
    }
    override handleError({ data }: ErrorFrame) {
      seen.push(data.code)
      throw new Error('mine')
    }
  }
  await using client = new Mine('secret', null, { url: server.url })
  client.on('connect', () => void seen.push('connect'))
  client.on('failed', error => void seen.push(error.message))
  const all = new Promise(resolve => client.on('system', resolve))
  await client.connect()
  await server.until(() => server.open.size === 1)
  server.push({ type: 'chat', data: { role: 'assistant', content: 'Hi', streaming: true } })
  server.push({ type: 'typing', data: { user_id: 'u', username: 'u', is_typing: true, room_id: null } })
  server.push({ type: 'error', data: { error: 'No', code: 'AI_ERROR' } })
  server.push({ type: 'news', data: {} })
  server.push({ type: 'system', data: { heartbeat: true } })
  await all
  expect(seen).toEqual(['connect', 'Hi', true, 'AI_ERROR', 'mine'])
})

test('[CLIENT-54] after any loss it tries five times to come back, and anew after a success', async () => {
  const clock = createManualClock()
  await using client = new WebSocketChatClient('secret', null, { url: server.url, clock })
  await client.connect()
  server.script.refuse = true
  server.cut()
  for (const seconds of [2, 4]) {
    await clock.asked(seconds * 1_000)
    clock.advance(seconds * 1_000)
  }
  await clock.asked(8_000)
  server.script.refuse = false
  const opened = new Promise<void>(resolve => client.on('open', resolve))
  clock.advance(8_000)
  await opened
  expect(client.reconnectAttempts).toBe(0)
  server.script.refuse = true
  server.cut()
  for (const seconds of [2, 4, 8, 16, 32]) {
    await clock.asked(seconds * 1_000)
    clock.advance(seconds * 1_000)
  }
  await server.until(() => server.urls.length === 1 + 3 + 5)
  expect(client.reconnectAttempts).toBe(5)
})

test('[CLIENT-54] connect() fails when the last attempt did, and close() ends it', async () => {
  const clock = createManualClock()
  server.script.refuse = true
  const client = new WebSocketChatClient('secret', null, { url: server.url, clock })
  const connecting = failure(client.connect())
  for (const seconds of [2, 4, 8, 16, 32]) {
    await clock.asked(seconds * 1_000)
    clock.advance(seconds * 1_000)
  }
  expect(await connecting).toMatchObject({ code: 'UNREACHABLE', message: 'No connection after 5 attempts' })

  server.script.refuse = false
  const other = new WebSocketChatClient('secret', null, { url: server.url, clock })
  await other.connect()
  await other.close()
  await server.until(() => server.open.size === 0)
  expect(other.isOpen).toBe(false)
  expect(clock.waits()).toEqual([])
})

test('[CLIENT-55] rooms are entered and left, and what is refused rejects', async () => {
  const joined = { room_id: 'team', room_name: 'Team', room_type: 'private', participants: [], joined_at: 'now' }
  server.script.answer = ({ type, data }) => {
    if (data.room_id !== 'team')
      return [{ type: 'error', data: { error: 'Access denied to room', code: 'ROOM_ACCESS_DENIED' } }]
    return [{ type, data: type === 'join_room' ? joined : { room_id: 'team', left_at: 'now' } }]
  }
  await using client = await open()
  expect(await client.joinRoom('team', { name: 'Team' })).toEqual(joined)
  expect(await client.leaveRoom('team')).toEqual({ room_id: 'team', left_at: 'now' })
  expect(await failure(client.joinRoom('secret room'))).toMatchObject({ code: 'ROOM_ACCESS_DENIED' })
})

/** Answers an upload as the protocol says. */
const uploadAnswer = (data: Record<string, unknown>): object => {
  const file_id = 'f'
  switch (data.upload_type) {
    case 'init':
      return { upload_type: 'init_response', file_id, status: 'initialized', max_chunk_size: 1_048_576 }
    case 'chunk':
      return { upload_type: 'progress', file_id, status: 'uploading', progress: 1, uploaded_chunks: 1, total_chunks: 3 }
    default:
      return {
        upload_type: 'completed',
        file_id,
        status: 'completed',
        file_url: '/api/v1/files/f',
        checksum: data.checksum,
      }
  }
}

test('[CLIENT-56] a file is sent in parts with its checksum, one file after the other', async () => {
  server.script.answer = ({ data }) => [
    // The copy of somebody else's upload in the room is none of ours.
    {
      type: 'file_upload',
      data: { upload_type: 'progress', file_id: 'x', user_id: 'u', file_name: 'x', progress: 1 },
      message_id: null,
    },
    { type: 'file_upload', data: uploadAnswer(data) },
  ]
  await using client = await open('team')
  const bytes = new TextEncoder().encode('hello world')
  const progress: number[] = []
  const options = {
    name: 'a.txt',
    mimeType: 'text/plain',
    chunkSize: 4,
    onProgress: (part: number) => void progress.push(part),
  }
  const [file] = await Promise.all([client.uploadFile(bytes, options), client.uploadFile(bytes, { name: 'b.txt' })])
  const checksum = createHash('sha256').update(bytes).digest('hex')
  expect(file).toMatchObject({ file_url: '/api/v1/files/f', checksum })
  expect(progress).toEqual([1 / 3, 2 / 3, 1])
  expect(
    server.frames.map(({ data: { upload_type, chunk_data, ...rest } }) => [
      upload_type,
      chunk_data ?? rest.file_name ?? rest.checksum,
    ]),
  ).toEqual([
    ['init', 'a.txt'],
    ['chunk', btoa('hell')],
    ['chunk', btoa('o wo')],
    ['chunk', btoa('rld')],
    ['finalize', checksum],
    ['init', 'b.txt'],
    ['chunk', btoa('hello world')],
    ['finalize', checksum],
  ])
  expect(server.frames[0]?.room_id).toBe('team')
})

test('[CLIENT-56] an upload that is refused, too large a chunk, and a lost connection reject', async () => {
  await using client = await open()
  const failed = { upload_type: 'error', file_id: null, status: 'failed', error: 'File type not allowed: exe' }
  server.script.answer = () => [{ type: 'file_upload', data: failed }]
  expect(await failure(client.uploadFile(new Uint8Array(1), { name: 'a.exe' }))).toMatchObject({
    message: failed.error,
  })
  const large = client.uploadFile(new Uint8Array(1), { name: 'a.txt', chunkSize: 1_048_577 })
  expect(await failure(large)).toMatchObject({ code: 'CHUNK_TOO_LARGE' })
  server.script.answer = () => []
  const lost = failure(client.uploadFile(new Uint8Array(1), { name: 'a.txt' }))
  await server.until(() => server.frames.length === 2)
  server.cut()
  expect(await lost).toMatchObject({ code: 'UNREACHABLE' })
})
