import { expect, it } from 'vitest'
import { TestAgent } from '../core/runs/desk.ts'
import { RoomsClient, type RoomsFrame } from '../rooms/client.ts'
import { until } from '../world.ts'
import { bearer, PASSWORD, peopleOf } from './people.ts'
import { openArena, openScene, type Scene } from './room-world.ts'
import type { Person, Site } from './site.ts'

const LEVELS = ['documented', 'level 2'] as const
type Level = (typeof LEVELS)[number]

const queryOf = (level: Level): Record<string, string> => (level === 'level 2' ? { v: '2' } : {})

/** A connection that is shown everything from now on. */
async function live(site: Site, person: Person, level: Level): Promise<RoomsClient> {
  const client = await site.rooms(person, queryOf(level))
  if (level === 'level 2') {
    client.send({ type: 'resume', data: { rooms: [] } })
    await client.until(({ type }) => type === 'resumed')
  }
  await shown(client)
  return client
}

/** Everything that came up to now, by what it is. */
async function shown(client: RoomsClient): Promise<readonly string[]> {
  client.send({ type: 'leave_room', message_id: 'end' })
  const frames = await client.until(({ message_id }) => message_id === 'end')
  return frames.slice(0, -1).flatMap(frame => (frame.type === 'presence' ? [] : word(frame)))
}

const word = ({ type, data }: RoomsFrame): string =>
  typeof data.content === 'string' && data.content !== '' ? `${type} ${data.content}` : type

const in_ = (label: string) => ({ at: 'room', ref: { by: 'label', label }, unknown: 'refuse' }) as const
const pathOf = ({ label }: Scene) => `/api/v1/ws/rooms/${encodeURIComponent(label)}`

/** Something of each kind happens in the room. */
async function stir({ site, host, label, message }: Scene): Promise<void> {
  await site.as(host, { type: 'message.send', to: in_(label), body: 'secret' })
  await site.as(host, { type: 'typing.set', to: in_(label), isTyping: true })
  await site.core.execute({ kind: 'operator' }, { type: 'message.amend', id: message.id, body: 'secret too' })
  await site.as(host, { type: 'room.change', ref: in_(label).ref, patch: { name: 'Secret' } })
  const about = { name: 'secret.txt', size: 1, mimeType: 'text/plain', room: in_(label).ref }
  const { upload } = await site.as(host, { type: 'upload.begin', ...about })
  await site.as(host, { type: 'upload.put', id: upload.id, index: 0, total: 1, bytes: Buffer.from('a') })
  await site.as(host, { type: 'upload.finish', id: upload.id, checksum: null })
}

const LOSSES: Readonly<Record<string, { lose(scene: Scene): Promise<unknown>; told: Record<Level, string[]> }>> = {
  'put out by the owner': {
    lose: scene =>
      scene.site.ask('DELETE', `${pathOf(scene)}/members/${scene.caller.user.id}`, { key: scene.host.key }),
    told: { documented: [], 'level 2': ['member_left'] },
  },
  'left on another connection': {
    async lose({ site, caller, label }) {
      const elsewhere = await site.rooms(caller)
      elsewhere.send({ type: 'leave_room', data: { room_id: label } })
      await elsewhere.until(({ type }) => type === 'leave_room')
    },
    told: { documented: [], 'level 2': ['member_left'] },
  },
  'left over HTTP': {
    lose: scene => scene.site.ask('POST', `${pathOf(scene)}/leave`, { key: scene.caller.key }),
    told: { documented: [], 'level 2': ['member_left'] },
  },
  'the room deleted': {
    lose: scene => scene.site.ask('DELETE', pathOf(scene), { key: scene.host.key }),
    told: { documented: ['leave_room'], 'level 2': ['room_deleted'] },
  },
}

it.each(LEVELS.flatMap(level => Object.entries(LOSSES).map(([name, loss]) => [name, level, loss] as const)))(
  '[HTTP-116] %s: an open connection is shown nothing more of the room, %s',
  async (name, level, { lose, told }) => {
    await using site = await openArena()
    const scene = await openScene(site, { role: 'member', membership: 'member' })
    const [caller, other] = [await live(site, scene.caller, level), await live(site, scene.other, level)]
    await site.as(scene.host, { type: 'message.send', to: in_(scene.label), body: 'before' })
    expect(await shown(caller)).toEqual(['chat before'])
    await lose(scene)
    expect(await shown(caller)).toEqual(told[level])
    if (name !== 'the room deleted') {
      await stir(scene)
      expect(await shown(caller)).toEqual([])
      expect(await shown(other)).toContain('chat secret')
    }
    site.sessions.tick()
    await site.core.drained()
    expect(await shown(caller)).not.toContain('chat secret')
    expect(site.faults).toEqual([])
  },
)

it.each(LEVELS)(
  '[HTTP-116] of an answer one asked for nothing more comes after one is out of the room: %s',
  async level => {
    const agent = new TestAgent()
    await using site = await openArena({ agents: agent })
    const scene = await openScene(site, { role: 'member', membership: 'member' })
    const [caller, other] = [await live(site, scene.caller, level), await live(site, scene.other, level)]
    const data = { message: 'why?', model_preference: 'any' }
    caller.send({ type: 'chat', room_id: scene.label, data, message_id: 'asked' })
    await until(() => agent.asked.length > 0)
    const script = agent.asked[0]?.script
    script?.say('one')
    await caller.until(frame => frame.data.content === 'one' || frame.data.text === 'one')
    await other.until(frame => frame.data.content === 'one' || frame.data.text === 'one')
    await site.as(scene.host, { type: 'members.remove', ref: in_(scene.label).ref, user: scene.caller.user.id })
    await shown(caller)
    script?.say('two')
    script?.finish()
    await other.until(frame => frame.data.content === 'two' || frame.data.text === 'two')
    await until(() => site.core.context.runs.active === 0)
    expect(await shown(caller)).toEqual([])
  },
)

it('[HTTP-116] who asks in the lobby without having joined it is answered, and shown nothing else of it', async () => {
  const agent = new TestAgent()
  await using site = await openArena({ agents: agent })
  const [ann, ben] = [await site.person('ann'), await site.person('ben')]
  const client = await live(site, ann, 'documented')
  client.send({
    type: 'chat',
    room_id: 'lobby',
    data: { message: 'why?', model_preference: 'any' },
    message_id: 'asked',
  })
  await until(() => agent.asked.length > 0)
  agent.asked[0]?.script.say('so')
  agent.asked[0]?.script.finish()
  const frames = await client.until(({ data }) => data.done === true)
  expect(frames.map(word)).toEqual(['delivery_confirmation', 'chat so', 'chat'])
  await site.as(ben, { type: 'message.send', to: { at: 'lobby' }, body: 'hello, all' })
  expect(await shown(client)).toEqual([])
})

/** What ends the credential of a connection. */
const DEATHS: Readonly<Record<string, (site: Site, token: string) => Promise<unknown>>> = {
  'signed out': (site, token) => peopleOf(site).post('/auth/logout', undefined, token),
  'the user deleted': async site => {
    const root = await site.person('root', 'admin')
    const ann = await site.core.context.directory.named('ann')
    return site.ask('DELETE', `/admin/users/${ann?.id}`, { key: root.key })
  },
  'the password reset': async (site, token) => {
    const here = (await peopleOf(site).login('ann')).body
    const body = { current_password: PASSWORD, new_password: `${PASSWORD}!` }
    expect(token).not.toBe(here.access_token)
    return peopleOf(site).setPassword(here.access_token, body)
  },
}

it.each(LEVELS.flatMap(level => Object.entries(DEATHS).map(([name, die]) => [name, level, die] as const)))(
  '[HTTP-116] %s: open connections are closed with 4001, %s',
  async (_, level, die) => {
    await using site = await openArena()
    const { access_token: token } = await peopleOf(site).join('ann')
    const ticket = (await peopleOf(site).post('/ws/token', undefined, token)).body.token
    const url = `ws://127.0.0.1:${site.port}/api/v1/ws/ws?${new URLSearchParams(queryOf(level))}`
    const open = [
      await RoomsClient.open(url, { headers: bearer(token) }),
      await RoomsClient.open(`${url}${url.endsWith('?') ? '' : '&'}token=${ticket}`),
    ]
    await die(site, token)
    for (const client of open) expect(await client.closed).toEqual({ code: 4001, reason: 'Authentication required' })
    await expect(RoomsClient.open(url, { headers: bearer(token) })).rejects.toThrow('401')
    expect(site.faults).toEqual([])
  },
)

it.each(LEVELS)('[HTTP-116] another key: connections with the old one are closed with 4001, %s', async level => {
  await using site = await openArena()
  const scene = await openScene(site, { role: 'bot', membership: 'member' })
  const client = await live(site, scene.caller, level)
  await site.ask('POST', `/bots/${scene.caller.user.id}/regenerate-api-key`, { key: scene.host.key })
  expect(await client.closed).toMatchObject({ code: 4001 })
  await site.as(scene.host, { type: 'message.send', to: in_(scene.label), body: 'secret' })
  await expect(site.rooms(scene.caller, queryOf(level))).rejects.toThrow('401')
})

it('[HTTP-116] of a deleted user the others are told that they left', async () => {
  await using site = await openArena()
  const scene = await openScene(site, { role: 'member', membership: 'member' })
  const other = await live(site, scene.other, 'documented')
  const root = await site.person('root', 'admin')
  await site.ask('DELETE', `/admin/users/${scene.caller.user.id}`, { key: root.key })
  const [left] = (await other.until(({ type }) => type === 'system')).slice(-1)
  expect(left?.data).toMatchObject({ action: 'user_left', user_id: scene.caller.user.id, participants_count: 2 })
})
