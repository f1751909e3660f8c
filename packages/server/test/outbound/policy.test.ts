import { expect, test } from 'vitest'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { createPolicy } from '../../src/outbound/policy.ts'

const policy = (allowed = '') => createPolicy(readAllowed(allowed).allowed)

test.each([
  ['', 'not a URL'],
  ['/relative', 'no host'],
  ['ftp://example.com/', 'another scheme'],
  ['file:///etc/passwd', 'a file'],
  ['gopher://example.com:25/', 'another scheme'],
  ['javascript:alert(1)', 'a script'],
  ['https://user@example.com/', 'a user name'],
  ['https://user:secret@example.com/', 'a password'],
  ['https://:secret@example.com/', 'a password alone'],
  ['http://example.com:0/', 'no port to connect to'],
  ['http://exa mple.com/', 'a host that is none'],
])('[OUT-2] %s may not be stored: %s', url => {
  expect(policy('0.0.0.0/0 ::/0').fault(url)).toBe('url_refused')
  expect(policy('0.0.0.0/0 ::/0').mayCall(url)).toBe(false)
})

test.each([
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://%31%32%37.0.0.1/',
  'http://１２７.0.0.1/',
  'http://127.0.0.1./',
  'http:127.0.0.1',
  'http:\\\\127.0.0.1\\a',
  'ht\ntp://127.0.0.1/',
  'http://0/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::1]/',
  'http://[::]:8000/',
  'http://[::ffff:169.254.169.254]/',
  'http://[64:ff9b::10.0.0.1]/',
  'http://localhost/',
  'http://LOCALHOST.:9/',
  'https://hooks.localhost/',
])('[OUT-2] %j leads to a private address in whatever spelling', url => {
  expect(policy().fault(url)).toBe('address_refused')
  expect(policy().mayCall(url)).toBe(false)
})

test.each([
  'https://example.com/hook?key=1#part',
  'http://example.com:8080/',
  'http://93.184.216.34/',
  'https://[2606:4700::1111]/',
  'https://intranet/',
  'https://xn--bcher-kva.example/',
])('[OUT-2] %s may be stored; a name is judged when it is dialled', url => expect(policy().mayCall(url)).toBe(true))

test.each([
  ['hooks.lan', 'hooks.lan', '10.0.0.1', 80, true],
  ['hooks.lan', 'HOOKS.lan.', '10.0.0.1', 80, true],
  ['hooks.lan', 'a.hooks.lan', '10.0.0.1', 80, false],
  ['hooks.lan:8080', 'hooks.lan', '10.0.0.1', 8080, true],
  ['hooks.lan:8080', 'hooks.lan', '10.0.0.1', 80, false],
  ['bücher.lan', 'xn--bcher-kva.lan', '10.0.0.1', 80, true],
  ['10.0.0.1', '10.0.0.1', '10.0.0.1', 1, true],
  ['10.0.0.1', 'any.name', '10.0.0.1', 1, true],
  ['10.0.0.1', '10.0.0.2', '10.0.0.2', 1, false],
  ['10.0.0.1:80', '10.0.0.1', '10.0.0.1', 80, true],
  ['10.0.0.1:80', '10.0.0.1', '10.0.0.1', 81, false],
  ['10.1.0.0/16', '10.1.255.255', '10.1.255.255', 1, true],
  ['10.1.0.0/16', '10.2.0.0', '10.2.0.0', 1, false],
  ['10.1.0.0/16:443', '10.1.0.1', '10.1.0.1', 443, true],
  ['10.1.0.0/16:443', '10.1.0.1', '10.1.0.1', 80, false],
  ['10.1.0.0/16', 'mapped', '::ffff:10.1.0.1', 80, true],
  ['fd00::1', 'fd00::1', 'fd00::1', 1, true],
  ['[fd00::1]', 'fd00::1', 'fd00:0::1', 1, true],
  ['[fd00::1]:80', 'fd00::1', 'fd00::1', 80, true],
  ['[fd00::1]:80', 'fd00::1', 'fd00::1', 81, false],
  ['fd00::/8', 'fdff::1', 'fdff::1', 1, true],
  ['[fd00::/8]:443', 'fdff::1', 'fdff::1', 443, true],
  ['[fd00::/8]:443', 'fdff::1', 'fdff::1', 80, false],
  ['one.lan, 10.0.0.1\n two.lan', 'two.lan', '10.9.9.9', 80, true],
  ['one.lan,,10.0.0.1', 'x', '10.0.0.1', 80, true],
  ['', 'hooks.lan', '10.0.0.1', 80, false],
] as const)('[OUT-3] with OUTBOUND_ALLOW=%j, %s at %s port %i: %j', (setting, host, address, port, expected) => {
  const { allowed, wrong } = readAllowed(setting)
  expect(wrong).toEqual([])
  expect(createPolicy(allowed).mayDial(host.toLowerCase().replace(/\.$/, ''), address, port)).toBe(expected)
})

test('[OUT-3] what is allowed may be stored', () => {
  expect(policy('127.0.0.1:9000').mayCall('http://127.0.0.1:9000/')).toBe(true)
  expect(policy('127.0.0.1:9000').mayCall('http://127.0.0.1:9001/')).toBe(false)
  expect(policy('127.0.0.1').mayCall('http://localhost/')).toBe(true)
  expect(policy('localhost:9000').mayCall('http://localhost:9000/')).toBe(true)
  expect(policy('[::1]:443').mayCall('https://[::1]/')).toBe(true)
})

test.each([
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '10.0.0.0/1e1',
  '10.0.0.1:0',
  '10.0.0.1:65536',
  '10.0.0.1:',
  'fd00::/129',
  '[fd00::1',
  '[hooks.lan]:80x',
  'http://hooks.lan',
  'hooks.lan/path',
  'hooks.lan/8',
  '*.lan',
  '-lan',
  'a..b',
  '127.1',
  ':80',
])('[OUT-3] %s in OUTBOUND_ALLOW is named as wrong and allows nothing', entry => {
  const { allowed, wrong } = readAllowed(`one.lan ${entry}`)
  expect(wrong).toEqual([entry])
  expect(allowed.hasAddress('10.0.0.1', 80)).toBe(false)
  expect(allowed.hasAddress('127.0.0.1', 80)).toBe(false)
  expect(allowed.hasName('hooks.lan', 80)).toBe(false)
  expect(allowed.hasName('one.lan', 80)).toBe(true)
})
