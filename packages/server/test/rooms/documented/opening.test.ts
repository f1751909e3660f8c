import { expect, test } from 'vitest'
import { StoreFailed } from '../../../src/core/ports/store.ts'
import { openMemoryStore } from '../../../src/stores/memory/store.ts'
import { testPasswords, testSessionSettings, type World } from '../../world.ts'
import { openScene, socketToken } from './scene.ts'

const PATH = '/api/v1/ws/ws'

/** The tokens of somebody with a password. */
async function signedIn(world: World) {
  const password = await testPasswords.hash('correct horse')
  const registration = { password, fullName: null }
  await world.execute('operator', { type: 'account.register', name: 'cleo', registration })
  const { address, local } = { address: '127.0.0.1', local: true }
  return world.core.execute(
    { kind: 'anonymous', address, local },
    { type: 'account.sign_in', name: 'cleo', password: 'correct horse' },
  )
}

const refusedFor = (message: string) => ({ error: { code: 401, message, type: 'authentication_error' } })

test('[ROOMS-1] the first frame is connect, at both paths, with all keys of the envelope', async () => {
  const scene = await openScene()
  await using world = scene.world
  const token = await socketToken(scene, scene.ada)
  for (const path of [PATH, '/api/v1/ws']) {
    const client = await world.openRooms(`${path}?token=${token}`)
    const frame = await client.next()
    expect(frame).toEqual({
      type: 'connect',
      data: {
        connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        status: 'connected',
        server_time: '2026-01-01T00:00:00.000Z',
      },
      ...{ room_id: null, message_id: null, user_id: null, timestamp: '2026-01-01T00:00:00.000Z' },
    })
    expect(world.sessions.connection(String(frame.data.connection_id))?.username).toBe('ada')
    await client.quiet()
  }
})

test('[ROOMS-2] a token counts in the query, in a header and, from a page of our own, in a cookie', async () => {
  const scene = await openScene()
  await using world = scene.world
  const { access } = await signedIn(world)
  const socket = await socketToken(scene, scene.ada)
  const own = `http://127.0.0.1:${world.port}`
  for (const token of [access, socket]) {
    const [Authorization, Cookie] = [`Bearer ${token}`, `theme=dark; access_token=${token}; a=b`]
    await (await world.openRooms(`${PATH}?token=${token}`)).expect('connect')
    await (await world.openRooms(PATH, { headers: { Authorization } })).expect('connect')
    await (await world.openRooms(PATH, { headers: { Cookie, Origin: own } })).expect('connect')
    for (const headers of [{ Cookie }, { Cookie, Origin: 'https://evil.example' }, { Cookie, Origin: 'null' }]) {
      expect(await world.knock(PATH, headers)).toMatchObject({ status: 401 })
    }
  }
})

test('[ROOMS-2] an API key in a header is as good; the first credential there is counts, good or not', async () => {
  const scene = await openScene()
  await using world = scene.world
  const headers = { 'X-API-Key': scene.ada.key }
  await (await world.openRooms(PATH, { headers })).expect('connect')
  expect((await world.knock(`${PATH}?token=junk`, headers)).status).toBe(401)
  const token = await socketToken(scene, scene.ada)
  const good = await world.openRooms(`${PATH}?token=${token}`, { headers: { Authorization: 'Bearer junk' } })
  await good.expect('connect')
})

test('[ROOMS-3] whoever has no good token is told why with a 401 before a connection opens', async () => {
  const scene = await openScene()
  await using world = scene.world
  const { access, refresh } = await signedIn(world)
  const socket = await socketToken(scene, scene.ada)
  const why = async (path: string) => {
    const { status, headers, body } = await world.knock(path)
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer'])
    return JSON.parse(body)
  }
  expect(await why(PATH)).toEqual(refusedFor('Token missing'))
  expect(await why(`${PATH}?token=`)).toEqual(refusedFor('Token missing'))
  for (const junk of ['junk', 'a.b.c', `${socket}x`, `${socket.slice(0, -4)}AAAA`, '%00', 'x'.repeat(4_000)]) {
    expect(await why(`${PATH}?token=${junk}`)).toEqual(refusedFor('Token malformed'))
  }
  expect(await why(`${PATH}?token=${refresh}`)).toEqual(refusedFor('Token type not accepted'))
  world.clock.advance(30 * 60_000 + 1_000)
  expect(await why(`${PATH}?token=${access}`)).toEqual(refusedFor('Token expired'))
  world.clock.advance(24 * 3_600_000)
  expect(await why(`${PATH}?token=${socket}`)).toEqual(refusedFor('Token expired'))
})

test('[ROOMS-3] a token of somebody who is gone, and one whose sign-in was ended, are refused', async () => {
  const scene = await openScene()
  await using world = scene.world
  const [gone, out] = [await socketToken(scene, scene.ada), await socketToken(scene, scene.bob)]
  await world.execute('operator', { type: 'admin.delete', ref: scene.ada.user.id })
  await world.execute('operator', { type: 'admin.replace_key', ref: scene.bob.user.id })
  const first = await world.knock(`${PATH}?token=${gone}`)
  expect([first.status, JSON.parse(first.body)]).toEqual([401, refusedFor('User unknown or disabled')])
  const second = await world.knock(`${PATH}?token=${out}`)
  expect([second.status, JSON.parse(second.body)]).toEqual([401, refusedFor('Token expired')])
})

test('[ROOMS-4] a token that expires does not close the connection it opened', async () => {
  const scene = await openScene()
  await using world = scene.world
  const client = await world.openRooms(`${PATH}?token=${await socketToken(scene, scene.ada)}`)
  await client.expect('connect')
  world.clock.advance(25 * 3_600_000)
  world.pass(2)
  await client.quiet()
})

test('[ROOMS-5] above the limit of connections of this protocol, or of one user, it is 503', async () => {
  const limits = { connections: 3, connectionsPerUser: 2 }
  const views = { rooms: limits, 'rooms-2': limits }
  const scene = await openScene({ sessions: { ...testSessionSettings, views } })
  await using world = scene.world
  const headers = (key: string) => ({ 'X-API-Key': key })
  const [first] = [await world.joinRooms(scene.ada), await world.joinRooms(scene.ada, { v: '2' })]
  expect((await world.knock(PATH, headers(scene.ada.key))).status).toBe(503)
  await world.joinRooms(scene.bob)
  const full = await world.knock(PATH, headers(scene.bob.key))
  expect([full.status, Number(full.headers['retry-after'])]).toEqual([503, expect.any(Number)])
  // Those of other protocols do not count.
  await (await world.connect(scene.ada)).quiet()
  first.ws.close()
  await first.closed
  while (world.sessions.counts.sockets > 3) await new Promise(resolve => setImmediate(resolve))
  await world.joinRooms(scene.bob)
})

test('[ROOMS-6] a room in the query is joined right after connecting, before anything the client sends', async () => {
  const scene = await openScene()
  await using world = scene.world
  const token = await socketToken(scene, scene.ada)
  const client = await world.openRooms(`${PATH}?token=${token}&room_id=team%20a&room_type=shared`)
  client.send({ type: 'leave_room', data: { room_id: 'team a' } })
  const [connect, joined, left] = await client.take(3)
  expect(connect?.type).toBe('connect')
  expect(joined).toMatchObject({
    type: 'join_room',
    data: { room_id: 'team a', room_name: 'Room team a', room_type: 'shared', participants: [scene.ada.user.id] },
    room_id: 'team a',
  })
  expect(left).toMatchObject({ type: 'leave_room', data: { room_id: 'team a' } })
  const named = await world.openRooms(`${PATH}?token=${token}&room_id=b&room_name=B%20team`)
  expect((await named.take(2))[1]?.data).toMatchObject({ room_name: 'B team', room_type: 'private' })
})

test('[ROOMS-6] a room in the query that is refused is an error, and the connection goes on', async () => {
  const scene = await openScene()
  await using world = scene.world
  await world.joinRooms(scene.ada, { room_id: 'club', room_type: 'group' })
  for (const query of [
    'room_id=club',
    'room_id=new&room_type=public',
    'room_id=dm%3Ax',
    `room_id=${'x'.repeat(256)}`,
  ]) {
    const client = await world.openRooms(`${PATH}?token=${await socketToken(scene, scene.bob)}&${query}`)
    await client.expect('connect')
    const refused = await client.expect('error')
    expect(refused.data).toEqual({ error: 'Access denied to room', code: 'ROOM_ACCESS_DENIED' })
    await client.quiet()
  }
})

test('[ROOMS-7] a fault of the server while a connection is made ready closes it with 4000', async () => {
  const store = openMemoryStore()
  const scene = await openScene({ store: { ...store, memberships: () => Promise.reject(new StoreFailed('io_error')) } })
  await using world = scene.world
  const client = await world.openRooms(`${PATH}?token=${await socketToken(scene, scene.ada)}`)
  expect(await client.closed).toEqual({ code: 4000, reason: 'Internal server error' })
  expect(world.faults.splice(0)).toHaveLength(1)
})

test('[ROOMS-8] whoever loses their credential is told with 4001, and nobody else', async () => {
  const scene = await openScene()
  await using world = scene.world
  const byKey = await world.joinRooms(scene.ada)
  const byToken = await world.openRooms(`${PATH}?token=${await socketToken(scene, scene.ada)}`)
  await byToken.expect('connect')
  const [deleted, other] = [await world.joinRooms(scene.bob), await world.joinRooms(await world.member('cleo'))]
  await world.execute('operator', { type: 'admin.replace_key', ref: scene.ada.user.id })
  for (const client of [byKey, byToken]) {
    expect(await client.closed).toEqual({ code: 4001, reason: 'Authentication required' })
  }
  await world.execute('operator', { type: 'admin.delete', ref: scene.bob.user.id })
  expect((await deleted.closed).code).toBe(4001)
  await other.quiet()
})
