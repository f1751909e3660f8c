import { BlockList, isIP } from 'node:net'

// IPv4 blocks that do not lead to a host of the public internet, by the registry of special-purpose addresses.
const SPECIAL_4 = [
  ['0.0.0.0', 8], // this network; many systems dial their own loopback for it
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT, and the metadata service of one cloud
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // metadata service of one cloud, on an address that looks public
  ['169.254.0.0', 16], // link-local, and the metadata services of most clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24], // the old relays of 6to4
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** NAT64: the last 32 bits are an IPv4 address, and it is that address that is reached. */
const NAT64 = '64:ff9b::'
/** IPv4 written as IPv6. A BlockList applies its IPv4 rules to these by itself. */
const MAPPED = '::ffff:0:0'

// What lies outside of these is loopback, link-local, unique local, multicast, or not given out.
const GLOBAL_6 = [
  ['2000::', 3],
  [NAT64, 96],
  [MAPPED, 96],
] as const

const SPECIAL_6 = [
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: whose IPv4 address answers is up to whoever routes it
  ['3fff::', 20],
] as const

const special = new BlockList()
for (const [net, bits] of SPECIAL_4) {
  special.addSubnet(net, bits, 'ipv4')
  special.addSubnet(NAT64 + net, 96 + bits, 'ipv6')
}
for (const [net, bits] of SPECIAL_6) special.addSubnet(net, bits, 'ipv6')

const global6 = new BlockList()
for (const [net, bits] of GLOBAL_6) global6.addSubnet(net, bits, 'ipv6')

/** Whether `address` is an IP address of a host on the public internet. False for everything that is no address. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4')
    case 6:
      return global6.check(address, 'ipv6') && !special.check(address, 'ipv6')
    default:
      return false
  }
}
