import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inbox, serveHttp } from '../../outbound/servers.ts'
import { type Opening, open, showing, use } from './service.ts'

const DOCUMENT = {
  '/orders/{id}': {
    parameters: [
      { name: 'id', in: 'path', required: true },
      { name: 'X-Trace', in: 'header' },
    ],
    get: { operationId: 'getOrder' },
    put: { operationId: 'putOrder', requestBody: { content: { 'application/json': {} } } },
  },
}

type Answer = Parameters<typeof inbox>[0]

/** The service, and the tool that gets an order from it. */
async function opened(answer?: Answer, opening: Opening = {}) {
  const server = await inbox(answer)
  const { named, time } = open(DOCUMENT, { ...opening, base: `${server.url}/v1` })
  return { server, time, getOrder: named('getOrder'), putOrder: named('putOrder') }
}

const says =
  (content: unknown, status = 200): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(content))

const failing = (message: string | RegExp, status: number | null = null) =>
  expect.objectContaining({
    name: 'ToolFailed',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    status,
  })

describe('what is sent', () => {
  test('[OPENAPI-30] the request that the document describes', async () => {
    const { server, putOrder } = await opened(says({ ok: true }))
    expect(await use(putOrder, { id: 7, 'X-Trace': 't', body: { note: 'ä' } })).toEqual({ ok: true })
    expect(await server.next()).toMatchObject({
      method: 'PUT',
      path: '/v1/orders/7',
      body: '{"note":"ä"}',
      headers: { 'x-trace': 't', 'content-type': 'application/json', 'accept-encoding': 'identity' },
    })
  })

  test('[OPENAPI-33] credentials go along only where the operator says so', async () => {
    const shown = showing({ Authorization: 'Bearer of-ann' })
    for (const forwardsCredentials of [true, false]) {
      const { server, getOrder } = await opened(says(1), { own: { forwardsCredentials } })
      await use(getOrder, { id: 7 }, shown)
      expect((await server.next()).headers.authorization).toBe(forwardsCredentials ? 'Bearer of-ann' : undefined)
    }
  })

  test('[OPENAPI-33] what the asker showed wins over the operator’s headers, these over arguments', async () => {
    const own = { forwardsCredentials: true, headers: { 'X-Key': 'operator', 'X-Gate': 'gate' } }
    const { server, getOrder } = await opened(says(1), { own })
    await use(
      getOrder,
      { id: 7, 'X-Trace': 'argument', 'X-Gate': 'argument' },
      showing({ 'x-key': 'of-ann', 'x-trace': 'of-ann' }),
    )
    const { headers } = await server.next()
    expect(headers).toMatchObject({ 'x-key': 'of-ann', 'x-gate': 'gate', 'x-trace': 'of-ann' })
  })

  test.each([301, 302, 303, 307, 308])(
    '[OPENAPI-34] a redirect with %i is not followed, not even to the same place',
    async status => {
      const other = await inbox()
      const { server, getOrder } = await opened(
        (_, response) => response.writeHead(status, { location: other.url }).end(),
        {
          own: { forwardsCredentials: true },
        },
      )
      const call = use(getOrder, { id: 7 }, showing({ authorization: 'Bearer of-ann' }))
      await expect(call).rejects.toEqual(
        failing(`HTTP ${status}: the answer leads elsewhere, which is not followed`, status),
      )
      expect([other.connections(), server.connections()]).toEqual([0, 1])
    },
  )

  test('[OPENAPI-12] a private address that nobody named is not called', async () => {
    const { server, getOrder } = await opened(undefined, { allow: '' })
    await expect(use(getOrder, { id: 7 })).rejects.toEqual(failing('Request failed: its address is not allowed'))
    expect(server.connections()).toBe(0)
  })
})

describe('what comes back', () => {
  const typed =
    (type: string, body: string | Buffer, more = {}): Answer =>
    (_, response) =>
      response.writeHead(200, { ...(type && { 'content-type': type }), ...more }).end(body)

  test.each<[string, Answer, unknown]>([
    ['JSON', says({ a: [1, null] }), { a: [1, null] }],
    ['a kind of JSON', typed('application/hal+json', '{"a":1}'), { a: 1 }],
    ['JSON that is none', typed('application/json', 'oops'), 'oops'],
    ['text', typed('text/plain', 'hello'), 'hello'],
    ['a page', typed('text/html; charset=utf-8', '<p>hello'), '<p>hello'],
    ['something without a type', typed('', 'hello'), 'hello'],
    ['bytes', typed('image/png', Buffer.alloc(3)), { content_type: 'image/png', bytes: 3 }],
    ['nothing', (_, response) => response.writeHead(204).end(), { status: 204 }],
    ['nothing at all', (_, response) => response.writeHead(201).end(), { status: 201 }],
  ])('[OPENAPI-36] %s', async (_, answer, expected) => {
    const { getOrder } = await opened(answer)
    expect(await use(getOrder, { id: 7 })).toEqual(expected)
  })

  test('[OPENAPI-36] of more than a mebibyte the beginning', async () => {
    const { getOrder } = await opened(
      typed('application/json', JSON.stringify('x'.repeat(2_000_000)), { 'content-length': 2_000_002 }),
    )
    const result = await use(getOrder, { id: 7 })
    expect(result).toEqual({ truncated: true, bytes: 2_000_002, preview: expect.stringMatching(/^"x{1000}/) })
    expect(JSON.stringify(result).length).toBeLessThan(20_000)
  })

  test('[OPENAPI-36] an answer without end is cut off', async () => {
    const { url } = await serveHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const more = () => response.write(Buffer.alloc(65_536, 'x')) && setImmediate(more)
      response.on('drain', more)
      more()
    })
    const { named } = open(DOCUMENT, { base: url })
    expect(await use(named('getOrder'), { id: 7 })).toMatchObject({ truncated: true, bytes: null })
  })

  test('[OPENAPI-36] credentials that the service repeats are hidden, in answers and in failures', async () => {
    // JSON has to write it in another way.
    const password = 'correct "horse"'
    const basic = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`
    for (const status of [200, 400]) {
      const echo: Answer = ({ headers }, response) =>
        says(
          { message: `${headers.authorization} / ${password} / ${headers['x-key']} / ${headers['x-tenant']}` },
          status,
        )!(undefined!, response)
      const { getOrder } = await opened(echo, {
        own: { forwardsCredentials: true, headers: { 'X-Key': 'key-of-operator', 'X-Tenant': 'acme' } },
      })
      const said = JSON.stringify(
        await use(getOrder, { id: 7 }, showing({ authorization: basic })).catch(error => error.message),
      )
      expect(said).toContain('[hidden] / [hidden] / [hidden] / acme')
    }
  })
})

describe('[OPENAPI-37] what goes wrong', () => {
  test.each<[number, unknown, string]>([
    [404, { detail: 'Order not found' }, 'HTTP 404: Order not found'],
    [400, { message: 'Bad\n  date' }, 'HTTP 400: Bad date'],
    [409, { error: { code: 7, message: 'Taken' } }, 'HTTP 409: Taken'],
    [
      422,
      {
        detail: [
          { loc: ['body', 'n'], msg: 'too small' },
          { loc: ['query', 0], msg: 'wrong' },
        ],
      },
      'HTTP 422: body.n: too small; query.0: wrong',
    ],
    [500, { detail: 'x'.repeat(1_000) }, `HTTP 500: ${'x'.repeat(299)}…`],
    [503, { nothing: 'useful' }, 'HTTP 503: Service Unavailable'],
    [401, null, 'HTTP 401: Unauthorized'],
  ])('%i %j', async (status, content, message) => {
    const { getOrder } = await opened(says(content, status))
    await expect(use(getOrder, { id: 7 })).rejects.toEqual(failing(message, status))
  })

  test('a page that says so', async () => {
    const { getOrder } = await opened((_, response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Oh'),
    )
    await expect(use(getOrder, { id: 7 })).rejects.toEqual(failing('HTTP 502: Bad Gateway', 502))
  })

  test('a compressed answer', async () => {
    const { getOrder } = await opened((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
    )
    await expect(use(getOrder, { id: 7 })).rejects.toEqual(failing(/^Request failed: the answer is compressed/))
  })

  test('an answer that breaks off', async () => {
    const { getOrder } = await opened((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('so')
      response.socket?.end()
    })
    await expect(use(getOrder, { id: 7 })).rejects.toEqual(failing('Request failed: the answer broke off'))
  })

  test('nobody there', async () => {
    const { named } = open(DOCUMENT)
    await expect(use(named('getOrder'), { id: 7 })).rejects.toEqual(
      failing('Request failed: the service is not reached'),
    )
  })

  test.each<[string, Answer]>([
    ['no answer', () => undefined],
    ['half an answer', (_, response) => void response.write('so')],
  ])('%s in time', async (_, answer) => {
    const { server, getOrder, time } = await opened(answer)
    const call = use(getOrder, { id: 7 })
    await server.next()
    time.pass(30_000)
    await expect(call).rejects.toEqual(failing('Request timeout'))
    expect(getOrder.timeLimit).toBeGreaterThan(30_000)
  })

  test('who stops waiting ends the call', async () => {
    const { server, getOrder } = await opened(() => undefined)
    const stop = new AbortController()
    const call = use(getOrder, { id: 7 }, null, stop.signal)
    await server.next()
    stop.abort()
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  })
})
