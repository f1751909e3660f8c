import { BlockList, isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/** Destinations that the operator lets the server call although they are not public. */
export interface Allowed {
  /** By name: whatever address `host` leads to. `host` is lowercase ASCII without a final dot. */
  hasName(host: string, port: number): boolean
  hasAddress(address: string, port: number): boolean
}

/**
 * Reads the setting: entries separated by commas or blanks, each a host name, an address or a block of addresses,
 * alone or with a port: `hooks.lan`, `10.0.0.5:8080`, `10.1.0.0/16`, `[fd00::/8]:443`. `wrong` names the entries that
 * are none of these; they allow nothing.
 */
export function readAllowed(text: string): { readonly allowed: Allowed; readonly wrong: readonly string[] } {
  const names = new Set<string>()
  const blocks = new Map<number | null, BlockList>()
  const wrong: string[] = []
  for (const entry of text.split(/[\s,]+/).filter(part => part !== '')) {
    const rule = readRule(entry)
    if (rule === undefined) wrong.push(entry)
    else if ('name' in rule) names.add(placeName(rule.name, rule.port))
    else blockOf(blocks, rule.port).addSubnet(rule.net, rule.bits, rule.family)
  }
  const allowed: Allowed = {
    hasName: (host, port) => names.has(host) || names.has(placeName(host, port)),
    hasAddress: (address, port) => covers(blocks.get(null), address) || covers(blocks.get(port), address),
  }
  return { allowed, wrong }
}

/** What one of the two allows. */
export const either = (one: Allowed, other: Allowed): Allowed => ({
  hasName: (host, port) => one.hasName(host, port) || other.hasName(host, port),
  hasAddress: (address, port) => one.hasAddress(address, port) || other.hasAddress(address, port),
})

type Rule = { readonly port: number | null } & (
  | { readonly name: string }
  | { readonly net: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' }
)

const placeName = (host: string, port: number | null): string => (port === null ? host : `${host}:${port}`)

function blockOf(blocks: Map<number | null, BlockList>, port: number | null): BlockList {
  const block = blocks.get(port) ?? new BlockList()
  blocks.set(port, block)
  return block
}

function covers(block: BlockList | undefined, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && block !== undefined && block.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

function readRule(entry: string): Rule | undefined {
  const whole = readPlace(entry, null)
  if (whole) return whole
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(entry) ?? []
  const place = bracketed ?? plain
  const port = digits === undefined ? null : Number(digits)
  if (place === undefined || port === 0 || (port ?? 0) > 65_535) return undefined
  return readPlace(place, port)
}

function readPlace(text: string, port: number | null): Rule | undefined {
  const [net = '', length, ...more] = text.split('/')
  const family = isIP(net)
  if (more.length > 0 || (family === 0 && length !== undefined)) return undefined
  if (family === 0) return readName(text, port)
  const most = family === 4 ? 32 : 128
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return bits <= most ? { net, bits, family: family === 4 ? 'ipv4' : 'ipv6', port } : undefined
}

const NAME = /^(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

function readName(text: string, port: number | null): Rule | undefined {
  const name = domainToASCII(text).replace(/\.$/, '')
  return NAME.test(name) && isIP(name) === 0 ? { name, port } : undefined
}
