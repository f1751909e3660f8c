import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ordersApi, TOKENS } from '../../../../examples/orders/api.ts'
import type { JsonObject, Tool } from '../../src/agents/tools/tool.ts'
import { readSettings, type Variables } from '../../src/config.ts'
import type { Role } from '../../src/core/user.ts'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { createGuardedCalls } from '../../src/outbound/guarded.ts'
import { silent } from '../../src/sessions/observe.ts'
import { openTools } from '../../src/start/tools.ts'
import { ask as question } from '../agents/question.ts'
import { showing, use } from '../agents/tools/service.ts'
import { inbox } from '../outbound/servers.ts'
import { folder } from '../system/folder.ts'
import { run } from './server.ts'

const DOCUMENT = new URL('../../../../examples/orders/openapi.json', import.meta.url).pathname

/** Opens the tools of a file with these services. */
async function open(services: readonly object[], variables: Variables = {}) {
  const file = join(folder(), 'tools.json')
  writeFileSync(file, JSON.stringify({ openapi: services }))
  const calls = createGuardedCalls({ allowed: readAllowed('').allowed })
  const logged: string[] = []
  const log = { ...silent, error: (_: object, text: string) => logged.push(text) }
  const tools = await openTools(readSettings({ TOOLS_FILE: file, ...variables }), variables, { calls, log })
  onTestFinished(async () => {
    tools.close()
    await calls.close()
  })
  const toolsFor = (role: Role) =>
    tools.source.toolsFor({ ...question('What?'), asker: { ...question('').asker, role } })
  return { ...tools, logged, toolsFor }
}

async function orders() {
  const server = ordersApi().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a server on a port has one
}

describe('the example', () => {
  const opened = async () => {
    const { toolsFor } = await open([
      { name: 'orders', document: DOCUMENT, server: await orders(), forward_credentials: true },
    ])
    const tools = await toolsFor('guest')
    const named = (name: string): Tool => tools.find(tool => tool.name === name)!
    return (name: string, args: JsonObject, who?: keyof typeof TOKENS) =>
      use(named(name), args, who ? showing({ Authorization: `Bearer ${TOKENS[who]}` }) : null)
  }

  test('[OPENAPI-33] an order is told to its owner, to nobody else, and to nobody without credentials', async () => {
    const call = await opened()
    expect(await call('getOrder', { id: 7 }, 'ann')).toMatchObject({ id: 7, item: 'teapot' })
    await expect(call('getOrder', { id: 7 }, 'bob')).rejects.toMatchObject({
      message: 'HTTP 404: No such order',
      status: 404,
    })
    await expect(call('getOrder', { id: 7 })).rejects.toThrow('This needs credentials')
  })

  test('[OPENAPI-30] everything that the document describes can be done', async () => {
    const call = await opened()
    expect(await call('placeOrder', { body: { item: 'tray' } }, 'ann')).toMatchObject({ id: 10, quantity: 1 })
    expect(await call('listOrders', { state: 'open' }, 'ann')).toMatchObject([{ id: 9 }, { id: 10 }])
    await expect(call('cancelOrder', { id: 7 }, 'ann')).rejects.toThrow('HTTP 409: It is shipped already')
    expect(await call('cancelOrder', { id: 10 }, 'ann')).toEqual({ status: 204 })
    await expect(call('placeOrder', { body: {} }, 'ann')).rejects.toThrow('HTTP 422: item is missing')
  })
})

describe('opening', () => {
  test('[OPENAPI-4] a file that can’t be used ends the start, a URL does not', async () => {
    const broken = open([{ name: 'orders', document: './none.json' }])
    await expect(broken).rejects.toMatchObject({
      name: 'OperatorFault',
      message: expect.stringContaining('The service orders'),
    })
    const { logged, toolsFor } = await open([{ name: 'orders', document: 'http://127.0.0.1:1/openapi.json' }])
    expect(logged).toEqual([expect.stringContaining('a service has no tools')])
    expect(await toolsFor('member')).toEqual([])
  })

  test('[OPENAPI-12] [OUT-13] a document may be fetched from where it was named, and its service is there, too', async () => {
    const document = { openapi: '3.1.0', servers: [{ url: '/v1' }], paths: { '/a': { get: { operationId: 'a' } } } }
    const server = await inbox((request, response) => {
      const body = request.path === '/openapi.json' ? document : { path: request.path }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    const [tool] = await (await open([{ name: 'a', document: `${server.url}/openapi.json` }])).toolsFor('guest')
    expect(await use(tool!)).toEqual({ path: '/v1/a' })
  })

  test('[OPENAPI-12] a private server that the document alone names is refused', async () => {
    await expect(open([{ name: 'orders', document: DOCUMENT }])).rejects.toThrow('its server is at a private address')
    expect(
      await (await open([{ name: 'orders', document: DOCUMENT }], { OUTBOUND_ALLOW: '127.0.0.1' })).toolsFor('guest'),
    ).toHaveLength(4)
  })

  test('[OPENAPI-25] more than 128 tools of all services are refused', async () => {
    const paths = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`/p${i}`, { get: {} }]))
    const document = join(folder(), 'many.json')
    writeFileSync(document, JSON.stringify({ openapi: '3.1.0', paths }))
    const service = (name: string) => ({ name, document, server: 'http://127.0.0.1:1' })
    await expect(open([service('a'), service('b')])).rejects.toThrow('The tools file makes 140 tools; allowed are 128.')
    expect(await (await open([service('a')])).toolsFor('guest')).toHaveLength(70)
  })

  test('[OPENAPI-1] without a file there are no tools', async () => {
    const calls = createGuardedCalls({ allowed: readAllowed('').allowed })
    const { shown } = await openTools(readSettings({}), {}, { calls, log: silent })
    expect(shown()).toMatchObject({ tools_description: [], statistics: { total_tools: 0, has_restrictions: false } })
    await calls.close()
  })
})

test('[OPENAPI-50] what guests may use is listed; the numbers are of all', async () => {
  const server = 'http://127.0.0.1:1'
  const { shown, toolsFor } = await open([
    { name: 'orders', document: DOCUMENT, server, forward_credentials: true, exclude: ['cancelOrder'] },
    { name: 'stock', document: DOCUMENT, server, headers: { 'X-Key': 'k' }, allow: ['listOrders', 'GET /orders/*'] },
  ])
  expect(shown()).toEqual({
    tools_description: ['orders_listOrders', 'placeOrder', 'orders_getOrder'].map(name =>
      expect.objectContaining({ name }),
    ),
    tools_metadata: {
      orders_listOrders: { service: 'orders', effect: 'read', method: 'GET', path: '/orders' },
      placeOrder: { service: 'orders', effect: 'write', method: 'POST', path: '/orders' },
      orders_getOrder: { service: 'orders', effect: 'read', method: 'GET', path: '/orders/{id}' },
    },
    statistics: {
      ...{ total_tools: 5, unique_paths: 2, methods_distribution: { GET: 4, POST: 1 } },
      ...{ excluded_paths: 1, allowed_paths: 2, has_restrictions: true },
    },
  })
  expect(await toolsFor('guest')).toHaveLength(3)
  expect(await toolsFor('bot')).toHaveLength(5)
})

test('[OPENAPI-1] a wrong tools file ends the start of the server in plain words', async () => {
  const file = join(folder(), 'tools.json')
  writeFileSync(
    file,
    JSON.stringify({ openapi: [{ name: 'orders', document: DOCUMENT, headers: { 'X-Key': '$ORDERS_KEY' } }] }),
  )
  const { code, errors } = await run({ TOOLS_FILE: file })
  expect(code).toBe(1)
  expect(errors).toContain(
    'openapi[0].headers.X-Key is wrong; allowed is a text whose $NAMEs are in the environment; ORDERS_KEY is not.',
  )
})
