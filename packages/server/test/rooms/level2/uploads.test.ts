import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFiles } from '../../../src/files/disk.ts'
import { folder } from '../../system/folder.ts'
import { openWorld } from '../../world.ts'
import { Level2Client } from './client.ts'

async function scene() {
  const directory = folder()
  const files = openFiles({ directory, temporary: join(directory, 'pieces') })
  const world = await openWorld({ files })
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const [a, b] = [await Level2Client.live(world, ada), await Level2Client.live(world, bob)]
  const room = await a.join('kitchen')
  await b.join('kitchen')
  const send = (data: object, room_id = 'kitchen') => a.ask({ type: 'file_upload', data, room_id })
  return { world, ada, a, b, room, send }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

test('[ROOMS-180] a file that is sent in pieces is an event of its room, and its progress is shown to the others', async () => {
  const { world: opened, ada, a, b, room, send } = await scene()
  await using _world = opened
  await b.all()
  const init = await send({ upload_type: 'init', file_name: 'soup.txt', file_size: 10, mime_type: 'text/plain' })
  expect(init).toMatchObject({ type: 'file_upload', data: { upload_type: 'init_response', status: 'initialized' } })
  const { file_id } = init.data
  const piece = (chunk_index: number, text: string) =>
    send({
      upload_type: 'chunk',
      file_id,
      chunk_index,
      total_chunks: 2,
      chunk_data: Buffer.from(text).toString('base64'),
    })
  expect(await piece(1, 'world')).toMatchObject({
    data: { upload_type: 'progress', progress: 0.5, uploaded_chunks: 1 },
  })
  expect(await send({ upload_type: 'finalize', file_id })).toMatchObject({
    data: { upload_type: 'error', status: 'failed', error: 'Missing chunks: expected 2, got 1' },
  })
  await piece(0, 'hello')
  expect(await send({ upload_type: 'finalize', file_id, checksum: sha256('other') })).toMatchObject({
    data: { upload_type: 'error', error: 'Checksum verification failed' },
  })
  const done = await send({ upload_type: 'finalize', file_id, checksum: sha256('helloworld') })
  expect(done).toMatchObject({ data: { upload_type: 'completed', file_size: 10, checksum: sha256('helloworld') } })
  expect(await b.all()).toMatchObject([
    { type: 'file_upload', data: { upload_type: 'progress', progress: 0.5, user_id: ada.user.id } },
    { type: 'file_upload', data: { upload_type: 'progress', progress: 1 } },
    {
      type: 'file_added',
      data: { room, seq: 3, file_id, file_size: 10, checksum: sha256('helloworld'), username: 'ada' },
    },
  ])
  // Again is answered again, and nobody hears of it.
  expect(await send({ upload_type: 'finalize', file_id })).toMatchObject({ data: { upload_type: 'completed' } })
  expect(await b.all()).toEqual([])
  expect((await a.events(room)).map(({ type }) => type)).toEqual(['member_joined', 'member_joined', 'file_added'])
})

test('[ROOMS-180] an upload is only its owner’s, and can be cancelled', async () => {
  const { world: opened, a, b, send } = await scene()
  await using _world = opened
  const { data } = await send({ upload_type: 'init', file_name: 'a.txt', file_size: 1, mime_type: 'text/plain' })
  const { file_id } = data
  const unknown = { data: { upload_type: 'error', error: 'Invalid file ID' } }
  expect(await b.ask({ type: 'file_upload', data: { upload_type: 'finalize', file_id } })).toMatchObject(unknown)
  expect(await send({ upload_type: 'cancel', file_id })).toMatchObject({ data: { upload_type: 'cancelled', file_id } })
  expect(await send({ upload_type: 'finalize', file_id })).toMatchObject(unknown)
  expect(await send({ upload_type: 'init', file_name: 'a.exe', file_size: 1, mime_type: 'x/y' })).toMatchObject({
    data: { upload_type: 'error', error: 'File type not allowed: exe' },
  })
  const elsewhere = { upload_type: 'init', file_name: 'a.txt', file_size: 1, mime_type: 'text/plain' }
  expect(await send(elsewhere, 'nowhere')).toMatchObject({ data: { upload_type: 'error' } })
  expect(await a.all()).toBeDefined()
})
