import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPublic } from '../../src/outbound/addresses.ts'

// First and last address of every block, and where they are public the neighbours of both.
const BLOCKS_4 = [
  ['0.0.0.0', '0.255.255.255', null, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['168.63.129.16', '168.63.129.16', '168.63.129.15', '168.63.129.17'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
  ['192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
  ['224.0.0.0', '255.255.255.255', '223.255.255.255', null],
] as const

const hex = (address: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/** Ways to write an IPv4 address that reach the same host. */
const FORMS = {
  plain: (address: string) => address,
  mapped: (address: string) => `::ffff:${address}`,
  'mapped in hex': (address: string) => `::ffff:${hex(address)}`,
  'mapped in full': (address: string) => `0:0:0:0:0:FFFF:${hex(address).toUpperCase()}`,
  'behind NAT64': (address: string) => `64:ff9b::${address}`,
  'behind NAT64 in hex': (address: string) => `64:ff9b::${hex(address)}`,
}

for (const [form, write] of Object.entries(FORMS)) {
  test(`[OUT-1] IPv4 blocks that are not public end exactly where they should, ${form}`, () => {
    for (const [first, last, before, behind] of BLOCKS_4) {
      expect([write(first), isPublic(write(first))]).toEqual([write(first), false])
      expect([write(last), isPublic(write(last))]).toEqual([write(last), false])
      if (before) expect([write(before), isPublic(write(before))]).toEqual([write(before), true])
      if (behind) expect([write(behind), isPublic(write(behind))]).toEqual([write(behind), true])
    }
  })
}

test('[OUT-1] every address of a private block is private, however it is written', () => {
  const blocks = BLOCKS_4.map(([first, last]) => [number(first), number(last)] as const)
  const inside = fc.constantFrom(...blocks).chain(([min, max]) => fc.integer({ min, max }))
  fc.assert(
    fc.property(inside, fc.constantFrom(...Object.values(FORMS)), (value, write) => !isPublic(write(dotted(value)))),
  )
})

const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const dotted = (value: number) => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')

test.each([
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['IPv4-compatible', '::8.8.8.8'],
  ['NAT64 of a network of its own', '64:ff9b:1::808:808'],
  ['discard only', '100::1'],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['protocol assignments', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['documentation', '2001:db8::1'],
  ['documentation', '3fff:fff:ffff::1'],
  ['6to4 of a public address', '2002:808:808::1'],
  ['6to4 of a private address', '2002:a00:1::1'],
  ['segment routing', '5f00::1'],
  ['unique local', 'fc00::1'],
  ['unique local, a metadata service', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['link-local with a zone', 'fe80::1%lo'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
  ['not given out', '4000::1'],
])('[OUT-1] IPv6 that is not public: %s %s', (_, address) => {
  expect(isIPv6(address)).toBe(true)
  expect(isPublic(address)).toBe(false)
})

test.each(['2001:200::1', '2001:4860:4860::8888', '2606:4700::1111', '2a00:1450::1', '3ffe:ffff::1', '2003::1'])(
  '[OUT-1] public IPv6: %s',
  address => expect(isPublic(address)).toBe(true),
)

test.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '0x8080808', '010.8.8.8', '8.8.8.8 ', '[2606:4700::1111]', ':::'])(
  '[OUT-1] what is no address is not public: %j',
  text => expect(isPublic(text)).toBe(false),
)
