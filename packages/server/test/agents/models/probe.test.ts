import { expect, test } from 'vitest'
import { findModelServer, modelsAt } from '../../../src/agents/models/probe.ts'
import { ownTime } from '../../outbound/time.ts'
import { wayOut } from './models.ts'
import { type Reply, serve } from './server.ts'

const list =
  (...ids: readonly unknown[]): Reply =>
  response =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ data: ids.map(id => ({ id })) }))

const place = (name: string, url: string) => ({ name, url })
const NOBODY = 'http://127.0.0.1:1/v1'

test('[AGENT-41] the first place that has a model to talk with is taken, with all that it has', async () => {
  const other = await serve(response => response.writeHead(200).end('<h1>Hello</h1>'))
  const empty = await serve(list('nomic-embed-text', 'whisper-1', '../x', 7))
  const good = await serve(list('bge-m3', 'qwen3:8b', 'org/llama-3'))
  const late = await serve(list('last'))
  const places = [NOBODY, other.url, empty.url, good.url, late.url].map((url, at) => place(`p${at}`, url))
  expect(await findModelServer(places, 300, { fetch: wayOut(), later: ownTime().after })).toEqual({
    name: 'p3',
    url: good.url,
    models: ['qwen3:8b', 'org/llama-3'],
  })
  expect(good.asked.map(({ path }) => path)).toEqual(['/v1/models'])
})

test('[AGENT-41] who does not answer in time is not waited for', async () => {
  const time = ownTime()
  const asked = Promise.withResolvers<void>()
  const mute = await serve(() => asked.resolve())
  const found = findModelServer([place('mute', mute.url)], 300, { fetch: wayOut(), later: time.after })
  await asked.promise
  expect(time.waits()).toEqual([300])
  time.pass(300)
  expect(await found).toBeNull()
  expect(time.waits()).toEqual([])
})

test('[AGENT-41] a server with a key is asked with it', async () => {
  const { url, asked } = await serve(list('m'))
  const found = await modelsAt(place('own', url), 'a-key', 2000, { fetch: wayOut(), later: ownTime().after })
  expect(found?.models).toEqual(['m'])
  expect(asked[0]!.headers.authorization).toBe('Bearer a-key')
})
