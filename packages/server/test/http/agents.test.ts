import { expect, it } from 'vitest'
import { ensureAgent } from '../../src/agents/voices.ts'
import { keyOf } from '../../src/protocols/agents/desk.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { testTeam, until } from '../world.ts'
import { openSite } from './site.ts'

const options = { model: null, systemPrompt: null, temperature: null, maxTokens: null }
const REMOTE = { Host: 'chat.example', 'X-Forwarded-For': '203.0.113.9' }

it('[TEAM-40] models are listed, shown and switched for one session', async () => {
  await using site = await openSite()
  const ann = await site.person('ann')
  const list = await site.ask('GET', '/models', { key: ann.key })
  expect(list.body).toMatchObject({ current_model: 'parley-guide', models: [{ id: 'parley-guide', active: true }, {}] })
  expect(Object.keys(list.body.available_models)).toEqual(['parley-guide', 'gemini-2.0-flash-exp'])
  await site.as(ann, { type: 'session.enter', session: keyOf('one') })
  const path = '/models/gemini-2.0-flash-exp/switch'
  const switched = await site.ask('POST', path, { key: ann.key, body: { session_id: 'one' } })
  expect(switched.body).toMatchObject({ previous_model: 'parley-guide', current_model: 'gemini-2.0-flash-exp' })
  const current = async (query: string) => (await site.ask('GET', `/models/current${query}`, { key: ann.key })).body
  expect(await current('?session_id=one')).toMatchObject({ current_model: 'gemini-2.0-flash-exp' })
  expect(await current('')).toMatchObject({ current_model: 'parley-guide' })
  const back = await site.ask('POST', '/models/parley-guide/switch?session_id=one', { key: ann.key })
  expect(back.body).toMatchObject({ previous_model: 'gemini-2.0-flash-exp' })
})

it('[TEAM-40] an id with slashes is written with %2F', async () => {
  const models = { standard: 'a/b', listed: ['a/b', 'a/b/c'], has: (name: string) => name.startsWith('a/b') }
  await using site = await openSite({ http: { agents: { teams: [testTeam], models } } })
  expect((await site.ask('GET', '/models/a%2Fb%2Fc')).body).toMatchObject({ id: 'a/b/c', name: 'b/c', active: false })
})

it('[TEAM-41] an unknown model, team and session are refused with a detail', async () => {
  await using site = await openSite()
  const { key } = await site.person('ann')
  const statuses = async (method: string, path: string) => (await site.ask(method, path, { key })).status
  expect(await statuses('GET', '/models/none')).toBe(404)
  expect(await statuses('GET', '/models?session_id=none')).toBe(404)
  expect(await statuses('GET', '/agents?team=none')).toBe(404)
  expect(await site.ask('POST', '/models/none/switch?session_id=x', { key })).toMatchObject({
    ...{ status: 400, body: { detail: expect.stringContaining('no such model') } },
  })
  expect(await site.ask('POST', '/models/parley-guide/switch', { key })).toMatchObject({
    ...{ status: 400, body: { detail: expect.stringContaining('session_id') } },
  })
  expect(await site.ask('GET', '/sessions/none', { key })).toMatchObject({
    ...{ status: 404, body: { detail: 'Session not found' } },
  })
})

it('[TEAM-42] agents of a team are shown', async () => {
  await using site = await openSite()
  const { body } = await site.ask('GET', '/agents?team=books')
  expect(body).toEqual({
    agents: [
      { name: 'OrchestratorAgent', description: 'Begins', capabilities: ['chat'], tools: [], status: 'available' },
      {
        ...{ name: 'PlotGeneratorAgent', description: 'Makes plots', capabilities: ['chat', 'tools'] },
        ...{ tools: ['save_plot'], status: 'available' },
      },
    ],
    total: 2,
  })
})

it('[TEAM-43] an account sees its own sessions, with what was said and by whom', async () => {
  const agent = new TestAgent()
  await using site = await openSite({ agents: agent })
  await ensureAgent(site.core, testTeam.name)
  const [ann, ben] = [await site.person('ann'), await site.person('ben')]
  const { number } = await site.as(ann, { type: 'session.enter', session: keyOf('one') })
  await site.as(ann, { type: 'session.ask', number, team: 'books', body: 'A novel', options })
  await until(() => agent.asked.length === 1)
  const { script } = agent.asked[0]!
  script.give({ type: 'text', text: 'Once', by: 'PlotGeneratorAgent' })
  script.tell({ type: 'results', results: { agents_used: ['OrchestratorAgent', 'PlotGeneratorAgent'] } })
  script.finish()
  await until(() => site.core.context.runs.active === 0)
  const list = await site.ask('GET', '/sessions', { key: ann.key })
  expect(list.body).toEqual({ sessions: [expect.objectContaining({ session_id: 'one', active: false })], total: 1 })
  const one = { user_id: ann.user.id, message_count: 2, agents_used: ['OrchestratorAgent', 'PlotGeneratorAgent'] }
  for (const path of ['/sessions/one', '/api/sessions/one'])
    expect((await site.ask('GET', path, { key: ann.key })).body).toMatchObject(one)
  expect((await site.ask('GET', '/api/sessions', { key: ben.key })).body).toEqual({ sessions: [], total: 0 })
  expect((await site.ask('GET', '/sessions/one', { key: ben.key })).status).toBe(404)
})

it('[TEAM-44] a guest sees the session whose id they name, where guests may talk from this machine', async () => {
  const agent = new TestAgent()
  await using site = await openSite({ agents: agent })
  const visitor = { kind: 'anonymous', address: '127.0.0.1', local: true } as const
  const { actor } = await site.core.execute(visitor, { type: 'guest.enter', session: keyOf('theirs'), isAtDoor: false })
  await site.core.execute(actor, { type: 'session.enter', session: keyOf('theirs') })
  const ann = await site.person('ann')
  await site.as(ann, { type: 'session.enter', session: keyOf('hers') })
  expect((await site.ask('GET', '/sessions/theirs')).body).toMatchObject({ session_id: 'theirs', message_count: 0 })
  expect((await site.ask('POST', '/models/parley-guide/switch?session_id=theirs')).status).toBe(200)
  expect((await site.ask('GET', '/sessions')).body).toEqual({ sessions: [], total: 0 })
  expect((await site.ask('GET', '/sessions/hers')).status).toBe(404)
  expect((await site.ask('GET', '/sessions/theirs', { key: ann.key })).status).toBe(404)
})

it('[TEAM-44] elsewhere, and where guests are off, everybody shows a credential', async () => {
  await using far = await openSite({ trust: { publicUrl: 'https://chat.example' } })
  for (const path of ['/models', '/agents', '/sessions', '/sessions/x'])
    expect((await far.ask('GET', path, { headers: REMOTE })).status).toBe(401)
  await using off = await openSite({ settings: { guests: { openness: 'off', max: 1, maxPerAddress: 1 } } })
  expect((await off.ask('GET', '/models')).status).toBe(401)
})
