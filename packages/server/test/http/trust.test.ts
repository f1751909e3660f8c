import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge, proxyList, type TrustQuestion, type TrustSettings } from '../../src/sessions/trust.ts'
import { character } from '../unicode.ts'

const plain: TrustSettings = { publicUrl: null, trustProxy: [], allowedOrigins: [], allowedHosts: [] }
const home: TrustSettings = { ...plain, publicUrl: 'https://chat.example' }

const ask = (
  headers: TrustQuestion['headers'],
  { settings = plain, peer = '127.0.0.1', secure = false }: Partial<TrustQuestion> & { settings?: TrustSettings } = {},
) => judge({ headers, peer, secure }, settings)

describe('local use', () => {
  const hosts = ['localhost', 'localhost:8000', 'LOCALHOST', 'localhost.', '127.0.0.1:8000', '127.9.9.9', '[::1]:8000']
  it.each(hosts)('[HTTP-1] is a loopback Host from a loopback peer: %s', host => {
    for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1']) {
      expect(ask({ host }, { peer }).local).toBe(true)
    }
  })

  it.each(['10.0.0.1', '192.168.1.2', '::2', 'fe80::1%eth0', '', 'localhost'])('[HTTP-1] is not a peer at %s', peer => {
    expect(ask({ host: 'localhost' }, { peer }).local).toBe(false)
  })

  it.each([undefined, 'evil.example', '10.0.0.1', 'localhost.evil.example', '127.0.0.1.nip.io', ''])(
    '[HTTP-1] is not a Host of %s',
    host => expect(ask(host === undefined ? {} : { host }).local).toBe(false),
  )

  it.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-anything'])(
    '[HTTP-1] is over once something passed the request on: %s',
    header => expect(ask({ host: 'localhost', [header]: '' }).local).toBe(false),
  )

  it('[HTTP-1] does not exist once the server was said to be reachable from elsewhere', () => {
    expect(ask({ host: 'localhost' }, { settings: home }).local).toBe(false)
    expect(ask({ host: 'localhost' }, { settings: { ...plain, trustProxy: ['10.0.0.0/8'] } }).local).toBe(false)
  })
})

describe('the Host', () => {
  it.each(['1.2.3.4', '1.2.3.4:80', '[2001:db8::1]', '[2001:DB8::1]:8000', 'localhost:1', '127.0.0.1.'])(
    '[HTTP-2] is known when it is an address or localhost: %s',
    host => expect(ask({ host }).host).toBe('known'),
  )

  const junk = [
    'evil.example',
    '1.2.3.4.5',
    '[::g]',
    '[1.2.3.4]',
    '::1',
    'a b',
    'localhost,evil.example',
    'localhost/x',
  ]
  it.each([
    ...junk,
    'user@localhost',
    'localhost:',
    'localhost:x',
    'localhost:123456',
    '',
    '.',
    '0x7f.1',
    'localhost\t',
  ])('[HTTP-2] is unknown otherwise: %j', host => expect(ask({ host }).host).toBe('unknown'))

  it('[HTTP-2] is unknown when missing', () => expect(ask({}).host).toBe('unknown'))

  it.each(['chat.example', 'CHAT.example:8443', 'chat.example.'])('[HTTP-2] is known by PUBLIC_URL: %s', host => {
    expect(ask({ host }, { settings: home }).host).toBe('known')
    expect(ask({ host: `x${host}` }, { settings: home }).host).toBe('unknown')
  })

  it('[HTTP-2] is known by ALLOWED_HOSTS, written with or without port, in any alphabet', () => {
    const settings = { ...plain, allowedHosts: ['one.example:9000', 'Bücher.example'] }
    expect(ask({ host: 'one.example' }, { settings }).host).toBe('known')
    expect(ask({ host: 'xn--bcher-kva.example:1' }, { settings }).host).toBe('known')
    expect(ask({ host: 'two.example' }, { settings }).host).toBe('unknown')
  })

  it('[HTTP-2] is the first of several Host lines, as the server reads them', async () => {
    const seen = Promise.withResolvers<string>()
    const server = createServer((request, response) => {
      seen.resolve(judge({ headers: request.headers, peer: '127.0.0.1', secure: false }, plain).host)
      response.end()
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', seen.reject)
    socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect(await seen.promise).toBe('unknown')
    await new Promise(resolve => server.close(resolve))
  })
})

describe('the Origin', () => {
  it('[HTTP-3] may be missing', () => expect(ask({ host: 'localhost' }).origin).toBe('none'))

  it.each(['http://localhost', 'http://localhost:5173', 'http://127.0.0.1:3000', 'HTTP://LOCALHOST:1'])(
    '[HTTP-3] may be any page of this machine in local use: %s',
    origin => {
      expect(ask({ host: 'localhost:8000', origin }).origin).toBe('allowed')
      expect(ask({ host: 'localhost:8000', origin }, { settings: home }).origin).toBe('foreign')
      expect(ask({ host: 'localhost:8000', origin, via: '1.1 x' }).origin).toBe('foreign')
    },
  )

  const junk = ['null', '', 'http://evil.example', 'http://localhost.evil.example', 'https://localhost:8443']
  const forms = [
    'http://localhost@evil.example',
    'http://localhost/evil',
    'http://localhost, http://localhost',
    'localhost',
  ]
  it.each([...junk, ...forms, 'file://', 'http://', 'http://local host', 'http://[::1', '*'])(
    '[HTTP-3] is foreign otherwise: %j',
    origin => expect(ask({ host: 'localhost:8000', origin }).origin).toBe('foreign'),
  )

  it.each([
    ['10.0.0.5:8000', 'http://10.0.0.5:8000', false],
    ['10.0.0.5', 'http://10.0.0.5:80', false],
    ['10.0.0.5:443', 'https://10.0.0.5', true],
    ['[2001:DB8:0::1]:8000', 'http://[2001:db8::1]:8000', false],
  ])('[HTTP-3] is our own when scheme, Host and port are: %s and %s', (host, origin, secure) => {
    expect(ask({ host, origin }, { secure, peer: '10.0.0.9' }).origin).toBe('allowed')
    expect(ask({ host, origin }, { secure: !secure, peer: '10.0.0.9' }).origin).toBe('foreign')
    expect(ask({ host: '10.0.0.6', origin }, { secure, peer: '10.0.0.9' }).origin).toBe('foreign')
  })

  it('[HTTP-3] is our own at PUBLIC_URL, whatever Host a proxy sends', () => {
    expect(ask({ host: '127.0.0.1:8000', origin: 'https://chat.example' }, { settings: home }).origin).toBe('allowed')
    expect(ask({ host: '127.0.0.1:8000', origin: 'http://chat.example' }, { settings: home }).origin).toBe('foreign')
    expect(ask({ host: '127.0.0.1:8000', origin: 'https://chat.example:444' }, { settings: home }).origin).toBe(
      'foreign',
    )
  })

  it('[HTTP-3] may be one of ALLOWED_ORIGINS, `null` only when listed', () => {
    const settings = { ...home, allowedOrigins: ['https://App.example:443', 'null', 'tauri://localhost'] }
    for (const origin of ['https://app.example', 'null', 'tauri://localhost']) {
      expect(ask({ host: 'chat.example', origin }, { settings }).origin).toBe('allowed')
      expect(ask({ host: 'chat.example', origin }, { settings: home }).origin).toBe('foreign')
    }
  })

  it('[HTTP-3] takes the scheme from a trusted proxy only', () => {
    const settings = { ...plain, trustProxy: ['loopback'], allowedHosts: ['chat.example'] }
    const headers = { host: 'chat.example', origin: 'https://chat.example', 'x-forwarded-proto': 'http, https' }
    expect(ask(headers, { settings }).origin).toBe('allowed')
    expect(ask(headers, { settings, peer: '10.0.0.1' }).origin).toBe('foreign')
    expect(ask({ ...headers, 'x-forwarded-proto': 'http' }, { settings, secure: true }).origin).toBe('foreign')
  })
})

describe('the address of the client', () => {
  const settings = { ...plain, trustProxy: ['loopback', '10.0.0.0/8', '2001:db8::/32'] }
  const via = (forwarded: string | undefined, peer = '127.0.0.1', by: TrustSettings = settings) =>
    ask(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, { peer, settings: by }).address

  it('[HTTP-4] is the peer without a trusted proxy', () => {
    expect(via('6.6.6.6', '1.2.3.4')).toBe('1.2.3.4')
    expect(via('6.6.6.6', '127.0.0.1', plain)).toBe('127.0.0.1')
    expect(via(undefined)).toBe('127.0.0.1')
    expect(via(undefined, '::ffff:1.2.3.4')).toBe('1.2.3.4')
    expect(via(undefined, 'fe80::1%eth0')).toBe('fe80::1')
    expect(via('6.6.6.6', '')).toBe('')
  })

  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['6.6.6.6,1.2.3.4 , 10.1.1.1,::1', '1.2.3.4'],
    ['1.2.3.4, ::ffff:10.0.0.1, 2001:db8:0::5', '1.2.3.4'],
    ['1.2.3.4:5678', '1.2.3.4'],
    ['[2a00::1]:443', '2a00::1'],
    ['2A00:0::1', '2a00::1'],
    ['10.0.0.2, 10.0.0.1', '10.0.0.2'],
  ])('[HTTP-4] is the right-most hop that is no proxy of ours: %s', (forwarded, address) => {
    expect(via(forwarded)).toBe(address)
  })

  it.each(['1.2.3.4, unknown', 'x', '', ' , ', '1.2.3.4, _hidden', '1.2.3.4, 999.1.1.1', '1.2.3.4, <script>'])(
    '[HTTP-4] is the proxy when it names no address: %j',
    forwarded => expect(via(forwarded)).toBe('127.0.0.1'),
  )

  it('[HTTP-4] of several header lines reads the last first', () => {
    const headers = { 'x-forwarded-for': ['6.6.6.6', '1.2.3.4'] } as unknown as TrustQuestion['headers'] // unmerged lines
    expect(ask(headers, { settings }).address).toBe('1.2.3.4')
  })

  it.each(['x', '1.2.3.4/33', '::1/129', '1.2.3.4/', '1.2.3.4/8/8', '/8', '', '1.2.3.4/-1'])(
    '[HTTP-4] an entry that is no block is refused: %j',
    entry => expect(() => proxyList([entry])).toThrow(RangeError),
  )
})

it('[HTTP-5] no header makes the judgement throw', () => {
  const header = fc.oneof(fc.string({ unit: character }), fc.ipV4(), fc.ipV6(), fc.webUrl(), fc.domain())
  const names = fc.constantFrom('host', 'origin', 'x-forwarded-for', 'x-forwarded-proto', 'forwarded', '__proto__')
  const settings = { ...home, trustProxy: ['0.0.0.0/0', '::/0'] }
  fc.assert(
    fc.property(fc.dictionary(names, header), fc.oneof(header, fc.constant('::1')), (headers, peer) => {
      for (const by of [plain, settings])
        expect(ask(headers, { settings: by, peer }).local && by === settings).toBe(false)
    }),
    { seed: 7, numRuns: 150 },
  )
})
