import { expect, test } from 'vitest'
import { openWorld } from '../../world.ts'
import { Level2Client } from './client.ts'

async function scene() {
  const frames = { count: 200, seconds: 4 }
  const world = await openWorld({ sessions: { views: { 'rooms-2': { frames } } } })
  return { world, a: await Level2Client.live(world, await world.member('ada')) }
}

test('[ROOMS-170] a burst of 200 frames is served and 50 a second go on; what is too much is told which it was and when it may', async () => {
  const { world: opened, a } = await scene()
  await using world = opened
  // Two were spent on coming in.
  for (let i = 0; i < 220; i++) a.wire.send({ type: 'ping', message_id: `p${i}` })
  const answers = []
  for (let i = 0; i < 220; i++) answers.push(await a.answer(`p${i}`))
  const refused = answers.filter(({ type }) => type === 'error')
  expect(answers.findIndex(({ type }) => type === 'error')).toBe(199)
  expect(refused).toHaveLength(21)
  expect(refused[0]).toMatchObject({
    message_id: 'p199',
    data: { code: 'RATE_LIMIT', retry_after: expect.any(Number) },
  })
  world.pass(Number(refused[0]?.data.retry_after))
  expect(await a.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
})

test('[ROOMS-171] every error carries the id of its frame, a code in capitals, and says what is wrong', async () => {
  const { world: opened, a } = await scene()
  await using _world = opened
  const wrong: readonly (readonly [object, string, RegExp?])[] = [
    [{ type: 'nonsense' }, 'INVALID_TYPE', /nonsense/],
    [{ type: 'history', data: {} }, 'INVALID_MESSAGE', /room_id/],
    [{ type: 'history', room_id: 'lobby', data: { before: 'x' } }, 'INVALID_MESSAGE', /data\.before/],
    [{ type: 'resume', data: { rooms: [{ room: 'kitchen', seq: 1 }] } }, 'INVALID_MESSAGE', /data\.rooms\.0\.room/],
    [
      { type: 'resume', data: { rooms: Array(1001).fill({ room: '0199c1f6-3c2d-7a81-9b0e-5d6c7b8a9f01', seq: 1 }) } },
      'INVALID_MESSAGE',
      /data\.rooms/,
    ],
    [{ type: 'who', data: {} }, 'INVALID_MESSAGE', /user_ids/],
    [{ type: 'open_direct', data: {} }, 'INVALID_MESSAGE', /user_id or username/],
    [{ type: 'chat', data: { message: '' }, room_id: 'lobby' }, 'MESSAGE_REQUIRED'],
    [{ type: 'chat', data: { message: 'x'.repeat(10_001) }, room_id: 'lobby' }, 'BODY_TOO_LONG'],
    [{ type: 'chat', data: { message: 'x' }, room_id: 'nowhere' }, 'ROOM_UNKNOWN'],
    [{ type: 'chat', data: { message: 'x' }, room_id: 'conversation:99' }, 'ROOM_UNKNOWN'],
    [{ type: 'join_room', data: { room_id: 'dm:me' } }, 'ROOM_ACCESS_DENIED'],
    [{ type: 'join_room', data: {} }, 'INVALID_MESSAGE', /room_id/],
    [{ type: 'leave_room', data: { room_id: 'nowhere' } }, 'NOT_MEMBER'],
    [{ type: 'change_room', room_id: 'lobby', data: { closed: true } }, 'NOT_OWNER'],
    [{ type: 'cancel_run', data: { run_id: '0199c1f6-3c2d-7a81-9b0e-5d6c7b8a9f01' } }, 'RUN_UNKNOWN'],
  ]
  for (const [i, [frame, code, said = /./]] of wrong.entries()) {
    a.wire.send({ ...frame, message_id: `w${i}` })
    const { type, data } = await a.answer(`w${i}`)
    expect([type, data.code, frame]).toEqual(['error', code, frame])
    expect(data.error).toMatch(said)
  }
  a.wire.send('{')
  expect(await a.wire.next()).toMatchObject({ type: 'error', message_id: null, data: { code: 'INVALID_JSON' } })
  // A message without an id could not be sent again.
  a.wire.send({ type: 'chat', data: { message: 'no id' }, room_id: 'lobby' })
  expect(await a.wire.next()).toMatchObject({
    data: { code: 'INVALID_MESSAGE', error: expect.stringMatching(/message_id/) },
  })
  a.wire.send({ type: 'ping', message_id: 'x'.repeat(129) })
  expect(await a.wire.next()).toMatchObject({ message_id: 'x'.repeat(129), data: { code: 'INVALID_MESSAGE' } })
  expect(await a.all()).toEqual([])
})

test('[ROOMS-172] the first frame says who one is', async () => {
  await using world = await openWorld()
  const root = await world.member('root', 'admin')
  const client = await world.openRooms('/api/v1/ws?v=2', { headers: { 'X-API-Key': root.key } })
  expect(await client.next()).toMatchObject({
    type: 'connect',
    user_id: root.user.id,
    data: { level: 2, user_id: root.user.id, username: 'root', role: 'admin', resume: true },
  })
})
