import { expect, it } from 'vitest'
import { ensureAssistant } from '../../src/agents/voices.ts'
import { statsOf } from '../../src/http/rooms/connections.ts'
import { TestClient } from '../world.ts'
import { unseen } from './contract.ts'
import { told, toNobody } from './people.ts'
import { openSite, type Person, type Site } from './site.ts'

const FRAMES = { count: 3, seconds: 60 }

async function openTower() {
  const site = await openSite({ sessions: { views: { rooms: { frames: FRAMES } } } })
  await ensureAssistant(site.core)
  const [ann, ben, root] = [await site.person('ann'), await site.person('ben'), await site.person('root', 'admin')]
  const ask = (as: Person, path: string) => site.ask('GET', `/api/v1/ws/${path}`, { key: as.key })
  return { site, ann, ben, root, ask, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() }
}

/** A connection of somebody in a room, and its id. */
async function connected(site: Site, person: Person, query: Record<string, string> = {}) {
  const known = site.sessions.connectionsOf(person.user.id).map(({ connectionId }) => connectionId)
  const client = await site.rooms(person, query)
  if ('room_id' in query) await client.expect('join_room')
  const [open] = site.sessions.connectionsOf(person.user.id).filter(({ connectionId }) => !known.includes(connectionId))
  return { client, id: open?.connectionId ?? '' }
}

it('[HTTP-112] a connection is shown to its user and to admins, with what is left of its frames', async () => {
  await using tower = await openTower()
  const { site, ann, ben, root, ask } = tower
  const { id, client } = await connected(site, ann, { room_id: 'hall' })
  const time = new Date(site.clock.now()).toISOString()
  const shown = {
    ...{ connection_id: id, user_id: ann.user.id, status: 'connected', rooms: ['hall'], last_activity: time },
    metadata: { user_agent: null, ip_address: '127.0.0.1', username: 'ann' },
    rate_limit: { limit: 3, window: 60, remaining: 3, reset_at: time },
  }
  const { status, body } = await ask(ann, `connections/${id}`)
  expect([status, body]).toEqual([200, shown])
  await client.quiet()
  site.clock.advance(10_000)
  expect((await ask(root, `connections/${id}`)).body.rate_limit).toEqual({
    ...{ limit: 3, window: 60, remaining: 2 },
    reset_at: new Date(site.clock.now() + 50_000).toISOString(),
  })
  expect(told(await ask(ben, `connections/${id}`))).toEqual([403, 'Access denied'])
  expect(told(await ask(ann, 'connections/none'))).toEqual([404, 'Connection not found'])
  client.ws.terminate()
  await client.closed
  while (site.sessions.connection(id)) await new Promise(resolve => setImmediate(resolve))
  expect((await ask(ann, `connections/${id}`)).status).toBe(404)
})

it("[HTTP-112] a user's connections on all protocols are shown to the user and to admins", async () => {
  await using tower = await openTower()
  const { site, ann, ben, root, ask } = tower
  const { id } = await connected(site, ann, { room_id: 'hall' })
  await TestClient.open(`ws://127.0.0.1:${site.port}/ws`, { headers: { 'X-API-Key': ann.key, 'User-Agent': 'bowl/1' } })
  const { body } = await ask(ann, `user/${ann.user.id}/connections`)
  expect(body.connections).toMatchObject([
    { connection_id: id, rooms: ['hall'] },
    { rooms: ['lobby'], metadata: { user_agent: 'bowl/1' } },
  ])
  expect((await ask(root, `user/${ann.user.id.toUpperCase()}/connections`)).body).toEqual(body)
  expect((await ask(ann, `connections/${body.connections[1].connection_id}`)).body.rate_limit).toBeNull()
  expect(told(await ask(ben, `user/${ann.user.id}/connections`))).toEqual([403, 'Access denied'])
  expect((await ask(ben, `user/${ben.user.id}/connections`)).body).toEqual({ connections: [] })
  expect((await ask(root, 'user/nobody/connections')).body).toEqual({ connections: [] })
})

it('[HTTP-111] admins are told how much goes on, in integers', async () => {
  await using tower = await openTower()
  const { site, ann, ben, root, ask } = tower
  const none = { active_connections: 0, total_users: 0, active_rooms: 0, queued_messages: 0, typing_indicators: 0 }
  expect((await ask(root, 'stats')).body).toEqual(none)
  const { client } = await connected(site, ann, { room_id: 'hall', room_type: 'shared' })
  await connected(site, ann)
  await connected(site, ben, { room_id: 'hall' })
  client.send({ type: 'typing', data: { is_typing: true, room_id: 'hall' } })
  await client.until(({ type }) => type === 'system')
  await client.quiet()
  const counts = { active_connections: 3, total_users: 2, active_rooms: 1, queued_messages: 0, typing_indicators: 1 }
  expect((await ask(root, 'stats')).body).toEqual(counts)
  expect(statsOf({ core: site.core, sockets: site.sessions })).toEqual(counts)
  expect(told(await ask(ann, 'stats'))).toEqual([403, 'Admin access required'])
})

it('[HTTP-10] all of it needs a credential', async () => {
  await using tower = await openTower()
  expect(await toNobody(tower.site, 'Connections')).toEqual([401])
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Connections')).toEqual([]))
