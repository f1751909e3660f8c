import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { families } from '../../src/http/token-bowl/api.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const Origin = 'https://evil.example'
const FOREIGN = { detail: 'A page of another origin needs a valid API key or session token of its own' }
let made = 0
const register = (headers: Record<string, string>, at: Site = site) =>
  at.ask('POST', '/register', { headers, body: { username: `somebody ${++made}` } })

describe('origins', () => {
  it('[HTTP-6] a page of a foreign origin gets nowhere without a valid credential', async () => {
    for (const headers of [{ Origin }, { Origin, 'X-API-Key': 'junk' }, { Origin, Authorization: 'Bearer junk' }]) {
      for (const answer of [
        await register(headers),
        await site.ask('GET', '/logos', { headers }),
        await site.ask('GET', '/health', { headers }),
      ]) {
        expect([answer.status, answer.body]).toEqual([403, FOREIGN])
      }
    }
    const answer = await site.ask('GET', '/messages', { headers: { Origin } })
    expect([answer.status, answer.body]).toEqual([403, FOREIGN])
  })

  it('[HTTP-6] a wrong credential is 401 where one is needed, from any origin', async () => {
    const { status, headers } = await site.ask('GET', '/users/me', { key: 'junk', headers: { Origin } })
    expect([status, headers['access-control-allow-origin']]).toEqual([401, '*'])
  })

  it('[HTTP-6] a valid credential is good from any origin', async () => {
    for (const origin of [Origin, 'null', 'http://localhost:1']) {
      expect((await site.ask('GET', '/users/me', { key: ann.key, headers: { Origin: origin } })).status).toBe(200)
      expect((await register({ Origin: origin, 'X-API-Key': ann.key })).status).toBe(201)
    }
  })

  it('[HTTP-6] our own pages, listed ones and, in local use, those of this machine need none', async () => {
    for (const own of [`http://127.0.0.1:${site.port}`, 'http://localhost:5173']) {
      expect((await register({ Origin: own })).status).toBe(201)
    }
    await using open = await openSite({
      trust: { publicUrl: 'https://chat.example', allowedOrigins: ['https://app.example', 'null'] },
    })
    for (const allowed of ['https://chat.example', 'https://app.example', 'null']) {
      expect((await register({ Origin: allowed }, open)).status).toBe(201)
    }
    expect((await register({ Origin: 'http://localhost:5173' }, open)).status).toBe(403)
  })

  it('[HTTP-2] an unknown Host is 421, also with a valid key', async () => {
    const { status, headers } = await site.ask('GET', '/users/me', { key: ann.key, headers: { Host: 'evil.example' } })
    expect([status, headers.connection]).toEqual([421, 'close'])
    await using named = await openSite({ trust: { allowedHosts: ['chat.lan'] } })
    expect((await named.ask('GET', '/logos', { headers: { Host: 'chat.lan:8000' } })).status).toBe(200)
  })
})

describe('CORS', () => {
  it('[HTTP-7] every path lets preflights of any origin pass, with its methods and our headers', async () => {
    const shared = { path: '/health', method: 'GET' } // clients send their key there too
    for (const { path, method } of [...families.flatMap(({ endpoints }) => endpoints), shared]) {
      const asked = { Origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': 'x-api-key' }
      const { status, headers, text } = await site.ask('OPTIONS', path.replace(/\{\w+\}/, 'x'), { headers: asked })
      expect([path, status, text, headers['access-control-allow-origin']]).toEqual([path, 204, '', '*'])
      expect(headers['access-control-allow-methods']).toContain(method)
      expect(headers['access-control-allow-headers']).toBe('Authorization, Content-Type, X-API-Key')
      expect(headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  it('[HTTP-7] every answer may be read by any page, errors too, and kept by nobody', async () => {
    const answers = [
      await site.ask('GET', '/users/me', { key: ann.key, headers: { Origin } }),
      await site.ask('POST', '/messages', { key: ann.key, headers: { Origin }, body: {} }),
      await site.ask('GET', '/users/nobody', { key: ann.key, headers: { Origin } }),
      await site.ask('GET', '/nowhere', { headers: { Origin } }),
      await register({ Origin }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 404, 404, 403])
    for (const { headers } of answers) {
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers['access-control-allow-credentials']).toBeUndefined()
      expect(headers['cache-control']).toBe('no-store')
    }
  })
})

describe('credentials', () => {
  it('[HTTP-8] a key in the query is for sockets only', async () => {
    expect((await site.ask('GET', `/users/me?api_key=${ann.key}`)).status).toBe(401)
  })

  it('[HTTP-8] X-API-Key comes before Authorization; empty ones are none', async () => {
    const bearer = { Authorization: 'Bearer junk' }
    expect((await site.ask('GET', '/users/me', { key: ann.key, headers: bearer })).status).toBe(200)
    for (const headers of [
      { 'X-API-Key': '' },
      { Authorization: 'Bearer ' },
      { Authorization: `Basic ${ann.key}` },
      { Cookie: `api_key=${ann.key}` },
    ]) {
      expect((await site.ask('GET', '/users/me', { headers })).status).toBe(401)
    }
    expect((await site.ask('GET', '/users/me', { headers: { 'X-API-Key': `${ann.key}, ${ann.key}` } })).status).toBe(
      401,
    )
  })

  it('[HTTP-8] too many wrong ones from an address are 429, while right ones still work', async () => {
    await using limited = await openSite({ settings: { signInRate: { count: 2, seconds: 60 } } })
    const { key } = await limited.person('ann')
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await limited.ask('GET', '/users/me', { key: 'junk' })).status)
    expect(statuses).toEqual([401, 401, 429])
    expect((await limited.ask('GET', '/users/me', { key })).status).toBe(200)
    expect((await limited.ask('GET', '/logos', { key: 'junk' })).status).toBe(200)
  })
})

describe('the log', () => {
  it('[HTTP-9] has one line a request, with its id, and no secret in it', async () => {
    const from = site.lines.length
    const secrets = ['SECRET', ann.key]
    const { headers } = await site.ask('GET', '/users/me?api_key=SECRET', { key: ann.key })
    await site.ask('POST', '/messages', { key: ann.key, body: { content: 'SECRET' } })
    await site.ask('GET', '/setup?token=SECRET')
    await expect.poll(() => site.lines.length - from).toBe(3)
    const lines = site.lines.slice(from)
    const id = headers['x-request-id']
    expect(lines[0]).toEqual([
      'info',
      { id, address: '127.0.0.1', method: 'GET', path: '/users/me', status: 200, ms: expect.any(Number) },
      'request',
    ])
    for (const secret of secrets) expect(JSON.stringify(lines)).not.toContain(secret)
  })

  it('[HTTP-9] names a fault of ours with the id that the client saw, and tells the client nothing else', async () => {
    await using broken = await openSite({ http: { health: () => Promise.reject(new Error('inner detail')) } })
    const { status, headers, body } = await broken.ask('GET', '/health')
    expect([status, body]).toEqual([500, { detail: 'Internal Server Error' }])
    const fault = broken.lines.find(([level]) => level === 'error')
    expect(fault?.[1]).toMatchObject({ id: headers['x-request-id'], err: { message: 'inner detail' } })
  })
})
