import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { families } from '../../src/http/token-bowl/api.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let admin: Person
beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  admin = await site.person('admin', 'admin')
})
afterAll(async () => {
  expect(site.lines.filter(([level]) => level === 'error')).toEqual([])
  await site[Symbol.asyncDispose]()
})

const post = (raw: string | Buffer, headers: Record<string, string> = {}, path = '/messages') =>
  site.ask('POST', path, { key: ann.key, raw, headers: { 'Content-Type': 'application/json', ...headers } })
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('bodies', () => {
  const bad = Buffer.from('{"content":"\u00ff"}', 'latin1')
  it.each([
    '{',
    '{"content":}',
    "{'content':'x'}",
    'content=x',
    '{"content":"x"}{}',
    'NaN',
    '\u0000',
    bad,
    '{"content":"\ud800',
  ])('[HTTP-11] what is no JSON is 422: %j', async raw => {
    const { status, body } = await post(raw)
    const detail = [{ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' }]
    expect([status, body]).toEqual([422, { detail }])
  })

  it.each(['[]', 'null', '5', '"x"', 'true', deep(100_000)])('[HTTP-11] JSON that is no object is 422', async raw => {
    const { status, body } = await post(raw)
    expect([status, body.detail[0].loc, body.detail[0].type]).toEqual([422, ['body'], 'dict_type'])
  })

  it('[HTTP-11] no body at all is a missing field', async () => {
    for (const raw of ['', ' \n']) {
      const { body } = await post(raw)
      expect(body.detail).toEqual([{ loc: ['body'], msg: 'Field required', type: 'missing' }])
    }
  })

  it('[HTTP-11] nesting in a field nobody knows is no harm, in one that is known 422', async () => {
    expect((await post(`{"content":"x","extra":${deep(50_000)}}`)).status).toBe(201)
    expect((await post(`{"content":${deep(50_000)}}`)).status).toBe(422)
    expect((await post(`{"message_ids":${deep(50_000)}}`, {}, '/conversations')).status).toBe(422)
  })

  it('[HTTP-16] names of the language mean nothing', async () => {
    const raw = '{"__proto__":{"content":"x","admin":true},"constructor":{"prototype":{"content":"x"}},"toString":1}'
    const { status, body } = await post(raw)
    expect([status, body.detail[0].type]).toEqual([422, 'missing'])
    expect(({} as Record<string, unknown>).content).toBeUndefined()
    const patched = await site.ask('PATCH', '/admin/users/ann', { key: admin.key, raw: '{"__proto__":{"admin":true}}' })
    expect(patched.status).toBe(400)
    const query = await site.ask('GET', '/messages?__proto__=1&constructor=2&limit=3', { key: ann.key })
    expect(query.body.pagination.limit).toBe(3)
  })

  it('[HTTP-13] 256 KiB are read, one byte more is 413, with and without its length told', async () => {
    const content = (size: number) => `{"content":"x"${' '.repeat(size - 15)}}`
    expect((await post(content(262_144))).status).toBe(201)
    for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }]) {
      const { status, body } = await post(content(262_145), headers)
      expect([status, body]).toEqual([413, { detail: 'Request body is too large' }])
    }
  })

  it('[HTTP-13] a body that was not asked for is not read', async () => {
    expect((await post('x'.repeat(400_000), {}, '/messages/mark-all-read')).status).toBe(200)
    expect((await site.ask('POST', '/messages', { raw: 'x'.repeat(400_000) })).status).toBe(401)
    expect((await site.ask('GET', '/users/me', { key: ann.key })).status).toBe(200)
  })

  it.each([
    [{ 'Content-Encoding': 'gzip' }],
    [{ 'Content-Type': 'application/json; charset=utf-16' }],
    [{ 'Content-Type': 'application/json; charset=iso-8859-1' }],
  ])('[HTTP-17] %j is 415', async headers => {
    const { status, body } = await post(gzipSync('{"content":"x"}'), headers)
    expect([status, body]).toEqual([415, { detail: 'Request body must be plain UTF-8' }])
  })

  it.each([
    '',
    'application/json',
    'application/json; charset=UTF-8',
    'text/plain',
    'application/x-www-form-urlencoded',
  ])('[HTTP-17] JSON is read as JSON whatever its type is called: %s', async type => {
    const { status, body } = await post('\ufeff{"content":"ü"}', { 'Content-Type': type })
    expect([status, body.content]).toEqual([201, 'ü'])
  })

  it('[HTTP-11] every body schema refuses every kind of rubbish without falling over', async () => {
    const rubbish = ['[]', 'null', '0', '""', '{"username":{},"content":[],"email":{},"token":0,"role":[],"title":0}']
    const rows = families.flatMap(({ endpoints }) => endpoints).filter(({ body }) => body)
    for (const { method, path } of rows) {
      for (const raw of rubbish) {
        const { status } = await site.ask(method, path.replace(/\{\w+\}/, ann.user.id), { key: admin.key, raw })
        expect([path, raw, status < 500]).toEqual([path, raw, true])
      }
    }
  })
})

describe('paths and methods', () => {
  it.each(['/nowhere', '/messages/x', '/users/a/b', '//users', '/.env', '/users/me/', '/%00', '/wss'])(
    '[HTTP-18] unknown paths are 404: %s',
    async path => {
      const { status, body } = await site.ask('GET', path)
      expect([status, body]).toEqual(path === '/users/me/' ? [401, expect.anything()] : [404, { detail: 'Not Found' }])
    },
  )

  it('[HTTP-18] wrong methods are 405 and say which are right', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/messages', 'POST, GET, HEAD'],
      ['DELETE', '/users/me', 'GET, HEAD'],
      ['GET', '/register', 'POST'],
      ['TRACE', '/logos', 'GET, HEAD'],
      ['PATCH', '/messages/x/read', 'POST'],
      ['POST', '/', 'GET, HEAD'],
      ['DELETE', '/health', 'GET, HEAD'],
      ['PUT', '/setup', 'GET, HEAD, POST'],
    ] as const) {
      const { status, headers, body } = await site.ask(method, path, { key: ann.key })
      expect([path, status, headers.allow, body]).toEqual([path, 405, allow, { detail: 'Method Not Allowed' }])
    }
  })

  it('[HTTP-18] HEAD is GET without a body', async () => {
    const { status, headers, text } = await site.ask('HEAD', '/logos')
    expect([status, headers['content-type'], text]).toEqual([200, 'application/json', ''])
  })

  it('[HTTP-16] very long and odd values in paths and queries are no harm', async () => {
    const long = 'x'.repeat(8_000)
    for (const path of [
      `/users/${long}`,
      `/users/${encodeURIComponent('\u0000\u202e')}`,
      '/users/%ff%fe',
      '/users/..%2f..%2fetc',
    ]) {
      expect((await site.ask('GET', path, { key: ann.key })).status).toBe(404)
    }
    expect((await site.ask('GET', `/messages?since=${long}`, { key: ann.key })).status).toBe(400)
    expect((await site.ask('GET', `/messages?limit=${'9'.repeat(400)}`, { key: ann.key })).status).toBe(422)
  })
})

/** What the server writes back to bytes that no HTTP client would send. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(site.port, '127.0.0.1')
    socket.setEncoding('utf8').on('data', chunk => (text += chunk))
    socket.on('error', reject).on('close', () => resolve(text))
    socket.write(bytes)
  })
}

describe('requests no client would send', () => {
  it.each(['evil.example', 'a b', 'localhost@evil.example', 'localhost:99999999', ''])(
    '[HTTP-2] Host %j is 421',
    async host => {
      const text = await raw(`GET /logos HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(text).toMatch(/^HTTP\/1\.1 421 [\s\S]*\{"detail":"This server does not answer to that host name"\}$/)
    },
  )

  it('[HTTP-2] no Host at all is 421 in HTTP/1.0', async () => {
    expect(await raw('GET /logos HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /)
  })

  it('[HTTP-16] a target that makes no URL is 400', async () => {
    const text = await raw('GET /\\evil HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"detail":"Bad Request"\}$/)
  })

  it('[HTTP-16] a client that leaves in the middle of its body harms nobody', async () => {
    const gone = connect(site.port, '127.0.0.1')
    const lines = site.lines.length
    gone.write(
      `POST /messages HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${ann.key}\r\nContent-Length: 100\r\n\r\n{"con`,
    )
    await new Promise(resolve => gone.once('connect', resolve))
    await new Promise<void>(resolve => gone.end(resolve))
    gone.destroy()
    await expect.poll(() => site.lines.slice(lines).map(([, fields]) => fields)).toMatchObject([{ path: '/messages' }])
    expect((await site.ask('GET', '/users/me', { key: ann.key })).status).toBe(200)
  })
})

it('[HTTP-19] a request counts by the rights its sender has once all of it is there', async () => {
  const boss = await site.person('boss', 'admin')
  const body = JSON.stringify({ content: 'Hear me' })
  const socket = connect(site.port, '127.0.0.1')
  socket.write(
    `POST /admin/announcements HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${boss.key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.slice(0, 5)}`,
  )
  // Answered after it: by then the server has read the headers above.
  await site.ask('POST', '/users/me/regenerate-api-key', { key: boss.key })
  socket.write(body.slice(5))
  let answer = ''
  for await (const part of socket.setEncoding('utf8')) answer += part
  expect(answer).toMatch(/^HTTP\/1\.1 401 /)
})

it('[HTTP-18] the address of a socket says so to whoever does not ask for one', async () => {
  for (const path of ['/ws', '/ws/']) {
    const { status, headers, body } = await site.ask('GET', path)
    expect([status, headers.upgrade]).toEqual([426, 'websocket'])
    expect(body.detail).toMatch(/^This address is for WebSockets/)
  }
})
