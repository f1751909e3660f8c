import { expect, test } from 'vitest'
import { bearer, peopleOf, told } from './people.ts'
import { openSite, type SiteOptions } from './site.ts'

const limited = (over: SiteOptions = {}) => openSite({ http: { apiRate: { count: 4, seconds: 60 } }, ...over })

test('[ACC-41] a user may ask so many times, and every success tells how many are left', async () => {
  await using site = await limited()
  const { key } = await site.person('ann')
  const ask = () => site.ask('GET', '/api/v1/auth/profile', { key })
  const { headers } = await ask()
  const start = site.clock.now() / 1000
  expect(headers).toMatchObject({
    'x-ratelimit-limit': '4',
    'x-ratelimit-remaining': '3',
    'x-ratelimit-window': '60',
    'x-ratelimit-reset': String(start + 60),
  })
  site.clock.advance(10_000)
  for (const left of ['2', '1', '0']) expect((await ask()).headers['x-ratelimit-remaining']).toBe(left)
  const refused = await ask()
  expect(told(refused)).toEqual([429, 'Rate limit exceeded'])
  expect(refused.body.error).toMatchObject({ code: 429, type: 'rate_limit_error', retry_after: 50 })
  expect(refused.headers).toMatchObject({ 'retry-after': '50', 'x-ratelimit-remaining': '0' })
  expect(refused.headers['x-ratelimit-reset']).toBeUndefined()
  site.clock.advance(50_000)
  expect((await ask()).status).toBe(200)
})

test('[ACC-41] far above the limit nothing is answered for five minutes', async () => {
  await using site = await limited()
  const { key } = await site.person('ann')
  const ask = () => site.ask('GET', '/api/v1/auth/profile', { key })
  for (let i = 0; i < 6; i++) expect((await ask()).headers['retry-after']).toBe(i < 4 ? undefined : '60')
  expect((await ask()).headers['retry-after']).toBe('300')
  site.clock.advance(299_000)
  expect((await ask()).headers['retry-after']).toBe('1')
  site.clock.advance(1_000)
  expect((await ask()).status).toBe(200)
})

test('[ACC-41] users are counted apart, wherever they are; who is nobody is counted by address', async () => {
  await using site = await limited()
  const [ann, ben] = [await site.person('ann'), await site.person('ben')]
  const as = (key: string) => site.ask('GET', '/api/v1/auth/profile', { key })
  for (let i = 0; i < 4; i++) await as(ann.key)
  expect([(await as(ann.key)).status, (await as(ben.key)).status]).toEqual([429, 200])
  const junk = () => site.ask('GET', '/api/v1/auth/profile', { headers: bearer('junk') })
  const { login } = peopleOf(site)
  for (let i = 0; i < 2; i++) expect((await junk()).status).toBe(401)
  for (let i = 0; i < 2; i++) expect((await login('nobody')).status).toBe(401)
  expect([(await junk()).status, (await login('nobody')).status]).toEqual([429, 429])
  expect((await as(ben.key)).status).toBe(200)
})

test('[ACC-41] the other paths have no such limit', async () => {
  await using site = await limited()
  const { key } = await site.person('ann')
  for (let i = 0; i < 9; i++) {
    expect((await site.ask('GET', '/health')).status).toBe(200)
    expect((await site.ask('GET', '/users/me', { key })).headers['x-ratelimit-limit']).toBeUndefined()
  }
})

test('[ACC-42] unknown paths and wrong methods speak the protocol too', async () => {
  await using site = await openSite()
  const unknown = await site.ask('GET', '/api/v1/nothing')
  expect(unknown.body).toEqual({ error: { code: 404, message: 'Not Found', type: 'http_error' } })
  const wrong = await site.ask('DELETE', '/api/v1/auth/login')
  expect([told(wrong), wrong.headers.allow]).toEqual([[405, 'Method Not Allowed'], 'POST'])
  expect((await site.ask('GET', '/nothing')).body).toEqual({ detail: 'Not Found' })
  const large = await site.ask('POST', '/api/v1/auth/login', { raw: 'x'.repeat(262_145) })
  expect(told(large)).toEqual([413, 'Request body is too large'])
  const broken = await site.ask('POST', '/api/v1/auth/login', { raw: '{' })
  expect(broken.body.error).toMatchObject({ code: 422, type: 'validation_error', message: 'Validation failed' })
})

test('[ACC-43] the document holds every endpoint, with its own errors', async () => {
  await using site = await openSite()
  const { paths } = (await site.ask('GET', '/openapi.json')).body
  const { responses } = paths['/api/v1/auth/register'].post
  expect(Object.keys(responses)).toEqual(['200', '400', '403', '413', '422', '429', '503'])
  const schemaOf = (status: string) => responses[status].content['application/json'].schema
  expect(schemaOf('400')).toEqual({ $ref: '#/components/schemas/RoomsError' })
  expect(schemaOf('422')).toEqual({ $ref: '#/components/schemas/RoomsValidationError' })
  expect(paths['/api/v1/auth/password'].put).toBeDefined()
  expect((await site.ask('GET', '/docs')).text).toContain('/api/v1/auth/email/verify/send')
})
