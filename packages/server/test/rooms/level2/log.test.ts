import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AgentFailed } from '../../../src/core/ports/agents.ts'
import { openFiles } from '../../../src/files/disk.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { TestAgent } from '../../core/runs/desk.ts'
import { countedStore } from '../../sessions/stores.ts'
import { folder } from '../../system/folder.ts'
import { openWorld, until } from '../../world.ts'
import { Level2Client, seqs, short } from './client.ts'

/** A world in which everything that has a place in a log can happen. */
async function openAll(historyLimit: number | null = null) {
  const directory = folder()
  const agent = new TestAgent()
  const { store, quiet } = countedStore(await openSqliteStore(directory))
  const world = await openWorld({
    store,
    files: openFiles({ directory: join(directory, 'files'), temporary: join(directory, 'pieces') }),
    agents: agent,
    settings: { historyLimit },
  })
  const [ada, bob, root] = [await world.member('ada'), await world.member('bob'), await world.member('root', 'admin')]
  return {
    world,
    quiet,
    agent,
    ada,
    bob,
    root,
    a: await Level2Client.live(world, ada),
    b: await Level2Client.live(world, bob),
  }
}

test('[ROOMS-110] everything that happens in a room has its place there, live and later', async () => {
  const { world: opened, agent, root, bob, ada, a, b } = await openAll()
  await using world = opened
  const room = await a.join('kitchen')
  await b.join('kitchen')
  const first = await a.say('kitchen', 'first')
  const second = await a.say('kitchen', 'second')
  await world.execute(root, { type: 'message.amend', id: first.id, body: 'edited' })
  await world.execute(root, { type: 'message.remove', id: second.id })
  await a.ask({ type: 'change_room', data: { name: 'The kitchen' }, room_id: 'kitchen' })
  const upload = { type: 'file_upload', room_id: 'kitchen' }
  const init = await a.ask({
    ...upload,
    data: { upload_type: 'init', file_name: 'a.txt', file_size: 5, mime_type: 'text/plain' },
  })
  const { file_id } = init.data
  const chunk_data = Buffer.from('hello').toString('base64')
  await a.ask({ ...upload, data: { upload_type: 'chunk', file_id, chunk_index: 0, total_chunks: 1, chunk_data } })
  await a.ask({ ...upload, data: { upload_type: 'finalize', file_id } })
  await a.say('kitchen', '@assistant say something')
  await until(() => agent.asked.length === 1)
  agent.asked[0]?.script.say('Some', 'thing')
  agent.asked[0]?.script.finish()
  await a.shown('chat', ({ role }) => role === 'assistant')
  await a.say('kitchen', '@assistant say nothing')
  await until(() => agent.asked.length === 2)
  agent.asked[1]?.script.fail(new AgentFailed('I do not know'))
  await a.shown('run_ended')
  await b.ask({ type: 'leave_room', data: { room_id: 'kitchen' } })
  await b.join('kitchen')
  const happened = [
    ...['member_joined 2', 'chat 3', 'chat 4', 'message_edited 5', 'message_deleted 6', 'room_changed 7'],
    ...['file_added 8', 'chat 9', 'run_started 10', 'chat 11', 'chat 12', 'run_started 13', 'run_ended 14'],
    ...['member_left 15', 'member_joined 16'],
  ]
  expect((await b.events(room)).map(short)).toEqual(happened)

  const again = await Level2Client.open(world, bob)
  await again.resume({ rooms: { [room]: 0 } })
  const later = again.pushed.filter(({ data }) => data.room === room && 'seq' in data)
  expect(later.map(short)).toEqual([
    ...['member_joined 1', 'room_added 2', 'member_joined 2', 'chat 3', 'gone 4', 'message_edited 5'],
    ...happened.slice(4, -1),
    ...['room_added 16', 'member_joined 16'],
  ])
  // As it is now, and then that it was edited.
  expect(later[3]?.data).toMatchObject({ content: 'edited', seq: 3, ordinal: 1 })
  expect(later[5]?.data).toMatchObject({ content: 'edited', seq: 5, message_seq: 3, edited_at: expect.any(String) })
  expect(later[6]?.data).toEqual({ room, seq: 6, id: second.id, ordinal: 2 })
  expect(later[9]?.data).toMatchObject({ role: 'user', content: '@assistant say something' })
  expect(later[11]?.data).toMatchObject({
    role: 'assistant',
    content: 'Something',
    run: { asker: { user_id: ada.user.id, username: 'ada' }, agent: { username: 'assistant' }, state: 'completed' },
  })
  expect(later[14]?.data).toMatchObject({ state: 'failed', error: 'I do not know', asker: { username: 'ada' } })
})

test('[ROOMS-110] the end of a room is its last event', async () => {
  const { world: opened, quiet, a, b, ada } = await openAll()
  await using world = opened
  const room = await a.join('kitchen')
  await b.join('kitchen')
  await a.say('kitchen', 'one')
  await b.all()
  await world.execute(ada, { type: 'room.delete', ref: { by: 'label', label: 'kitchen' } })
  expect((await b.events(room)).map(short)).toEqual(['room_deleted 4'])
  expect((await a.events(room)).map(short).at(-1)).toBe('room_deleted 4')
  const { data } = await b.resume({ rooms: { [room]: 3 } })
  expect(data.rooms).toEqual([{ room, room_id: null, seq: 0, reset: true }])
  expect(await a.ask({ type: 'chat', data: { message: 'anybody?' }, room_id: 'kitchen' })).toMatchObject({
    type: 'error',
    data: { code: 'ROOM_ACCESS_DENIED' },
  })
  // What it held is erased in the background.
  await quiet()
})

test('[ROOMS-111] places whose content was trimmed are gone, and counting goes on', async () => {
  const { world: opened, a, bob, b } = await openAll(3)
  await using world = opened
  const room = await a.join('kitchen')
  await b.join('kitchen')
  for (let i = 0; i < 8; i++) await a.say('kitchen', `${i}`)
  await world.core.drained()
  await b.all()
  const again = await Level2Client.open(world, bob)
  const { data } = await again.resume({ rooms: { [room]: 0 } })
  const shown = again.pushed.filter(({ type, data }) => data.room === room && type !== 'room_added')
  expect(seqs(shown)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(shown.slice(-3).map(({ data }) => data.content)).toEqual(['5', '6', '7'])
  expect(shown.slice(2, -3).every(({ type }) => type === 'gone')).toBe(true)
  expect(data.rooms).toMatchObject([{ seq: 10, reset: false }])
})

test('[ROOMS-112] one’s own messages come on every connection in the order of the room, besides the confirmation', async () => {
  const { world: opened, a, b, ada } = await openAll()
  await using world = opened
  const room = await a.join('kitchen')
  await b.join('kitchen')
  const other = await Level2Client.live(world, ada)
  const ids = Array.from({ length: 60 }, (_, i) => `mine-${i}`)
  for (const [i, message_id] of ids.entries()) {
    const client = i % 2 === 0 ? a : b
    client.wire.send({ type: 'chat', data: { message: `${i}` }, room_id: 'kitchen', message_id })
  }
  const confirmed = [await a.answer('mine-58'), await b.answer('mine-59')]
  const logs = await Promise.all([a, b, other].map(client => client.events(room)))
  const [log = []] = logs.map(log => log.filter(({ type }) => type === 'chat'))
  for (const own of logs) expect(own.filter(({ type }) => type === 'chat')).toEqual(log)
  expect(seqs(log)).toEqual(ids.map((_, i) => i + 3))
  expect(new Set(log.map(({ message_id }) => message_id))).toEqual(new Set(ids))
  for (const { data, message_id } of confirmed) {
    const heard = log.find(frame => frame.message_id === message_id)
    expect(heard?.data).toMatchObject({ client_id: message_id, id: data.id, seq: data.seq, ordinal: data.ordinal })
  }
})
