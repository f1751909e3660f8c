import { describe, expect, onTestFinished, test } from 'vitest'
import { readAllowed } from '../../src/outbound/allowed.ts'
import type { Lookup } from '../../src/outbound/dialer.ts'
import { createGuardedCalls, type GuardedSettings, hostsOf } from '../../src/outbound/guarded.ts'
import { inbox, serveHttp } from './servers.ts'

function guarded(allow = '', settings: Partial<GuardedSettings> = {}) {
  const calls = createGuardedCalls({ allowed: readAllowed(allow).allowed, ...settings })
  onTestFinished(() => calls.close())
  return calls
}

const leadsTo =
  (address: string): Lookup =>
  (_, __, done) =>
    done(null, [{ address, family: 4 }])

const failed = (failure: string) => expect.objectContaining({ name: 'CallFailed', failure })

describe('where it may go', () => {
  test('[OUT-4] a private address is refused without a connection, an allowed one is called', async () => {
    const server = await inbox()
    await expect(guarded().fetchFor()(server.url)).rejects.toEqual(failed('address_refused'))
    await expect(guarded().fetchFor()('http://169.254.169.254/')).rejects.toEqual(failed('address_refused'))
    await expect(guarded().fetchFor()('file:///etc/passwd')).rejects.toEqual(failed('url_refused'))
    expect(server.connections()).toBe(0)
    expect((await guarded('127.0.0.1').fetchFor()(server.url)).status).toBe(204)
  })

  test('[OUT-5] a name is judged by the address it leads to', async () => {
    const server = await inbox()
    const { fetchFor } = guarded('', { lookup: leadsTo('127.0.0.1') })
    await expect(fetchFor()(`http://api.example:${server.port}/`)).rejects.toEqual(failed('address_refused'))
    expect(server.connections()).toBe(0)
  })

  test('[OUT-13] what the operator named for one purpose is open to no other, not even over a connection that is there', async () => {
    const server = await inbox()
    const url = `http://api.lan:${server.port}/`
    const { fetchFor } = guarded('', { lookup: leadsTo('127.0.0.1') })
    const [named, other] = [fetchFor(hostsOf([url])), fetchFor()]
    expect((await named(url)).status).toBe(204)
    await expect(other(url)).rejects.toEqual(failed('address_refused'))
    await expect(named(`http://api.lan:${server.port + 1}/`)).rejects.toEqual(failed('address_refused'))
    await expect(named(`http://127.0.0.1:${server.port}/`)).rejects.toEqual(failed('address_refused'))
  })

  test.each(['http://127.0.0.1:81', 'http://[::1]:81/x', 'https://api.lan', 'http://localhost:81'])(
    '[OUT-13] %s names one host and one port',
    url => {
      const { hostname, port } = new URL(url)
      const host = hostname.replace(/[[\]]/g, '')
      const allowed = hostsOf([url])
      const at = (number: number) => allowed.hasName(host, number) || allowed.hasAddress(host, number)
      expect([at(Number(port || 443)), at(80)]).toEqual([true, false])
    },
  )
})

describe('what it is asked and what it answers', () => {
  test('[OUT-14] method, headers and body arrive, from a Request as well; status, headers and body come back', async () => {
    const server = await inbox((_, response) => response.writeHead(418, { 'x-tea': 'pot' }).end('short and stout'))
    const fetch = guarded('127.0.0.1').fetchFor()
    const init = { method: 'PUT', headers: { 'x-a': 'b' }, body: 'tea' }
    for (const asked of [fetch(server.url, init), fetch(new Request(server.url, init))]) {
      const answer = await asked
      expect(answer.status).toBe(418)
      expect(answer.headers.get('x-tea')).toBe('pot')
      expect(await answer.text()).toBe('short and stout')
      expect(await server.next()).toMatchObject({ method: 'PUT', body: 'tea', headers: { 'x-a': 'b' } })
    }
  })

  test('[OUT-14] pieces arrive as they are sent', async () => {
    const second = Promise.withResolvers<void>()
    const { url } = await serveHttp(async (_, response) => {
      response.write('one')
      await second.promise
      response.end('two')
    })
    const { body } = await guarded('127.0.0.1').fetchFor()(url)
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe('one')
    second.resolve()
    expect((await reader?.read())?.value).toBe('two')
  })

  test.each([204, 205, 304])('[OUT-14] %i has no body', async status => {
    const { url } = await serveHttp((_, response) => response.writeHead(status).end())
    expect(await guarded('127.0.0.1').fetchFor()(url)).toMatchObject({ status, body: null })
  })

  test('[OUT-15] a redirect is an answer, and nobody is called', async () => {
    const other = await inbox()
    const server = await inbox((_, response) => response.writeHead(302, { location: other.url }).end())
    const answer = await guarded('127.0.0.1').fetchFor()(server.url, { headers: { authorization: 'Bearer secret' } })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, other.url])
    expect(other.connections()).toBe(0)
  })
})

describe('limits', () => {
  test('[OUT-16] a longer body is cut off', async () => {
    const { url } = await serveHttp((_, response) => {
      response.writeHead(200)
      const more = () => response.write(Buffer.alloc(1024 * 1024)) && setImmediate(more)
      response.on('drain', more)
      more()
    })
    const answer = await guarded('127.0.0.1').fetchFor()(url)
    await expect(answer.arrayBuffer()).rejects.toEqual(failed('answer_too_large'))
  })

  test('[OUT-16] a body that nobody wants ends its connection', async () => {
    const ended = Promise.withResolvers<void>()
    const { url } = await serveHttp((_, response) => {
      response.on('close', ended.resolve).write('so')
    })
    const answer = await guarded('127.0.0.1').fetchFor()(url)
    await answer.body?.cancel()
    await ended.promise
  })

  test('[OUT-16] the signal ends a call before it has a connection, and while it is answered', async () => {
    const end = new AbortController()
    const never: Lookup = () => undefined
    const call = guarded('', { lookup: never }).fetchFor()('http://api.example/', { signal: end.signal })
    end.abort()
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })

    const later = new AbortController()
    const { url } = await serveHttp((_, response) => response.write('so'))
    const answer = await guarded('127.0.0.1').fetchFor()(url, { signal: later.signal })
    later.abort()
    await expect(answer.text()).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('[OUT-16] closing ends every call', async () => {
    const server = await inbox(() => undefined)
    const calls = guarded('127.0.0.1')
    const call = calls.fetchFor()(server.url)
    await server.next()
    await calls.close()
    await expect(call).rejects.toEqual(failed('cancelled'))
  })
})

test('[OUT-14] an answer that is not HTTP, or cut off, is a failure', async () => {
  const server = await inbox((request, response) => {
    if (request.path === '/cut') response.writeHead(200, { 'content-length': '10' }).write('short')
    response.socket?.end(request.path === '/cut' ? '' : 'nonsense')
  })
  const fetch = guarded('127.0.0.1').fetchFor()
  await expect(fetch(`${server.url}/`)).rejects.toEqual(failed('answer_broken'))
  const answer = await fetch(`${server.url}/cut`)
  await expect(answer.text()).rejects.toEqual(failed('answer_broken'))
})
