import { afterAll, beforeAll, expect, it } from 'vitest'
import { unseen } from './contract.ts'
import { told, toNobody } from './people.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
let cat: Person
let root: Person
beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  ben = await site.person('ben')
  cat = await site.person('cat')
  root = await site.person('root', 'admin')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const ROOMS = '/api/v1/ws/rooms'
const ask = (as: Person, method: string, path: string, body?: object) => site.ask(method, path, { key: as.key, body })
let made = 0

/** A group of ann's. */
async function group(over: object = {}): Promise<string> {
  const room_id = `group ${++made}`
  await ask(ann, 'POST', ROOMS, { room_id, room_type: 'group', ...over })
  return encodeURIComponent(room_id)
}
const add = (as: Person, room: string, user: Person) =>
  ask(as, 'POST', `${ROOMS}/${room}/members`, { user_id: user.user.id })
const remove = (as: Person, room: string, user: Person) => ask(as, 'DELETE', `${ROOMS}/${room}/members/${user.user.id}`)
const NOT_OWNER = [403, 'Only the owner of the room may do this']

it('[HTTP-105] the owner and admins bring people in and put them out', async () => {
  const room = await group()
  expect(told(await add(ben, room, cat))).toEqual(NOT_OWNER)
  expect((await add(ann, room, ben)).body).toEqual({ message: 'Member added' })
  expect((await add(root, room, ben)).body).toEqual({ message: 'Already a member' })
  expect((await ask(ben, 'GET', `${ROOMS}/${room}`)).body.participants).toContain(ben.user.id)
  expect(told(await remove(cat, room, ben))).toEqual(NOT_OWNER)
  expect((await remove(ann, room, ben)).body).toEqual({ message: 'Member removed' })
  expect(told(await remove(ann, room, ben))).toEqual([403, 'Not in room'])
  expect((await ask(ben, 'GET', `${ROOMS}/${room}`)).status).toBe(403)
})

it('[HTTP-105] everybody puts themselves out', async () => {
  const room = await group()
  await add(ann, room, ben)
  expect((await remove(ben, room, ben)).status).toBe(200)
  expect(told(await remove(ben, room, ben))).toEqual([403, 'Not in room'])
})

it('[HTTP-105] whom nobody knows is 404, and so is a room that is not', async () => {
  const room = await group()
  const unknown = '00000000-0000-7000-8000-000000000000'
  const path = `${ROOMS}/${room}/members`
  expect(told(await ask(ann, 'POST', path, { user_id: unknown }))).toEqual([404, 'User not found'])
  expect((await ask(ann, 'POST', path, { user_id: 'ben' })).status).toBe(422)
  expect((await ask(ann, 'POST', path, { user_id: 'x'.repeat(300_000) })).status).toBe(413)
  for (const id of [unknown, 'ben'])
    expect(told(await ask(ann, 'DELETE', `${path}/${id}`))).toEqual([404, 'User not found'])
  expect(told(await add(ann, 'nowhere', ben))).toEqual([404, 'Room not found'])
  expect(told(await remove(ann, 'nowhere', ben))).toEqual([404, 'Room not found'])
  const gone = await site.person('gone')
  await ask(root, 'DELETE', `/admin/users/${gone.user.id}`)
  expect((await add(ann, room, gone)).status).toBe(404)
})

it('[HTTP-105] members come in pages, in the order of their ids', async () => {
  const room = await group()
  for (const one of [ben, cat, root]) await add(ann, room, one)
  const page = (query = '') => ask(ben, 'GET', `/api/v1/rooms/${room}/members${query}`)
  const all = [ann, ben, cat, root].map(({ user }) => ({ user_id: user.id, username: user.name }))
  all.sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
  expect((await page()).body).toEqual({ members: all, participants_count: 4, has_more: false })
  expect((await page('?limit=3')).body).toEqual({ members: all.slice(0, 3), participants_count: 4, has_more: true })
  const next = await page(`?limit=3&after=${all[2]?.user_id.toUpperCase()}`)
  expect(next.body).toEqual({ members: all.slice(3), participants_count: 4, has_more: false })
  expect((await page('?limit=0')).body.members).toHaveLength(1)
  expect((await page('?limit=x')).status).toBe(422)
  expect((await page('?after=x')).status).toBe(422)
  const outsider = await site.person('outsider', 'admin')
  expect(told(await ask(outsider, 'GET', `/api/v1/rooms/${room}/members`))).toEqual([403, 'Access denied'])
  expect(told(await ask(ben, 'GET', '/api/v1/rooms/nowhere/members'))).toEqual([404, 'Room not found'])
})

const invite = (as: Person, room: string, body: object = {}) => ask(as, 'POST', `${ROOMS}/${room}/invitations`, body)
const accept = (as: Person, token: string) => ask(as, 'POST', '/api/v1/invitations/accept', { token })

it('[HTTP-106] an invitation lets whoever has it into a group, and leads to a page of ours', async () => {
  const room = await group({ room_name: 'The group' })
  const { status, body } = await invite(ann, room)
  expect(status).toBe(200)
  expect(body.url).toBe(`http://localhost:8000/app/invite#${body.token}`)
  expect(Date.parse(body.expires_at)).toBe(site.clock.now() + 7 * 24 * 3600_000)
  expect((await accept(ben, body.token)).body).toMatchObject({ room_name: 'The group', participants_count: 2 })
  expect((await accept(ben, body.token)).status).toBe(200)
  expect((await accept(cat, body.token)).status).toBe(200)
})

it('[HTTP-106] it ends when it says, when the room is closed or deleted, and can not be guessed', async () => {
  const room = await group()
  const { body } = await invite(root, room, { expires_in: 60 })
  for (const token of ['guessed', `${body.token}x`, body.token.replace(/\.\d+\./, '.9999999999999.'), `.${body.token}`])
    expect(told(await accept(ben, token))).toEqual([401, 'Invalid or expired token'])
  await ask(ann, 'PATCH', `${ROOMS}/${room}`, { closed: true })
  expect(told(await accept(ben, body.token))).toEqual([403, 'Access denied to room'])
  await ask(ann, 'PATCH', `${ROOMS}/${room}`, { closed: false })
  expect((await accept(ben, body.token)).status).toBe(200)
  site.clock.advance(60_000)
  expect(told(await accept(cat, body.token))).toEqual([401, 'Invalid or expired token'])
  const other = await invite(ann, room)
  await ask(ann, 'DELETE', `${ROOMS}/${room}`)
  expect((await accept(cat, other.body.token)).status).toBe(403)
})

it('[HTTP-106] only the owner and admins invite, for a minute to thirty days', async () => {
  const room = await group()
  await add(ann, room, ben)
  for (const as of [ben, cat]) expect(told(await invite(as, room))).toEqual(NOT_OWNER)
  expect(told(await invite(ann, 'nowhere'))).toEqual([404, 'Room not found'])
  for (const expires_in of [59, 2_592_001, 1.5, 'x']) expect((await invite(ann, room, { expires_in })).status).toBe(422)
  expect((await invite(ann, room, { pad: 'x'.repeat(300_000) })).status).toBe(413)
  expect((await accept(ann, '')).status).toBe(422)
  expect((await accept(ann, 'x'.repeat(300_000))).status).toBe(413)
})

it('[HTTP-10] all of it needs a credential', async () =>
  expect(await toNobody(site, 'Members of rooms')).toEqual([401]))

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Members of rooms')).toEqual([]))
