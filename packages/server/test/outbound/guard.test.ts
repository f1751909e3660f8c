import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { dialer, type Lookup } from '../../src/outbound/dialer.ts'
import { createGuard, type GuardSettings, type OutboundCall } from '../../src/outbound/guard.ts'
import { createPolicy } from '../../src/outbound/policy.ts'
import { certificate, inbox, listen, serveHttp, serveHttps } from './servers.ts'
import { ownTime } from './time.ts'

function guarded(allow: string, settings: Omit<GuardSettings, 'allowed'> = {}) {
  const guard = createGuard({ allowed: readAllowed(allow).allowed, ...settings })
  onTestFinished(() => guard.close())
  const get = (url: string, more: Partial<OutboundCall> = {}) =>
    guard.call({ method: 'GET', url, timeout: 10_000, bodyMax: 1_000, ...more })
  return { ...guard, get }
}

/** A resolver that knows what it was told: one list of addresses per question, the last for all that follow. */
function resolver(...answers: (readonly string[])[]) {
  const asked: string[] = []
  const lookup: Lookup = (name, _, done) => {
    const addresses = answers[Math.min(asked.push(name), answers.length) - 1] ?? []
    done(
      null,
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return { lookup, asked }
}

const failed = (failure: string) => expect.objectContaining({ state: 'failed', failure })

describe('where a call may go', () => {
  test('[OUT-4] a private address is refused without a connection, an allowed one is called', async () => {
    const server = await inbox()
    expect(await guarded('').get(server.url)).toEqual(failed('address_refused'))
    expect(await guarded(`127.0.0.1:${server.port + 1}`).get(server.url)).toEqual(failed('address_refused'))
    expect(server.connections()).toBe(0)
    expect(await guarded(`127.0.0.1:${server.port}`).get(server.url)).toMatchObject({ state: 'answered', status: 204 })
  })

  test('[OUT-4] whoever dials past the check of the URL is stopped at the address', async () => {
    const server = await inbox()
    const dial = dialer(createPolicy(readAllowed('').allowed), resolver().lookup)
    const options = { hostname: '127.0.0.1', host: '127.0.0.1', protocol: 'http:', port: String(server.port) }
    const error = await new Promise(resolve => dial(options, (...[error]) => resolve(error)))
    expect(error).toMatchObject({ failure: 'address_refused' })
    expect(server.connections()).toBe(0)
  })

  test('[OUT-4] a URL that is not http, or has credentials in it, is refused', async () => {
    const { get } = guarded('0.0.0.0/0')
    expect(await get('ftp://127.0.0.1/')).toEqual(failed('url_refused'))
    expect(await get('http://user:secret@127.0.0.1/')).toEqual(failed('url_refused'))
  })

  test('[OUT-5] a name is judged by the addresses it leads to', async () => {
    const server = await inbox()
    const url = `http://hooks.example:${server.port}/`
    const { lookup, asked } = resolver(['127.0.0.1'])
    expect(await guarded('', { lookup }).get(url)).toEqual(failed('address_refused'))
    expect(server.connections()).toBe(0)
    expect(await guarded('127.0.0.0/8', { lookup }).get(url)).toMatchObject({ status: 204 })
    expect(await guarded('hooks.example', { lookup }).get(url)).toMatchObject({ status: 204 })
    expect(asked).toEqual(['hooks.example', 'hooks.example', 'hooks.example'])
  })

  test.each([
    ['first', ['10.0.0.1', '127.0.0.1']],
    ['last', ['127.0.0.1', '10.0.0.1']],
    ['in IPv6', ['127.0.0.1', '::ffff:10.0.0.1']],
  ])('[OUT-5] one forbidden address among permitted ones is enough to refuse the name: %s', async (_, addresses) => {
    const server = await inbox()
    const { lookup } = resolver(addresses)
    const { get } = guarded('127.0.0.1', { lookup })
    expect(await get(`http://hooks.example:${server.port}/`)).toEqual(failed('address_refused'))
    expect(server.connections()).toBe(0)
  })

  test('[OUT-6] a name that changes its address leads nowhere else: what was judged is what is connected to', async () => {
    const permitted = await serveHttp((_, response) => response.setHeader('connection', 'close').end('permitted'))
    const forbidden = await serveHttp((_, response) => response.end('forbidden'), '127.0.0.2', permitted.port)
    const { lookup, asked } = resolver(['127.0.0.1'], ['127.0.0.2'])
    const { get } = guarded('127.0.0.1', { lookup })
    const first = await get(`http://rebinding.example:${permitted.port}/`)
    expect(first.state === 'answered' && Buffer.from(first.body).toString()).toBe('permitted')
    expect(asked).toHaveLength(1)
    expect(await get(`http://rebinding.example:${permitted.port}/`)).toEqual(failed('address_refused'))
    expect(asked).toHaveLength(2)
    expect(forbidden.connections()).toBe(0)
  })

  test('[OUT-6] a connection that was judged is used again', async () => {
    const server = await serveHttp((_, response) => response.end('hello'))
    const { get } = guarded('127.0.0.1', resolver(['127.0.0.1'], ['127.0.0.1'], ['10.0.0.1']))
    for (const _ of Array(5)) expect(await get(`http://hooks.example:${server.port}/`)).toMatchObject({ status: 200 })
    expect(server.connections()).toBeLessThanOrEqual(2)
  })

  test('[OUT-7] no proxy of the environment is used', async () => {
    const proxy = await inbox()
    const server = await inbox()
    for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']) {
      vi.stubEnv(name, proxy.url)
    }
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    vi.stubEnv('no_proxy', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await guarded('127.0.0.1').get(server.url)).toMatchObject({ status: 204 })
    expect(proxy.connections()).toBe(0)
  })
})

describe('redirects', () => {
  test('[OUT-8] are not followed unless the caller asks', async () => {
    const server = await serveHttp((_, response) => response.writeHead(302, { location: '/next' }).end())
    expect(await guarded('127.0.0.1').get(server.url)).toMatchObject({ status: 302, headers: { location: '/next' } })
    expect(server.connections()).toBe(1)
  })

  test('[OUT-8] to a forbidden address are refused like a first URL', async () => {
    const secret = await inbox()
    for (const location of [secret.url, `http://hooks.example:${secret.port}/`, 'ftp://127.0.0.1/']) {
      const server = await serveHttp((_, response) => response.writeHead(302, { location }).end())
      const { get } = guarded(`127.0.0.1:${server.port}`, { lookup: resolver(['127.0.0.1']).lookup })
      const refused = location.startsWith('ftp') ? 'url_refused' : 'address_refused'
      expect(await get(server.url, { redirectsMax: 3 })).toEqual(failed(refused))
    }
    expect(secret.connections()).toBe(0)
  })

  test('[OUT-8] are followed up to the number that the caller gave', async () => {
    const server = await serveHttp((request, response) => {
      const hop = Number(request.url?.slice(1))
      if (hop < 3) response.writeHead(307, { location: `/${hop + 1}` }).end()
      else response.end('there')
    })
    const { get } = guarded('127.0.0.1')
    expect(await get(`${server.url}/0`, { redirectsMax: 3 })).toMatchObject({ status: 200, body: Buffer.from('there') })
    expect(await get(`${server.url}/0`, { redirectsMax: 2 })).toEqual(failed('redirected_too_often'))
  })

  test('[OUT-8] are never followed with a body', async () => {
    const elsewhere = await inbox()
    const server = await serveHttp((_, response) => response.writeHead(307, { location: elsewhere.url }).end())
    const { get } = guarded('127.0.0.1')
    expect(await get(server.url, { method: 'POST', body: 'x', redirectsMax: 3 })).toMatchObject({ status: 307 })
    expect(elsewhere.connections()).toBe(0)
  })

  test('[OUT-8] take the caller’s headers to its own origin only', async () => {
    const elsewhere = await inbox()
    const server = await inbox((request, response) => {
      response.writeHead(302, { location: request.path === '/' ? '/same' : `${elsewhere.url}/other` }).end()
    })
    const headers = { authorization: 'Bearer secret', 'X-Api-Key': 'secret', cookie: 'a=b', Accept: 'text/plain' }
    const { get } = guarded('127.0.0.1')
    expect(await get(server.url, { headers, redirectsMax: 5 })).toMatchObject({ status: 204 })
    await server.next()
    expect((await server.next()).headers).toMatchObject({ authorization: 'Bearer secret', 'x-api-key': 'secret' })
    const { headers: seen } = await elsewhere.next()
    expect(seen.accept).toBe('text/plain')
    expect(JSON.stringify(seen)).not.toMatch(/secret|a=b/)
  })
})

describe('limits', () => {
  test('[OUT-9] a body longer than the caller takes fails, one that just fits does not', async () => {
    const server = await serveHttp((request, response) => response.end('x'.repeat(Number(request.url?.slice(1)))))
    const { get } = guarded('127.0.0.1')
    expect(await get(`${server.url}/1000`)).toMatchObject({ status: 200, body: Buffer.from('x'.repeat(1_000)) })
    expect(await get(`${server.url}/1001`)).toEqual(failed('answer_too_large'))
  })

  test('[OUT-9] a body without end is cut off', async () => {
    const server = await serveHttp((_, response) => {
      const more = (gone?: Error | null) => void (gone || response.write('x'.repeat(10_000), more))
      more()
    })
    const { get } = guarded('127.0.0.1')
    expect(await get(server.url)).toEqual(failed('answer_too_large'))
    expect(await get(server.url, { bodyMax: 0 })).toMatchObject({
      state: 'answered',
      status: 200,
      body: new Uint8Array(),
    })
  })

  test('[OUT-9] a compressed body is not blown up', async () => {
    const server = await serveHttp((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip at all')
    })
    expect(await guarded('127.0.0.1').get(server.url)).toMatchObject({ body: Buffer.from('not gzip at all') })
  })

  test('[OUT-9] a head that is too large fails', async () => {
    const server = await serveHttp((_, response) => response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end())
    expect(await guarded('127.0.0.1').get(server.url)).toEqual(failed('answer_too_large'))
  })

  test('[OUT-10] the limit of time covers a resolver that does not answer', async () => {
    const time = ownTime()
    const asked = Promise.withResolvers<void>()
    const { get } = guarded('127.0.0.1', { after: time.after, lookup: () => asked.resolve() })
    const answer = get('http://hooks.example/', { timeout: 5_000 })
    await asked.promise
    time.pass(5_000)
    expect(await answer).toEqual(failed('timed_out'))
  })

  test('[OUT-10] … a host that accepts the connection and says nothing', async () => {
    const time = ownTime()
    const { get } = guarded('127.0.0.1', { after: time.after })
    for (const scheme of ['http', 'https']) {
      const server = createTcpServer()
      const { port } = await listen(server)
      const answer = get(`${scheme}://127.0.0.1:${port}/`, { timeout: 5_000 })
      await once(server, 'connection')
      time.pass(4_999)
      time.pass(1)
      expect(await answer).toEqual(failed('timed_out'))
    }
  })

  test('[OUT-10] … and a body that trickles', async () => {
    const time = ownTime()
    const begun = Promise.withResolvers<void>()
    const server = await serveHttp((_, response) => void response.write('a', () => begun.resolve()))
    const { get } = guarded('127.0.0.1', { after: time.after })
    const answer = get(server.url, { timeout: 5_000 })
    await begun.promise
    time.pass(5_000)
    expect(await answer).toEqual(failed('timed_out'))
  })

  test('[OUT-10] an answered call leaves no timer behind', async () => {
    const time = ownTime()
    const server = await inbox()
    const { get } = guarded('127.0.0.1', { after: time.after })
    await get(server.url)
    expect(time.waits()).toEqual([])
  })

  test('[OUT-10] the caller can give up', async () => {
    const server = await inbox(() => {})
    const giveUp = new AbortController()
    const { get } = guarded('127.0.0.1')
    const answer = get(server.url, { signal: giveUp.signal })
    await server.next()
    giveUp.abort()
    expect(await answer).toEqual(failed('cancelled'))
  })

  test('[OUT-10] a caller that gave up before causes nothing', async () => {
    const { lookup, asked } = resolver(['127.0.0.1'])
    const { get } = guarded('127.0.0.1', { lookup })
    expect(await get('http://hooks.example/', { signal: AbortSignal.abort() })).toEqual(failed('cancelled'))
    await new Promise(setImmediate)
    expect(asked).toEqual([])
  })

  test('[OUT-10] a closed guard calls nobody and keeps nobody waiting', async () => {
    const server = await inbox(() => {})
    const { get, close } = guarded('127.0.0.1')
    const answer = get(server.url)
    await server.next()
    await close()
    expect(await answer).toEqual(failed('cancelled'))
    expect(await get(server.url)).toEqual(failed('cancelled'))
  })
})

describe('failures', () => {
  test('[OUT-11] have codes: nobody listens', async () => {
    const server = createTcpServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise(resolve => server.close(resolve))
    expect(await guarded('127.0.0.1').get(`http://127.0.0.1:${port}/`)).toEqual(failed('unreachable'))
  })

  test.each([['ENOTFOUND'], ['EAI_AGAIN'], [undefined]])('[OUT-11] a name without an address: %s', async code => {
    const lookup: Lookup = (_name, _options, done) => {
      done(code ? Object.assign(new Error('no such name'), { code }) : null, [])
    }
    expect(await guarded('', { lookup }).get('http://hooks.example/')).toEqual(failed('name_unknown'))
  })

  test.each([
    ['something that is not HTTP', (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    ['a connection that is closed', (socket: Socket) => void socket.end()],
    ['a body that is cut off', (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')],
  ])('[OUT-11] a broken answer: %s', async (_, answer) => {
    const { url } = await listen(createTcpServer(socket => socket.once('data', () => answer(socket))))
    expect(await guarded('127.0.0.1').get(url)).toEqual(failed('answer_broken'))
  })

  test('[OUT-11] a body that nobody wants may be broken', async () => {
    const server = createTcpServer(socket => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'))
    })
    const { url } = await listen(server)
    expect(await guarded('127.0.0.1').get(url, { bodyMax: 0 })).toMatchObject({ state: 'answered', status: 200 })
  })
})

describe('TLS', () => {
  const trusted = tls.getCACertificates('default')
  afterEach(() => tls.setDefaultCACertificates(trusted))

  test('[OUT-12] a certificate that nobody vouches for is refused before anything is sent', async () => {
    let asked = 0
    const { port } = await serveHttps((_, response) => void response.end(String(++asked)))
    expect(await guarded('127.0.0.1').get(`https://127.0.0.1:${port}/`)).toEqual(failed('tls_failed'))
    expect(asked).toBe(0)
  })

  test('[OUT-12] the certificate must be for the name in the URL', async () => {
    tls.setDefaultCACertificates([...trusted, certificate.cert.toString()])
    const { port } = await serveHttps((_, response) => void response.end('hello'))
    const { get } = guarded('127.0.0.1', { lookup: resolver(['127.0.0.1']).lookup })
    expect(await get(`https://mail.test:${port}/`)).toMatchObject({ status: 200 })
    expect(await get(`https://other.test:${port}/`)).toEqual(failed('tls_failed'))
  })

  test('[OUT-12] plain HTTP on an https URL', async () => {
    const { port } = await inbox()
    expect(await guarded('127.0.0.1').get(`https://127.0.0.1:${port}/`)).toEqual(failed('tls_failed'))
  })
})
