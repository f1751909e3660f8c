import { describe, expect, test } from 'vitest'
import { openDocument, serverOf } from '../../../src/agents/tools/openapi/document.ts'
import { documentOf, open, showing, use } from './service.ts'

const op = (operationId?: string, more: object = {}) => ({
  ...(operationId && { operationId }),
  responses: {},
  ...more,
})

const ORDERS = {
  '/orders': { get: op('listOrders'), post: op('makeOrder') },
  '/orders/{id}': {
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
    get: op('getOrder'),
    delete: op('deleteOrder'),
  },
  '/orders/search': { post: op('searchOrders') },
  '/admin/reset': { post: op() },
}

const namesOf = ({ tools }: ReturnType<typeof open>) => tools.map(({ name }) => name)

describe('which documents', () => {
  test.each([
    ['Swagger 2', { swagger: '2.0', paths: {} }, 'Swagger 2.0'],
    ['OpenAPI 4', { openapi: '4.0.0', paths: {} }, '3.0 and 3.1 are known'],
    ['something else', { name: 'parley' }, 'no OpenAPI document'],
    ['a list', [], 'no OpenAPI document'],
    ['a document without paths', { openapi: '3.1.0', webhooks: {} }, 'no paths'],
  ])('[OPENAPI-10] %s is refused', (_, content, why) => {
    expect(() => openDocument(content)).toThrow(why)
  })

  test.each([
    [[{ url: 'https://api.example.com/v1/' }], 'https://api.example.com/v1'],
    [[{ url: 'https://{region}.example.com', variables: { region: { default: 'eu' } } }], 'https://eu.example.com'],
    [[{ url: '/v2' }], 'https://docs.example.com/v2'],
    [undefined, 'https://docs.example.com'],
  ])('[OPENAPI-12] the service of %j is at %s', (servers, expected) => {
    expect(serverOf(documentOf({}, { servers }), 'https://docs.example.com/openapi.json')).toBe(expected)
  })

  test.each([
    ['file:///etc/passwd', 'no plain address'],
    ['https://user:pass@example.com', 'no plain address'],
    ['https://example.com/?a=b', 'no plain address'],
    ['/relative', 'set server'],
    ['{nothing}', 'set server'],
  ])('[OPENAPI-12] a server %s of a file is refused', (url, why) => {
    expect(() => serverOf(documentOf({}, { servers: [{ url }] }), '/etc/orders.json')).toThrow(why)
  })
})

describe('which operations', () => {
  test('[OPENAPI-13] all of them, unless the operator says otherwise', () => {
    expect(namesOf(open(ORDERS))).toEqual([
      'listOrders',
      'makeOrder',
      'getOrder',
      'deleteOrder',
      'searchOrders',
      'post_admin_reset',
    ])
  })

  test.each([
    [['listOrders'], [], ['listOrders']],
    [['GET /orders*'], [], ['listOrders', 'getOrder']],
    [['/orders/*'], ['delete*'], ['getOrder', 'searchOrders']],
    [['*Orders', '/admin/*'], ['POST /orders/*'], ['listOrders', 'post_admin_reset']],
  ])('[OPENAPI-13] allow %j and exclude %j leave %j', (allow, exclude, expected) => {
    expect(namesOf(open(ORDERS, { own: { allow, exclude } }))).toEqual(expected)
  })

  test.each([
    ['allow', { allow: ['listOrder'] }],
    ['exclude', { exclude: ['DELETE /order/*'] }],
    ['read_only_posts', { readOnlyPosts: ['getOrder'] }],
  ])('[OPENAPI-13] a pattern of %s that names nothing is refused', (key, own) => {
    expect(() => open(ORDERS, { own })).toThrow(`${key} names `)
  })

  test('[OPENAPI-13] ten thousand operations are refused, until they are named', () => {
    const paths = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`/things/${i}`, { get: op(`thing${i}`) }]),
    )
    expect(() => open(paths)).toThrow('it has 10000 operations; at most 128 can be tools, so name them with allow')
    expect(namesOf(open(paths, { own: { allow: ['thing999*'] } }))).toHaveLength(11)
  })

  test.each([
    ['a required cookie', '/a', { parameters: [{ name: 'sid', in: 'cookie', required: true }] }, 'it needs a cookie'],
    [
      'a file to upload',
      '/a',
      { requestBody: { required: true, content: { 'multipart/form-data': {} } } },
      'neither JSON nor a simple form',
    ],
    ['servers of its own', '/a', { servers: [{ url: 'https://evil.example' }] }, 'it has servers of its own'],
    ['a place without a parameter', '/a/{id}', {}, 'a place that no parameter fills'],
    ['a path that climbs', '/a/../admin', {}, 'no plain path'],
    ['a path that climbs in disguise', '/a/%2E%2e/admin', {}, 'no plain path'],
    ['a path with a query', '/a?b=c', {}, 'no plain path'],
  ])('[OPENAPI-14] an operation with %s is no tool', (_, path, more, why) => {
    const { tools, leftOut } = open({ [path]: { post: op('odd', more) }, '/fine': { get: op('fine') } })
    expect(tools.map(({ name }) => name)).toEqual(['fine'])
    expect(leftOut).toEqual([{ operation: `POST ${path}`, why: expect.stringContaining(why) }])
  })

  test('[OPENAPI-14] what the operator says of the server comes before servers of operations', () => {
    const paths = { '/a': { get: op('a', { servers: [{ url: 'https://evil.example' }] }) } }
    expect(namesOf(open(paths, { own: { server: 'http://127.0.0.1:1' } }))).toEqual(['a'])
  })
})

describe('what a tool is', () => {
  test('[OPENAPI-20] names fit every model and are unique', () => {
    const ids = ['get order', 'get.order', '2nd', '获取', 'x'.repeat(80), 'x'.repeat(90)]
    const paths = Object.fromEntries(ids.map((id, i) => [`/p${i}`, { get: op(id) }]))
    const names = namesOf(open(paths))
    expect(names.slice(0, 4)).toEqual(['get_order', 'get_p1', '_2nd', 'get_p3'])
    for (const name of names) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/)
    expect(new Set(names).size).toBe(ids.length)
  })

  test('[OPENAPI-20] the description is what the document says, at most a thousand characters of it', () => {
    const { named } = open({
      '/a': {
        get: op('a', { summary: 'Lists.', description: 'All of them.' }),
        post: op('b', { description: 'y'.repeat(5_000) }),
        put: op('c'),
      },
    })
    expect(named('a').description).toBe('Lists.\n\nAll of them.')
    expect(named('b').description).toHaveLength(1_000)
    expect(named('c').description).toBe('PUT /a')
  })

  test('[OPENAPI-21] GET reads, all else writes, unless the operator says so of a POST', () => {
    const { tools } = open(ORDERS, { own: { readOnlyPosts: ['searchOrders'] } })
    expect(tools.filter(({ effect }) => effect === 'read').map(({ name }) => name)).toEqual([
      'listOrders',
      'getOrder',
      'searchOrders',
    ])
  })

  test('[OPENAPI-33] it is personal where credentials go along', () => {
    expect(open(ORDERS).named('getOrder').isPersonal).toBe(false)
    expect(open(ORDERS, { own: { forwardsCredentials: true } }).named('getOrder').isPersonal).toBe(true)
  })

  test('[OPENAPI-22] arguments of all places are told apart, and nothing else is taken', () => {
    const query = (name: string) => ({ name, in: 'query', schema: { type: 'string' }, description: 'Which' })
    const { tools } = open(
      {
        '/a/{id}': {
          parameters: [
            { name: 'id', in: 'path', schema: { type: 'integer' } },
            query('id'),
            query('body'),
            query('filter[x]'),
          ],
          post: op('a', { requestBody: { $ref: '#/components/requestBodies/New' } }),
        },
      },
      {
        document: {
          components: {
            requestBodies: { New: { required: true, content: { 'application/json': { schema: { type: 'object' } } } } },
          },
        },
      },
    )
    expect(tools[0]?.parameters).toEqual({
      type: 'object',
      properties: {
        id: { type: 'integer' },
        query_id: { type: 'string', description: 'Which' },
        body: { type: 'string', description: 'Which' },
        filter_x: { type: 'string', description: 'Which' },
        request_body: { type: 'object' },
      },
      required: ['id', 'request_body'],
      additionalProperties: false,
    })
  })

  test('[OPENAPI-33] headers of the protocol, of credentials and of the operator are no arguments', () => {
    const header = (name: string) => ({ name, in: 'header', required: true, schema: { type: 'string' } })
    const names = [
      'Host',
      'Cookie',
      'Content-Length',
      'Authorization',
      'Accept',
      'X-Forwarded-For',
      'x-api-key',
      'X-Fine',
      'bad name',
    ]
    const { tools } = open(
      { '/a': { get: op('a', { parameters: names.map(header) }) } },
      { own: { headers: { 'X-API-Key': 'k' } } },
    )
    expect(tools[0]?.parameters).toMatchObject({ required: ['X-Fine'], properties: { 'X-Fine': {} } })
  })

  test('[OPENAPI-11] parameters that are references in a ring are none', () => {
    const parameters = { A: { $ref: '#/components/parameters/B' }, B: { $ref: '#/components/parameters/A' } }
    const { tools } = open(
      { '/a': { get: op('a', { parameters: [{ $ref: '#/components/parameters/A' }] }) } },
      { document: { components: { parameters } } },
    )
    expect(tools[0]?.parameters).toMatchObject({ properties: {} })
  })
})

describe('what needs credentials', () => {
  const schemes = { bearer: { type: 'http', scheme: 'bearer' }, key: { type: 'apiKey', in: 'header', name: 'X-Key' } }
  const tool = (security: unknown, own = {}) =>
    open({ '/a': { get: op('a') } }, { own, document: { security, components: { securitySchemes: schemes } } }).named(
      'a',
    )
  const asks = expect.objectContaining({
    name: 'ToolFailed',
    message: expect.stringMatching(/^This needs credentials; /),
  })
  // Nobody is there, so whatever is sent fails otherwise.
  const isSent = expect.objectContaining({ message: 'Request failed: the service is not reached' })

  test.each([
    ['nothing shown', [{ bearer: [] }], { forwardsCredentials: true }, null, asks],
    ['credentials that are not passed on', [{ bearer: [] }], {}, showing({ authorization: 'Bearer secret' }), asks],
    ['another key of the operator’s', [{ bearer: [] }], { headers: { 'x-key': 'k' } }, null, asks],
    ['half of what is needed', [{ bearer: [], key: [] }], { headers: { 'x-key': 'k' } }, null, asks],
    ['what is needed', [{ bearer: [] }, { key: [] }], { headers: { 'x-key': 'k' } }, null, isSent],
    [
      'credentials shown',
      [{ bearer: [] }],
      { forwardsCredentials: true },
      showing({ authorization: 'Bearer secret' }),
      isSent,
    ],
    ['nothing needed', [{ bearer: [] }, {}], {}, null, isSent],
    ['nothing said', undefined, {}, null, isSent],
  ])('[OPENAPI-35] with %s', async (_, security, own, outside, expected) => {
    await expect(use(tool(security, own), {}, outside)).rejects.toEqual(expected)
  })
})
