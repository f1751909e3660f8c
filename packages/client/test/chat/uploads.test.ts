import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { UploadProgress } from '../../src/chat/index.ts'
import { failure, openClient, roomUntil, watch } from '../fixture/chat.ts'
import { type Level2, openLevel2 } from '../fixture/level2.ts'

let server: Level2
beforeEach(async () => {
  server = await openLevel2()
  server.makeRoom('team', ['ann'])
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

const MIB = 1_048_576
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test.each([
  ['bytes', (bytes: Buffer) => bytes],
  ['a buffer', (bytes: Buffer) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer],
  ['a blob', (bytes: Buffer) => new Blob([new Uint8Array(bytes)], { type: 'image/png' })],
])('[CHAT-70] %s is sent in parts, with progress, and checked', async (kind, make) => {
  const bytes = randomBytes(2.5 * MIB)
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  const events = watch(room)
  const progress: UploadProgress[] = []
  const file = await room.upload(make(bytes), { name: 'picture.png', onProgress: step => void progress.push(step) })
  const mime_type = kind === 'a blob' ? 'image/png' : 'application/octet-stream'
  expect(file).toEqual({
    file_id: expect.any(String),
    file_name: 'picture.png',
    file_size: bytes.length,
    mime_type,
    checksum: sha256(bytes),
    file_url: `/api/v1/files/${file.file_id}`,
  })
  expect(progress.map(({ sent }) => sent).at(-1)).toBe(bytes.length)
  expect(progress).toHaveLength(3)
  await roomUntil(room, () => events.some(({ type }) => type === 'file'))
  expect(events).toMatchObject([{ type: 'file', file: { file_name: 'picture.png', username: 'ann' } }])
  expect(await client.fileLink(file.file_id)).toMatchObject({ expires_in: 300 })
})

test('[CHAT-71] over a lost connection the parts without an answer are sent again', async () => {
  const bytes = randomBytes(6 * MIB)
  await using client = await openClient(server, 'ann')
  let parts = 0
  server.rude.before = ({ data }) => {
    if (data.upload_type === 'chunk' && ++parts === 3) server.rude.cutBeforeAnswer = 'file_upload'
    if (data.upload_type === 'finalize' && parts < 100) {
      parts = 100
      server.rude.cutBeforeAnswer = 'file_upload'
    }
  }
  const file = await client.room('team').upload(bytes, { name: 'a.zip' })
  expect(file.checksum).toBe(sha256(bytes))
  expect(server.uploads.size).toBe(1)
  expect(server.sent('file_upload').filter(({ data }) => data.upload_type === 'finalize')).toHaveLength(2)
})

test('[CHAT-72] an upload is taken back by its signal, and the server told', async () => {
  await using client = await openClient(server, 'ann')
  const stop = new AbortController()
  const onProgress = () => stop.abort()
  const upload = client.room('team').upload(randomBytes(8 * MIB), { name: 'a.zip', signal: stop.signal, onProgress })
  expect(await failure(upload)).toMatchObject({ code: 'ABORTED' })
  await server.until(() => server.uploads.size === 0)
})

test('[CHAT-73] what is refused is an error with a code', async () => {
  await using client = await openClient(server, 'ann')
  const room = client.room('team')
  expect(await failure(room.upload(new Uint8Array(3), { name: 'a.exe' }))).toMatchObject({
    code: 'FILE_TYPE_REFUSED',
    message: 'File type not allowed: exe',
    retryable: false,
  })
  const huge = { byteLength: 50 * MIB + 1 } as ArrayBuffer
  expect(await failure(room.upload(huge, { name: 'a.zip' }))).toMatchObject({ code: 'FILE_TOO_LARGE' })
  expect(server.sent('file_upload')).toHaveLength(1)
})
