import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureAssistant } from '../../src/agents/voices.ts'
import { unseen } from './contract.ts'
import { told, toNobody } from './people.ts'
import { slow } from './room-world.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
beforeAll(async () => {
  site = await openSite({ agents: slow })
  await ensureAssistant(site.core)
  ann = await site.person('ann')
  ben = await site.person('ben')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const ask = (as: Person, method: string, path: string, body?: object) =>
  site.ask(method, `/api/v1${path}`, { key: as.key, body })

/** Asks the assistant in a private room; resolves once the answer has begun. */
async function running(room_id: string) {
  await ask(ann, 'POST', '/ws/rooms', { room_id })
  const to = { at: 'room', ref: { by: 'label', label: room_id }, unknown: 'refuse' } as const
  const { message } = await site.as(ann, { type: 'message.send', to, body: 'why?' })
  for (;;) {
    const [run] = (await site.core.context.store.openRuns()).filter(({ question }) => question === message.id)
    const [head = 0] = run ? await site.core.context.store.runHeads([run.id]) : []
    if (run && head > 0) return { run, message }
    await new Promise(resolve => setImmediate(resolve))
  }
}

it('[HTTP-110] a run is shown with its steps, from any of them on', async () => {
  const { run, message } = await running('one')
  const { body } = await ask(ann, 'GET', `/runs/${run.id}`)
  const time = new Date(site.clock.now()).toISOString()
  expect(body).toMatchObject({
    ...{ run_id: run.id, agent: { username: 'assistant' }, asker: { username: 'ann' }, question: message.id },
    ...{ state: 'running', room_id: 'one', room: run.room, head: 1, ended_at: null },
    steps: [{ type: 'run_text', n: 1, timestamp: time, text: 'Well, ' }],
  })
  expect((await ask(ann, 'GET', `/runs/${run.id.toUpperCase()}?after=1`)).body).toMatchObject({ steps: [], head: 1 })
  expect((await ask(ann, 'GET', `/runs/${run.id}?after=x`)).status).toBe(422)
})

it('[HTTP-110] whoever asked cancels it, once', async () => {
  const { run } = await running('two')
  expect((await ask(ann, 'POST', `/runs/${run.id}/cancel`)).body).toEqual({ run_id: run.id })
  expect(told(await ask(ann, 'POST', `/runs/${run.id}/cancel`))).toEqual([409, 'The run has ended'])
  const { body } = await ask(ann, 'GET', `/runs/${run.id}?after=1`)
  expect(body).toMatchObject({ state: 'cancelled', head: 2, steps: [{ type: 'run_end', n: 2, state: 'cancelled' }] })
})

it('[HTTP-117] a stopped answer goes on, or is given anew, once for each request', async () => {
  const { run, message } = await running('four')
  expect(told(await ask(ann, 'POST', `/runs/${run.id}/regenerate`))).toEqual([409, 'The run has not ended yet'])
  await ask(ann, 'POST', `/runs/${run.id}/cancel`)
  const named = { message_id: 'r-1' }
  const { body, status } = await ask(ann, 'POST', `/runs/${run.id}/continue`, named)
  const { run_id } = body as { run_id: string } // as the schema says
  expect([status, body]).toEqual([200, { run_id, room: run.room, repeated: false }])
  expect((await ask(ann, 'POST', `/runs/${run.id}/continue`, named)).body).toEqual({
    ...(body as object),
    repeated: true,
  })
  expect(told(await ask(ann, 'POST', `/runs/${run.id}/regenerate`, named))).toEqual([
    409,
    'This id was used for something else',
  ])
  expect((await ask(ann, 'GET', `/runs/${run_id}`)).body).toMatchObject({
    ...{ question: message.id, state: 'running', origin: { run_id: run.id, how: 'continue' } },
  })
  await ask(ann, 'POST', `/runs/${run_id}/cancel`)
  // Without a body, too.
  const anew = (await ask(ann, 'POST', `/runs/${run.id}/regenerate`)).body as { run_id: string } // as above
  const shown = await ask(ann, 'GET', `/runs/${anew.run_id}`)
  expect(shown.body).toMatchObject({ origin: { run_id: run.id, how: 'regenerate' } })
})

it.each(['continue', 'regenerate'])('[HTTP-117] what is refused: %s', async how => {
  await using limited = await openSite({ agents: slow, settings: { messageRate: { count: 2, seconds: 60 } } })
  await ensureAssistant(limited.core)
  const [host, guest] = [await limited.person('host'), await limited.person('guest')]
  await limited.as(host, { type: 'room.make', label: 'five', name: null, kind: 'shared' })
  await limited.as(guest, { type: 'room.join', label: 'five', name: 'five', kind: 'shared' })
  const to = { at: 'room', ref: { by: 'label', label: 'five' }, unknown: 'refuse' } as const
  await limited.as(host, { type: 'message.send', to, body: '@assistant why?' })
  const [run] = await limited.core.context.store.openRuns()
  const post = (as: Person, id = run?.id ?? '', body: object = {}) =>
    limited.ask('POST', `/api/v1/runs/${id}/${how}`, { key: as.key, body })
  expect((await post(host)).status).toBe(409)
  while ((await limited.core.context.store.runHeads([run!.id]))[0] === 0) await new Promise(setImmediate)
  await limited.core.context.runs.cancel(run!.id)
  expect(told(await post(guest))).toEqual([403, 'Only the owner of the room may do this'])
  expect(told(await post(host, 'x'))).toEqual([404, 'Run not found'])
  expect((await post(host, run!.id, { message_id: '' })).status).toBe(422)
  expect((await post(host, run!.id, { pad: 'x'.repeat(300_000) })).status).toBe(413)
  // One message, and one answer more.
  expect([(await post(host)).status, (await post(host)).status]).toEqual([200, 429])
})

it('[HTTP-110] to others than readers of its room it is unknown, and they end it only if they own the room', async () => {
  await ask(ann, 'POST', '/ws/rooms', { room_id: 'three' })
  await ask(ben, 'POST', '/ws/rooms/three/join')
  const { run } = await running('three')
  expect((await ask(ben, 'GET', `/runs/${run.id}`)).status).toBe(200)
  expect(told(await ask(ben, 'POST', `/runs/${run.id}/cancel`))).toEqual([
    403,
    'Only the owner of the room may do this',
  ])
  const cat = await site.person('cat')
  site.clock.advance(1_000)
  // Whoever comes to a private room reads from then on.
  await ask(cat, 'POST', '/ws/rooms/three/join')
  const outsider = await site.person('outsider')
  for (const [as, id] of [
    [cat, run.id],
    [outsider, run.id],
    [ben, 'x'],
    [ben, ann.user.id],
  ] as const) {
    expect(told(await ask(as, 'GET', `/runs/${id}`))).toEqual([404, 'Run not found'])
    expect(told(await ask(as, 'POST', `/runs/${id}/cancel`))).toEqual([404, 'Run not found'])
  }
})

it('[HTTP-10] all of it needs a credential', async () => expect(await toNobody(site, 'Runs')).toEqual([401]))

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Runs')).toEqual([]))
