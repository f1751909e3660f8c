import { health } from '@parley/protocol/token-bowl/health'
import { expect, it } from 'vitest'
import { openSite } from './site.ts'

it('[HTTP-90] /health is 200 while the server works and 503 when it does not', async () => {
  await using site = await openSite()
  const { status, body } = await site.ask('GET', '/health')
  expect([status, health.parse(body)]).toEqual([200, { status: 'healthy' }])
  const sick = { healthy: false, body: { status: 'unhealthy', reason: 'disk' } }
  await using other = await openSite({ http: { health: async () => sick } })
  const answer = await other.ask('GET', '/health')
  expect([answer.status, answer.body]).toEqual([503, sick.body])
})

it('[HTTP-91] /metrics is for local requests, for admins, and for all where a setting says so', async () => {
  const forwarded = { 'X-Forwarded-For': '1.2.3.4' }
  await using site = await openSite()
  const near = await site.ask('GET', '/metrics')
  expect([near.status, near.headers['content-type'], near.text]).toEqual([
    200,
    'text/plain; version=0.0.4',
    'parley_up 1\n',
  ])
  expect((await site.ask('GET', '/metrics', { headers: forwarded })).status).toBe(401)
  expect((await site.ask('GET', '/metrics', { headers: { Origin: 'https://evil.example' } })).status).toBe(403)
  const [ann, root] = [await site.person('ann'), await site.person('root', 'admin')]
  expect((await site.ask('GET', '/metrics', { key: ann.key, headers: forwarded })).status).toBe(403)
  expect((await site.ask('GET', '/metrics', { key: root.key, headers: forwarded })).status).toBe(200)
  await using open = await openSite({ http: { metricsPublic: true } })
  expect((await open.ask('GET', '/metrics', { headers: forwarded })).status).toBe(200)
})

it('[HTTP-92] the key that proves webhooks is for everybody', async () => {
  await using site = await openSite()
  const { status, body } = await site.ask('GET', '/webhooks/public-key')
  expect([status, body]).toEqual([200, { algorithm: 'ed25519' }])
})
