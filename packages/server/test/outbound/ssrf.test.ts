import { describe, expect, test } from 'vitest'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { createGuard } from '../../src/outbound/guard.ts'
import { openCanary, openStranger } from './ssrf-canary.ts'
import { FORMS } from './ssrf-forms.ts'
import { SURFACES } from './ssrf-surfaces.ts'

/** Of redirects, and of a server that says where to sign in. */
const STATUSES = [301, 302, 303, 307, 308, 401]

/** One form of each kind. */
const KINDS = [...new Map(FORMS.map(form => [form.kind, form])).values()]

test('[OUT-4] the canary sees who comes, and who goes elsewhere', async () => {
  const canary = await openCanary()
  const guard = createGuard({ allowed: readAllowed('127.0.0.0/8 ::1').allowed })
  const get = (url: string) => guard.call({ method: 'GET', url, timeout: 5_000, bodyMax: 100 })
  await get(`http://127.0.0.1:${canary.port}/`)
  await get(`http://localhost:${canary.port}/`)
  await get('http://127.0.0.2:9/')
  await guard.close()
  const seen = canary.seen()
  expect(seen.filter(to => to === `127.0.0.1:${canary.port}`).length).toBeGreaterThanOrEqual(3)
  expect(seen).toContain('127.0.0.2:9')
})

test('[OUT-4] there are at least a hundred forms, of every kind', () => {
  expect(new Set(FORMS.map(({ url }) => url)).size).toBe(FORMS.length)
  expect(FORMS.length).toBeGreaterThan(100)
  expect(KINDS.length).toBeGreaterThan(25)
})

describe.each(SURFACES.filter(({ isOperators }) => !isOperators))('$name', ({ isText = false, open }) => {
  test('[OUT-4] [OUT-5] [OUT-6] no form of an address that is not public is let out', async () => {
    const canary = await openCanary()
    const { reach, ports } = await open()
    const forms = FORMS.filter(({ isName }) => !(isText && isName))
    const urls = forms.map(({ url }) => url.replace('PORT', String(canary.port)))
    const outcomes = [...(await reach(urls))]
    for (const [i, { kind }] of forms.entries())
      if (kind === 'changing name') [outcomes[i] = ''] = await reach([urls[i] ?? ''])
    expect(forms.flatMap(({ url }, i) => (outcomes[i] === 'refused' ? [] : [[url, outcomes[i]]]))).toEqual([])
    expect(canary.seen(ports)).toEqual([])
  })
})

describe.each(SURFACES.filter(({ isText }) => !isText))('$name', ({ open }) => {
  test('[OUT-8] no redirect leads to one', async () => {
    const canary = await openCanary()
    const stranger = await openStranger()
    const { reach, ports } = await open()
    const redirect = (status: number, url: string) =>
      `${stranger.url}/to/${status}/${encodeURIComponent(url.replace('PORT', String(canary.port)))}`
    const [loopback] = KINDS
    const each = STATUSES.map(status => redirect(status, loopback?.url ?? ''))
    const urls = [...each, ...KINDS.map(({ url }, i) => redirect(STATUSES[i % STATUSES.length] ?? 302, url))]
    await reach(urls)
    expect(canary.seen(ports)).toEqual([])
    expect(stranger.led()).toBeGreaterThanOrEqual(urls.length)
  })
})
