import { afterAll, beforeAll, expect, it } from 'vitest'
import { unseen } from './contract.ts'
import { told, toNobody } from './people.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
let root: Person
beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  ben = await site.person('ben')
  root = await site.person('root', 'admin')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const ROOMS = '/api/v1/ws/rooms'
const ask = (as: Person, method: string, path: string, body?: object) => site.ask(method, path, { key: as.key, body })
const make = (body: object, as = ann) => ask(as, 'POST', ROOMS, body)
const at = (room: string) => `${ROOMS}/${encodeURIComponent(room)}`
const NOT_FOUND = [404, 'Room not found']

it('[HTTP-100] a room is made under the id that is named, and is really there', async () => {
  const { status, body } = await make({ room_id: 'kitchen', room_name: 'The kitchen', room_type: 'shared' })
  expect([status, body]).toEqual([
    200,
    {
      ...{ room_id: 'kitchen', room_name: 'The kitchen', room_type: 'shared', creator: ann.user.id },
      created_at: new Date(site.clock.now()).toISOString(),
    },
  ])
  expect((await ask(ann, 'GET', at('kitchen'))).body).toEqual({
    ...{ room_id: 'kitchen', name: 'The kitchen', room_type: 'shared', participants: [ann.user.id] },
    ...{ participants_count: 1, created_at: body.created_at, last_activity: body.created_at, typing_users: [] },
  })
})

it('[HTTP-100] what is left out is an id nobody guesses, the name `Room <id>`, and private', async () => {
  const { body } = await make({ room_name: null })
  expect(body).toMatchObject({ room_name: `Room ${body.room_id}`, room_type: 'private' })
  expect(body.room_id).toMatch(/^[0-9a-f-]{36}$/)
  expect((await make({ room_id: 'named' })).body.room_name).toBe('Room named')
})

it('[HTTP-100] a kind that is none is 400, a taken id 409, one that means something else 422', async () => {
  expect(told(await make({ room_id: 'x', room_type: 'secret' }))).toEqual([400, 'Invalid room type'])
  expect(told(await make({ room_id: 'x', room_type: 'direct' }))).toEqual([400, 'Invalid room type'])
  await make({ room_id: 'taken' })
  for (const room_id of ['taken', 'lobby']) {
    expect(told(await make({ room_id }, ben))).toEqual([409, 'Room already exists'])
  }
  for (const room_id of [`dm:${ann.user.id}`, 'conversation:1']) {
    const { status, body } = await make({ room_id })
    expect([status, body.error.details[0].loc]).toEqual([422, ['body', 'room_id']])
  }
  expect((await make({ room_id: 'x'.repeat(256) })).status).toBe(422)
  expect((await make({ room_name: 'x'.repeat(300_000) })).status).toBe(413)
  const viewer = await site.person('viewer', 'viewer')
  expect(told(await make({}, viewer))).toEqual([403, 'The role viewer does not allow this'])
})

it('[HTTP-101] a room shows itself to who is in it, its owner and admins', async () => {
  await make({ room_id: 'salon', room_type: 'private' })
  expect(told(await ask(ben, 'GET', at('salon')))).toEqual([403, 'Access denied'])
  expect((await ask(root, 'GET', at('salon'))).body).toMatchObject({ room_id: 'salon', participants_count: 1 })
  await ask(ann, 'POST', `${at('salon')}/leave`)
  expect((await ask(ann, 'GET', at('salon'))).body).toMatchObject({ participants: [], participants_count: 0 })
  expect(told(await ask(ann, 'GET', at('nowhere')))).toEqual(NOT_FOUND)
  expect((await ask(ben, 'GET', at('lobby'))).body).toMatchObject({ room_id: 'lobby', room_type: 'shared' })
})

it('[HTTP-101] it shows who is composing and when something happened last', async () => {
  await make({ room_id: 'desk' })
  site.clock.advance(5_000)
  await site.as(ann, { type: 'message.send', ...inRoom('desk'), body: 'x' })
  await site.as(ann, { type: 'typing.set', ...inRoom('desk'), isTyping: true })
  const { body } = await ask(ann, 'GET', at('desk'))
  expect(body).toMatchObject({
    last_activity: new Date(site.clock.now()).toISOString(),
    typing_users: [ann.user.id],
  })
})

const inRoom = (label: string) => ({
  to: { at: 'room', ref: { by: 'label', label }, unknown: 'refuse' } as const,
})

it('[HTTP-101] an id may be any text, percent-encoded', async () => {
  for (const room_id of ['a/b', 'a?b#c', '100%', 'ä ö\u{1f600}', '%2F', 'x:y', '...']) {
    expect((await make({ room_id })).body.room_id).toBe(room_id)
    expect((await ask(ann, 'GET', at(room_id))).body.room_id).toBe(room_id)
    expect((await ask(ann, 'GET', `/api/v1/rooms/${encodeURIComponent(room_id)}/messages`)).body.messages).toEqual([])
  }
})

it('[HTTP-102] its owner and admins change a room; what is absent or null stays', async () => {
  await make({ room_id: 'club', room_name: 'Club', room_type: 'group' })
  await ask(ann, 'POST', `${at('club')}/members`, { user_id: ben.user.id })
  const change = (as: Person, body: object) => ask(as, 'PATCH', at('club'), body)
  expect((await change(ann, { room_name: 'The club', assistant: 'off', closed: true, owner: null })).body).toEqual({
    ...{ room_id: 'club', room: expect.any(String), room_name: 'The club', room_type: 'group' },
    ...{ owner: ann.user.id, assistant: 'off', closed: true },
  })
  expect((await change(root, { closed: false })).body).toMatchObject({ room_name: 'The club', closed: false })
  expect(told(await change(ben, { closed: true }))).toEqual([403, 'Only the owner of the room may do this'])
  expect((await change(ann, { owner: ben.user.id.toUpperCase() })).body.owner).toBe(ben.user.id)
  expect((await change(ann, { closed: true })).status).toBe(403)
  expect((await change(ben, { closed: true })).status).toBe(200)
})

it('[HTTP-102] a new owner has to be in the room; nothing to change is 400, a wrong field 422', async () => {
  await make({ room_id: 'club 2' })
  const change = (body: object) => ask(ann, 'PATCH', at('club 2'), body)
  expect(told(await change({ owner: root.user.id }))).toEqual([403, 'The new owner is not in the room'])
  expect(told(await change({}))).toEqual([400, 'No fields to update'])
  expect(told(await change({ room_name: null }))).toEqual([400, 'No fields to update'])
  for (const body of [{ assistant: 'maybe' }, { closed: 1 }, { owner: 'ann' }, { room_name: '' }]) {
    expect((await change(body)).status).toBe(422)
  }
  expect((await change({ room_name: 'x'.repeat(300_000) })).status).toBe(413)
  expect(told(await ask(ann, 'PATCH', at('nowhere'), { closed: true }))).toEqual(NOT_FOUND)
})

it('[HTTP-103] its owner and admins delete a room: it is gone, and its id taken for ever', async () => {
  await make({ room_id: 'hut', room_type: 'shared' })
  await ask(ben, 'POST', `${at('hut')}/join`)
  expect(told(await ask(ben, 'DELETE', at('hut')))).toEqual([403, 'Only the owner of the room may do this'])
  const { status, body } = await ask(ann, 'DELETE', at('hut'))
  expect([status, body]).toEqual([200, { message: 'Room deleted successfully' }])
  for (const as of [ann, ben, root]) expect(told(await ask(as, 'GET', at('hut')))).toEqual(NOT_FOUND)
  expect(told(await ask(ann, 'DELETE', at('hut')))).toEqual(NOT_FOUND)
  expect(told(await make({ room_id: 'hut' }, ben))).toEqual([409, 'Room already exists'])
  expect((await ask(ben, 'GET', '/api/v1/rooms')).body.rooms).not.toContainEqual(
    expect.objectContaining({ room_id: 'hut' }),
  )
  await make({ room_id: 'hut 2' })
  expect((await ask(root, 'DELETE', at('hut 2'))).status).toBe(200)
  expect((await ask(root, 'DELETE', at('lobby'))).status).toBe(403)
})

it('[HTTP-104] one goes into a room that is there, again and again, and leaves it once', async () => {
  await make({ room_id: 'bar', room_type: 'shared' })
  const join = (as: Person, room = 'bar') => ask(as, 'POST', `${at(room)}/join`)
  const leave = (as: Person, room = 'bar') => ask(as, 'POST', `${at(room)}/leave`)
  const { body } = await join(ben)
  expect(body).toMatchObject({ room_id: 'bar', room_type: 'shared', participants_count: 2, unread: 0, peer: null })
  expect((await join(ben)).body).toEqual(body)
  expect((await leave(ben)).body).toEqual({ message: 'Left the room' })
  expect(told(await leave(ben))).toEqual([403, 'Not in room'])
  expect(told(await leave(ben, 'nowhere'))).toEqual([403, 'Not in room'])
  expect(told(await join(ben, 'nowhere'))).toEqual(NOT_FOUND)
  expect((await ask(ben, 'GET', at('nowhere'))).status).toBe(404)
  await ask(ann, 'DELETE', at('bar'))
  expect(told(await join(ben))).toEqual(NOT_FOUND)
  expect((await join(ben, 'lobby')).body.room_id).toBe('lobby')
  expect((await leave(ben, 'lobby')).status).toBe(200)
})

// Who may go in: the first column is where the room is open, the second where it was closed.
it.each([
  ['private', 'member', 200, 403],
  ['private', 'admin', 200, 200],
  ['shared', 'member', 200, 403],
  ['shared', 'viewer', 200, 403],
  ['group', 'member', 403, 403],
  ['group', 'bot', 403, 403],
  ['group', 'admin', 200, 200],
] as const)('[HTTP-104] into a %s room a %s: %i, and %i when it is closed', async (room_type, role, open, closed) => {
  for (const [isClosed, status] of [
    [false, open],
    [true, closed],
  ] as const) {
    const room_id = `${room_type} ${role} ${isClosed}`
    await make({ room_id, room_type })
    if (isClosed) await ask(ann, 'PATCH', at(room_id), { closed: true })
    const somebody = await site.person(room_id, role)
    const answer = await ask(somebody, 'POST', `${at(room_id)}/join`)
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body.error.message).toBe('Access denied to room')
  }
})

it('[HTTP-113] what is under /ws is also under /ws/ws, and stands in the document once', async () => {
  const twice = (path: string) => path.replace('/ws/', '/ws/ws/')
  expect((await ask(ann, 'POST', twice(ROOMS), { room_id: 'doubled' })).status).toBe(200)
  expect((await ask(ann, 'GET', twice(at('doubled')))).body.room_id).toBe('doubled')
  expect((await ask(ben, 'GET', twice(at('doubled')))).status).toBe(403)
  expect((await ask(ann, 'POST', '/api/v1/ws/ws/token')).body.expires_in).toBe(86_400)
  expect(told(await ask(ann, 'GET', '/api/v1/ws/ws/stats'))).toEqual([403, 'Admin access required'])
  expect((await ask(ann, 'PUT', twice(ROOMS))).headers.allow).toBe('POST')
  const { body: document } = await site.ask('GET', '/openapi.json')
  expect(Object.keys(document.paths)).toContain('/api/v1/ws/rooms')
  expect(Object.keys(document.paths).filter(path => path.startsWith('/api/v1/ws/ws'))).toEqual([])
})

it('[HTTP-18] the addresses of the socket say that they are for sockets', async () => {
  for (const path of ['/api/v1/ws/ws', '/api/v1/ws']) {
    const answer = await site.ask('GET', path)
    expect([answer.status, answer.headers.upgrade, answer.body.error.code]).toEqual([426, 'websocket', 426])
  }
})

it('[HTTP-10] all of it needs a credential', async () => expect(await toNobody(site, 'Rooms')).toEqual([401]))

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Rooms')).toEqual([]))
