import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { families } from '../../src/http/token-bowl/api.ts'
import { type Answer, openSite, type Site } from './site.ts'

let site: Site
beforeEach(async () => {
  site = await openSite()
})
afterEach(async () => {
  await site[Symbol.asyncDispose]()
})

const submit = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  site.ask('POST', path, {
    raw: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  })
const KEY = /<p class="key"><code>([0-9a-f]{64})<\/code><\/p>/
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Holds a page against its own policy: what is inline is allowed by its hash, and there is nothing else to allow. */
function expectSafe({ headers, text }: Answer): void {
  const policy = headers['content-security-policy'] ?? ''
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBe('same-origin')
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['access-control-allow-origin']).toBeUndefined()
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  for (const [, kind, source] of text.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)) {
    expect(policy).toContain(`${kind}-src ${hash(source ?? '')}`)
  }
  expect(text).not.toMatch(/ on\w+=| style=|<(script|style|link|img|iframe) /)
}

describe('pages', () => {
  it.each(['/', '/docs', '/setup', '/setup?token=x', '/auth/magic-link?token=x'])(
    '[HTTP-93] %s is HTML that runs and loads nothing of others',
    async path => {
      const page = await site.ask('GET', path)
      expect(page.status).toBe(200)
      expectSafe(page)
      expect(page.text).toMatch(/^<!doctype html>\n<html lang="en">[\s\S]*<title>[^<]+<\/title>[\s\S]*<main><h1>/)
    },
  )

  it('[HTTP-93] the first page leads on', async () => {
    const { text } = await site.ask('GET', '/')
    for (const [, path] of text.matchAll(/href="([^"]+)"/g))
      expect((await site.ask('GET', path ?? '')).status).toBe(200)
    expect(text).toContain('/ws?api_key=')
  })

  it('[HTTP-93] what comes from the address is shown as text', async () => {
    const evil = encodeURIComponent('"><script>alert(1)</script>')
    for (const path of ['/setup', '/auth/magic-link']) {
      const page = await site.ask('GET', `${path}?token=${evil}`)
      expectSafe(page)
      expect(page.text).toContain('value="&quot;&gt;&lt;script&gt;')
    }
  })
})

describe('setting up', () => {
  it('[HTTP-94] the form makes the first admin and shows the key once', async () => {
    const token = await site.setupToken()
    const form = await site.ask('GET', `/setup?token=${token}`)
    expect(form.text).toContain(`<input type="hidden" name="token" value="${token}">`)
    expect(form.text).toContain('<form method="post" action="/setup">')
    expect(form.text).toMatch(/<label for="username">[\s\S]*<input id="username" name="username"/)
    const page = await submit('/setup', { token, username: '<b>root</b>' }, { Origin: `http://127.0.0.1:${site.port}` })
    expect(page.status).toBe(200)
    expectSafe(page)
    expect(page.text).toContain('Welcome, &lt;b&gt;root&lt;/b&gt;')
    const me = await site.ask('GET', '/users/me', { key: KEY.exec(page.text)?.[1] })
    expect(me.body).toMatchObject({ username: '<b>root</b>', role: 'admin' })
    const again = await submit('/setup', { token, username: 'root2' })
    expect([again.status, KEY.test(again.text)]).toEqual([401, false])
  })

  it('[HTTP-94] what is wrong is said on the form, which keeps what was typed', async () => {
    const token = await site.setupToken()
    await site.person('taken')
    const wrongs = [
      [{ token, username: 'taken' }, 409, 'Username taken already exists'],
      [{ token, username: 'x'.repeat(51) }, 422, 'username: String should have at most 50 characters'],
      [{ token, username: 'system' }, 422, 'username: Username is reserved'],
      [{ username: 'x' }, 422, 'token: Field required'],
    ] as const
    for (const [fields, status, text] of wrongs) {
      const page = await submit('/setup', fields)
      expect(page.status).toBe(status)
      expectSafe(page)
      expect(page.text).toContain(`<p class="problem" role="alert">${text}</p>`)
      expect(page.text).toContain(`name="username" value="${fields.username}"`)
    }
    expect((await submit('/setup', { token, username: 'fine' })).status).toBe(200)
  })

  it('[HTTP-6] a page of a foreign origin cannot send the form', async () => {
    const token = await site.setupToken()
    for (const Origin of ['https://evil.example', 'null']) {
      const page = await submit('/setup', { token, username: 'evil' }, { Origin })
      expect([page.status, KEY.test(page.text)]).toEqual([403, false])
    }
    expect((await submit('/setup', { token, pad: 'x'.repeat(300_000) })).status).toBe(413)
  })

  it('[HTTP-9] a fault of ours is logged and shown without a detail', async () => {
    await using broken = await openSite()
    broken.core.context.commits.run = () => Promise.reject(new Error('inner detail'))
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const page = await broken.ask('POST', '/setup', { raw: 'token=x&username=x', headers })
    expect([page.status, page.text.includes('Internal Server Error'), page.text.includes('inner')]).toEqual([
      500,
      true,
      false,
    ])
    expect(broken.lines.filter(([level]) => level === 'error')).toHaveLength(1)
  })
})

describe('mailed links', () => {
  it('[HTTP-95] looking at the page, even often, does not spend the link; the button does', async () => {
    await site.ask('POST', '/auth/magic-link/send', { body: { email: 'ann@example.org', username: 'ann' } })
    const link = /http:\/\/localhost:8000(\S+)/.exec(site.mails.at(-1)?.text ?? '')?.[1] ?? ''
    for (let i = 0; i < 3; i++) {
      await site.ask('HEAD', link)
      const form = await site.ask('GET', link)
      expect(form.text).toContain('<form method="post" action="/auth/magic-link/authenticate">')
    }
    const token = new URL(link, 'http://localhost').searchParams.get('token') ?? ''
    const page = await submit('/auth/magic-link/authenticate', { token })
    expectSafe(page)
    expect(page.text).toContain('Welcome, ann')
    expect((await site.ask('GET', '/users/me', { key: KEY.exec(page.text)?.[1] })).body.username).toBe('ann')
    const again = await submit('/auth/magic-link/authenticate', { token })
    expect([again.status, again.text.includes('Invalid or expired token')]).toEqual([401, true])
  })
})

describe('the document', () => {
  it('[HTTP-96] names every endpoint with its parameters, and every reference in it leads somewhere', async () => {
    const { body: document } = await site.ask('GET', '/openapi.json')
    expect(document.openapi).toBe('3.1.0')
    for (const { method, path, status, auth } of families.flatMap(({ endpoints }) => endpoints)) {
      const operation = document.paths[path][method.toLowerCase()]
      expect(operation.responses[status]).toBeDefined()
      expect(operation.security.length > 0).toBe(auth !== 'none')
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const parameters: { name: string; in: string }[] = operation.parameters ?? []
      expect(parameters.filter(one => one.in === 'path').map(({ name }) => name)).toEqual(named)
    }
    const names = Object.keys(document.components.schemas)
    for (const [, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
      expect(names).toContain(name)
    }
    expect(document.components.schemas.PaginatedMessages.properties.messages.items).toEqual({
      $ref: '#/components/schemas/MessageResponse',
    })
  })

  it('[HTTP-96] says how lists are asked for and what a refusal looks like', async () => {
    const { body: document } = await site.ask('GET', '/openapi.json')
    const operation = document.paths['/messages'].get
    expect(operation.parameters[0]).toEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { default: 50, type: 'integer' },
    })
    expect(operation.responses['401'].content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/Error',
    })
    expect(operation.responses['422'].content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/ValidationError',
    })
    expect(document.paths['/messages'].post.requestBody.content['application/json'].schema.required).toEqual([
      'content',
    ])
  })

  it('[HTTP-97] the page for people shows every endpoint', async () => {
    const { text } = await site.ask('GET', '/docs')
    for (const { method, path } of families.flatMap(({ endpoints }) => endpoints)) {
      expect(text).toContain(`<b>${method}</b> <code>${path}</code>`)
    }
    for (const [, name] of text.matchAll(/href="#(\w+)"/g)) expect(text).toContain(`<div id="${name}">`)
  })
})
