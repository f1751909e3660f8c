import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTokens } from '../../../src/agents/tools/oauth2.ts'
import { openService } from '../../../src/agents/tools/openapi/service.ts'
import type { OpenApiService } from '../../../src/agents/tools/openapi/settings.ts'
import { inbox } from '../../outbound/servers.ts'
import { ownTime } from '../../outbound/time.ts'
import { folder } from '../../system/folder.ts'
import { service, wayOut } from './service.ts'

const DOCUMENT = { openapi: '3.0.0', paths: { '/orders': { get: { operationId: 'listOrders' } } } }
const YAML = 'openapi: 3.0.0\npaths:\n  /orders:\n    get: &list\n      operationId: listOrders\n'

/** A file with this content. */
function file(content: string, name = 'orders.json'): string {
  const path = join(folder(), name)
  writeFileSync(path, content)
  return path
}

async function open(document: string, own: Partial<OpenApiService> = { server: 'http://127.0.0.1:1' }) {
  const time = ownTime()
  const troubles: string[] = []
  const ready = Promise.withResolvers<void>()
  const fetch = wayOut()
  const opened = await openService(service({ document, ...own }), {
    fetch,
    mayCall: url => !url.includes('169.254'),
    tokens: createTokens({ fetch, refusal: () => null, life: 1, later: time.after, now: time.clock.monotonic }),
    later: time.after,
    onTrouble: why => troubles.push(why),
    onReady: () => ready.resolve(),
  })
  return { ...opened, names: () => opened.tools().map(({ name }) => name), troubles, time, ready: ready.promise }
}

test.each([
  ['JSON', JSON.stringify(DOCUMENT)],
  ['JSON with a mark of its bytes', `\uFEFF${JSON.stringify(DOCUMENT)}`],
  ['YAML', YAML],
])('[OPENAPI-10] a document in %s', async (_, content) => {
  expect((await open(file(content))).names()).toEqual(['listOrders'])
})

const ring = 'openapi: 3.0.0\npaths: &all\n  /a:\n    get:\n      operationId: a\n      requestBody: *all\n'
const bomb = `a: &a [${'x,'.repeat(50)}]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(50)}]\n`).join('')}`

test.each([
  ['JSON that is none', '{"openapi":', 'it is no JSON'],
  ['neither JSON nor YAML', 'a: [', 'neither JSON nor YAML'],
  ['a bomb', `openapi: 3.0.0\npaths: {}\n${bomb}`, 'neither JSON nor YAML'],
  ['lists without end', `{"openapi": "3.0.0", "paths": ${'['.repeat(100_000)}`, 'it is no JSON'],
  ['lists without end in YAML', `openapi: 3.0.0\npaths: ${'['.repeat(10_000)}`, 'neither JSON nor YAML'],
  ['too much YAML', `openapi: 3.0.0\n${'#'.repeat(2 * 1024 * 1024)}`, 'too large'],
  ['too much JSON', `{${' '.repeat(16 * 1024 * 1024)}}`, 'too large'],
])('[OPENAPI-4] [OPENAPI-10] a file with %s is refused', async (_, content, why) => {
  await expect(open(file(content))).rejects.toThrow(why)
})

test('[OPENAPI-11] YAML that contains itself does no harm', async () => {
  const names = await open(file(ring)).then(
    ({ names }) => names(),
    (error: Error) => error.name,
  )
  expect([['a'], 'DocumentFault']).toContainEqual(names)
})

test('[OPENAPI-4] a file that is not there is refused', async () => {
  await expect(open('/nowhere/orders.json')).rejects.toThrow('it is not there')
})

test.each([
  ['http://169.254.169.254/latest', 'its server is at a private address'],
  ['file:///etc', 'its server is no plain address over HTTP'],
  ['/v1', 'it does not say at which address'],
])('[OPENAPI-12] a server %s is refused', async (url, why) => {
  const content = JSON.stringify({ ...DOCUMENT, servers: [{ url }] })
  await expect(open(file(content), { server: null })).rejects.toThrow(why)
})

test('[OPENAPI-4] a URL is tried again until it can be used', async () => {
  const answers = [
    { status: 503, body: '' },
    { status: 200, body: '{"swagger": "2.0"}' },
    { status: 302, body: '' },
    { status: 200, body: JSON.stringify(DOCUMENT) },
  ]
  const server = await inbox((_, response) => {
    const { status, body } = answers.shift()!
    response.writeHead(status, { location: 'http://169.254.169.254/' }).end(body)
  })
  const { names, troubles, time, ready } = await open(`${server.url}/openapi.json`)
  for (const [wait, next] of [
    [5_000, 15_000],
    [15_000, 60_000],
  ] as const) {
    const again = time.waiting(next)
    time.pass(wait)
    await again
    expect(names()).toEqual([])
  }
  time.pass(60_000)
  await ready
  expect(names()).toEqual(['listOrders'])
  expect(troubles).toEqual([
    'it is answered with HTTP 503',
    expect.stringContaining('Swagger 2.0'),
    'it is answered with HTTP 302',
  ])
})

test('[OPENAPI-4] closing ends the trying', async () => {
  const server = await inbox((_, response) => response.writeHead(503).end())
  const { close, time } = await open(server.url)
  expect(time.waits()).toEqual([5_000])
  close()
  expect(time.waits()).toEqual([])
})

test('[OPENAPI-4] a URL that nobody answers, or not in time', async () => {
  expect((await open('http://127.0.0.1:1/')).troubles).toEqual(["it can't be fetched: unreachable"])
})

test.each([
  ['everyone', ['guest', 'member']],
  ['accounts', ['member']],
] as const)('[OPENAPI-25] what is for %s is for %j', async (audience, roles) => {
  const opened = await open(file(JSON.stringify(DOCUMENT)), { server: 'http://127.0.0.1:1', audience })
  expect((['guest', 'member'] as const).filter(role => opened.isFor({ role }))).toEqual(roles)
})
