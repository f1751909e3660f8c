import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Verdict } from '../../../src/core/ports/files.ts'
import { openFiles } from '../../../src/files/disk.ts'
import { sha256 } from '../../files/core.ts'
import { folder } from '../../system/folder.ts'
import { testSettings, until, type WorldOptions } from '../../world.ts'
import type { RoomsClient } from '../client.ts'
import { openScene, twoInRoom } from './scene.ts'

const MIB = 1_048_576

const withFiles = (): WorldOptions => {
  const directory = folder()
  return { files: openFiles({ directory, temporary: join(directory, 'temp') }) }
}

const upload = (upload_type: string | undefined, data: object, more: object = {}) => ({
  type: 'file_upload',
  data: { ...(upload_type !== undefined && { upload_type }), ...data },
  ...more,
})
const init = (data: object = {}, more: object = {}) =>
  upload('init', { file_name: 'notes.txt', file_size: 6, mime_type: 'text/plain', ...data }, more)
const piece = (file_id: unknown, text: string, chunk_index: number, total_chunks: number, more: object = {}) =>
  upload('chunk', { file_id, chunk_index, total_chunks, chunk_data: Buffer.from(text).toString('base64') }, more)
const finalize = (file_id: unknown, data: object = {}, more: object = {}) =>
  upload('finalize', { file_id, ...data }, more)

const begin = async (client: RoomsClient, data: object = {}, more: object = {}): Promise<string> =>
  (await client.ask(init(data, more))).data.file_id as string // says the schema

const failure = (error: unknown, file_id: unknown = null) => ({
  type: 'file_upload',
  data: { upload_type: 'error', file_id, status: 'failed', error },
})

test('[ROOMS-90] announced, sent in pieces, finished: each step is answered, and the room sees progress and the file', async () => {
  const { world: opened, ada, a, b } = await twoInRoom('shared', withFiles())
  await using world = opened
  const a2 = await world.joinRooms(ada)
  const begun = await a.ask(init({}, { room_id: 'kitchen', message_id: 'u-1' }))
  const { file_id } = begun.data
  expect(begun).toMatchObject({
    type: 'file_upload',
    data: { upload_type: 'init_response', file_id: expect.any(String), status: 'initialized', max_chunk_size: MIB },
    ...{ room_id: 'kitchen', message_id: 'u-1' },
  })
  for (const [index, text, progress] of [
    [1, 'def', 0.5],
    [0, 'abc', 1],
  ] as const) {
    const answer = await a.ask(piece(file_id, text, index, 2))
    expect(answer.data).toEqual({
      ...{ upload_type: 'progress', file_id, status: 'uploading', progress },
      ...{ uploaded_chunks: progress * 2, total_chunks: 2 },
    })
    const copy = await b.next()
    expect(copy).toMatchObject({ type: 'file_upload', room_id: 'kitchen', user_id: ada.user.id })
    expect(copy.data).toEqual({
      ...{ upload_type: 'progress', file_id, user_id: ada.user.id, file_name: 'notes.txt', progress },
    })
  }
  world.clock.advance(2_500)
  const done = await a.ask(finalize(file_id, { checksum: sha256('abcdef').toUpperCase() }))
  const file = {
    ...{ upload_type: 'completed', file_id, file_url: `/api/v1/files/${file_id}`, file_name: 'notes.txt' },
    ...{ file_size: 6, mime_type: 'text/plain' },
  }
  expect(done.data).toEqual({ ...file, status: 'completed', checksum: sha256('abcdef'), upload_time: 2.5 })
  expect((await b.next()).data).toEqual({ ...file, user_id: ada.user.id })
  for (const client of [a, a2, b]) await client.quiet()
})

test('[ROOMS-91] a file without a room is nobody else’s; the type is chunk and the media type unknown unless said', async () => {
  const { world: opened, a, b } = await twoInRoom('shared', withFiles())
  await using _world = opened
  const id = await begin(a, { mime_type: undefined })
  const data = { file_id: id, chunk_index: 0, total_chunks: 1, chunk_data: 'YWJjZGVm' }
  expect((await a.ask(upload(undefined, data))).data).toMatchObject({ upload_type: 'progress', progress: 1 })
  expect((await a.ask(finalize(id))).data).toMatchObject({ mime_type: 'application/octet-stream' })
  await b.quiet()
})

test('[ROOMS-91] the room may be named at the end only, and then counts; whoever is away finds the file later', async () => {
  const { world: opened, bob, a, b } = await twoInRoom('shared', withFiles())
  await using world = opened
  world.pass(1)
  await b.pinged()
  b.ws.close()
  await until(() => world.sessions.connectionsOf(bob.user.id).length === 0)
  const id = await begin(a)
  await a.ask(piece(id, 'abcdef', 0, 1))
  await a.ask(finalize(id, {}, { room_id: 'kitchen' }))
  const back = await world.joinRooms(bob)
  expect((await back.next()).data).toMatchObject({ upload_type: 'completed', file_id: id, file_name: 'notes.txt' })
  await back.quiet()
})

test('[ROOMS-91] a piece that is sent again replaces the first; the declared number of pieces counts', async () => {
  const { world: opened, a } = await twoInRoom('shared', withFiles())
  await using _world = opened
  const id = await begin(a, { file_size: 10 })
  await a.ask(piece(id, 'x', 0, 10))
  for (let i = 0; i < 10; i++) await a.ask(piece(id, String(i), i, 10))
  expect((await a.ask(finalize(id, { checksum: sha256('0123456789') }))).data.upload_type).toBe('completed')
  // A second end finds the same file.
  expect((await a.ask(finalize(id))).data).toMatchObject({ upload_type: 'completed', file_id: id })
})

test('[ROOMS-91] a cancelled upload is over', async () => {
  const { world: opened, a } = await twoInRoom('shared', withFiles())
  await using _world = opened
  const id = await begin(a)
  expect((await a.ask(upload('cancel', { file_id: id }))).data).toEqual({
    ...{ upload_type: 'cancelled', file_id: id, status: 'cancelled' },
  })
  for (const frame of [piece(id, 'a', 0, 1), finalize(id), upload('cancel', { file_id: id })]) {
    expect(await a.ask(frame)).toMatchObject(failure('Invalid file ID', id))
  }
})

test('[ROOMS-92] what cannot be announced', async () => {
  const { world: opened, a } = await twoInRoom('shared', withFiles())
  await using world = opened
  const cases: readonly (readonly [object, unknown])[] = [
    [init({ file_size: 52_428_801 }), 'File too large. Maximum size: 50MB'],
    [init({ file_size: 0 }), 'Invalid file size'],
    [init({ file_size: -1 }), 'Invalid file size'],
    [init({ file_name: 'virus.exe' }), expect.stringMatching(/^File type not allowed/)],
    [init({ file_name: 'noextension' }), expect.stringMatching(/^File type not allowed/)],
    [init({ file_name: 'png' }), expect.stringMatching(/^File type not allowed/)],
    [init({ file_name: undefined }), expect.any(String)],
    [init({ file_size: '6' }), expect.any(String)],
    [init({ file_size: 1.5 }), expect.any(String)],
    [upload('init', {}), expect.any(String)],
    [upload('download', { file_id: 'x' }), 'Unknown upload type'],
    [upload('__proto__', {}), 'Unknown upload type'],
    [{ type: 'file_upload', data: { upload_type: 5 } }, 'Unknown upload type'],
  ]
  for (const [frame, error] of cases) {
    const answer = await a.ask(frame)
    expect(answer, JSON.stringify(frame)).toMatchObject({ type: 'file_upload', data: { upload_type: 'error', error } })
  }
  expect(await a.ask(init({ file_size: 52_428_800, file_name: 'BIG.ZIP' }))).toMatchObject({
    data: { upload_type: 'init_response' },
  })
  expect(await a.ask(init({}, { room_id: 'nowhere' }))).toMatchObject(failure(expect.any(String)))
  await world.execute(await world.member('cleo'), { type: 'room.make', label: 'club', name: null, kind: 'group' })
  expect(await a.ask(init({}, { room_id: 'club' }))).toMatchObject(failure('Access denied'))
})

test('[ROOMS-93] what is no piece', async () => {
  const { world: opened, a, b } = await twoInRoom('shared', withFiles())
  await using _world = opened
  const id = await begin(a, { file_size: 2 * MIB })
  expect(await a.ask(piece(id, 'x'.repeat(MIB + 1), 0, 2))).toMatchObject(failure('Chunk too large', id))
  expect((await a.ask(piece(id, 'x'.repeat(MIB), 0, 2))).data.upload_type).toBe('progress')
  for (const chunk_data of ['?', 'abc', '====', 'YW Jj', 'YQ==YQ==', 5, null, undefined]) {
    const frame = upload('chunk', { file_id: id, chunk_index: 0, total_chunks: 2, chunk_data })
    expect(await a.ask(frame)).toMatchObject(failure(expect.stringMatching(/^Invalid chunk data: /), id))
  }
  for (const [index, total] of [
    [2, 2],
    [-1, 2],
    [0, 0],
    [0.5, 2],
    [0, 1_000_000],
  ] as const) {
    expect(await a.ask(piece(id, 'x', index, total))).toMatchObject(
      failure(expect.stringMatching(/^Invalid chunk data: /), id),
    )
  }
  for (const unknown of ['00000000-0000-4000-8000-000000000000', 'junk', '../../etc/passwd', '__proto__']) {
    expect(await a.ask(piece(unknown, 'x', 0, 1))).toMatchObject(failure('Invalid file ID', unknown))
    expect(await a.ask(finalize(unknown))).toMatchObject(failure('Invalid file ID', unknown))
  }
  // Somebody else's is as unknown.
  expect(await b.ask(piece(id, 'x', 0, 1))).toMatchObject(failure('Invalid file ID', id))
  expect(await b.ask(finalize(id))).toMatchObject(failure('Invalid file ID', id))
  expect(await b.ask(upload('cancel', { file_id: id }))).toMatchObject(failure('Invalid file ID', id))
})

test('[ROOMS-94] what cannot be finished, and goes on after that', async () => {
  const { world: opened, a, b } = await twoInRoom('shared', withFiles())
  await using _world = opened
  const id = await begin(a, {}, { room_id: 'kitchen' })
  const finished = (more: object = {}) => a.ask(finalize(id, more))
  expect(await finished()).toMatchObject(failure('Missing chunks: expected 1, got 0', id))
  await a.ask(piece(id, 'abc', 0, 3))
  expect(await finished()).toMatchObject(failure('Missing chunks: expected 3, got 1', id))
  await a.ask(piece(id, 'abc', 0, 1))
  expect(await finished()).toMatchObject(failure('File size mismatch: expected 6, got 3', id))
  await a.ask(piece(id, 'abcdef', 0, 1))
  expect(await finished({ checksum: sha256('other') })).toMatchObject(failure('Checksum verification failed', id))
  expect(await finished({ checksum: '' })).toMatchObject(failure('Checksum verification failed', id))
  expect((await finished({ checksum: sha256('abcdef') })).data.upload_type).toBe('completed')
  expect((await b.until(({ data }) => data.upload_type === 'completed')).length).toBeGreaterThan(0)
  await b.quiet()
})

test('[ROOMS-95] a file that the scanner finds something in is refused and over; nobody is shown it', async () => {
  const scanner = { scan: async (): Promise<Verdict> => ({ state: 'infected', signature: 'Eicar' }) }
  const { world: opened, a, b } = await twoInRoom('shared', { ...withFiles(), scanner })
  await using _world = opened
  const id = await begin(a, {}, { room_id: 'kitchen' })
  await a.ask(piece(id, 'abcdef', 0, 1))
  await b.expect('file_upload')
  expect(await a.ask(finalize(id))).toMatchObject(failure('File failed virus scan', id))
  expect(await a.ask(finalize(id))).toMatchObject(failure('Invalid file ID', id))
  await b.quiet()
})

test('[ROOMS-96] over the quota, and where nothing can be stored, the upload fails in words; so it does for who may only read', async () => {
  const settings = { files: { ...testSettings.files, quotaPerUser: 10 } }
  const { world: opened, a } = await twoInRoom('shared', { ...withFiles(), settings })
  await using world = opened
  expect((await a.ask(init({ file_size: 10 }))).data.upload_type).toBe('init_response')
  expect(await a.ask(init())).toMatchObject(failure('Insufficient storage'))
  const reader = await world.joinRooms(await world.member('vera', 'viewer'))
  expect(await reader.ask(init())).toMatchObject(failure(expect.any(String)))

  const scene = await openScene()
  await using without = scene.world
  const c = await without.joinRooms(scene.ada)
  const id = await begin(c)
  expect(await c.ask(piece(id, 'abcdef', 0, 1))).toMatchObject(failure(expect.stringMatching(/^File upload error/), id))
  expect(without.faults.splice(0)).toHaveLength(1)
})
