import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/** The operator's word on whom to believe. Entries were checked when the settings were read. */
export interface TrustSettings {
  /** Where people reach this server; null when it was never said. */
  readonly publicUrl: string | null
  /** Addresses and CIDR blocks of proxies whose `X-Forwarded-*` headers count; `loopback` stands for this machine. */
  readonly trustProxy: readonly string[]
  /** Origins of pages that may ask without a credential; `null` allows pages without an origin, such as local files. */
  readonly allowedOrigins: readonly string[]
  /** Further names by which this server may be called. */
  readonly allowedHosts: readonly string[]
}

/** What is known of a request before it is read. */
export interface TrustQuestion {
  readonly headers: IncomingHttpHeaders
  /** Address of the other end of the connection. */
  readonly peer: string
  /** Whether the connection itself is encrypted. */
  readonly secure: boolean
}

export interface Judgement {
  /** Address of the client: what limits count and logs show. */
  readonly address: string
  /** Made on this machine, not passed on by a proxy, to a server that was never said to be reachable from elsewhere. */
  readonly local: boolean
  /** A page that rebinds its own name to our address sends a Host that is `unknown`. */
  readonly host: 'known' | 'unknown'
  /** `foreign` is a page of somebody else: it needs a credential of its own. */
  readonly origin: 'none' | 'allowed' | 'foreign'
}

/** Judges a request by its headers and where it came from. Pure; a hostile header makes it stricter, never throws. */
export function judge(request: TrustQuestion, settings: TrustSettings): Judgement {
  const trust = compiled(settings)
  const host = parseHost(request.headers.host)
  const local = isLocal(request, settings, host)
  return {
    address: clientAddress(request, trust.proxies),
    local,
    host: isKnown(host, trust) ? 'known' : 'unknown',
    origin: judgeOrigin(request, trust, host, local),
  }
}

interface Trust {
  readonly proxies: BlockList
  readonly names: ReadonlySet<string>
  readonly origins: ReadonlySet<string>
}

const known = new WeakMap<TrustSettings, Trust>()

function compiled(settings: TrustSettings): Trust {
  const made = known.get(settings) ?? compile(settings)
  known.set(settings, made)
  return made
}

function compile({ publicUrl, trustProxy, allowedOrigins, allowedHosts }: TrustSettings): Trust {
  const home = publicUrl === null ? undefined : new URL(publicUrl)
  const hosts = home ? [...allowedHosts, home.hostname] : allowedHosts
  const origins = home ? [...allowedOrigins, home.origin] : allowedOrigins
  return {
    proxies: proxyList(trustProxy),
    names: new Set(hosts.map(host => parseHost(domainToASCII(host) || host)?.name ?? host)),
    origins: new Set(origins.map(origin => parseOrigin(origin)?.origin ?? origin)),
  }
}

/** The blocks that entries of TRUST_PROXY name. Throws a RangeError that names an entry which is neither address nor CIDR. */
export function proxyList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries.flatMap(entry => (entry === 'loopback' ? ['127.0.0.0/8', '::1'] : [entry]))) {
    const [address = '', bits, ...rest] = entry.split('/')
    const version = isIP(address)
    const widest = version === 4 ? 32 : 128
    const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (version === 0 || rest.length > 0 || !(prefix <= widest)) throw new RangeError(entry)
    list.addSubnet(address, prefix, family(address))
  }
  return list
}

const family = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

const LOOPBACK = proxyList(['loopback'])

const contains = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, family(address))

/** One spelling per address: without a zone, IPv4 inside IPv6 as IPv4. What is no address stays as it is. */
function plainAddress(text: string): string {
  const address = text.replace(/%.*$/, '')
  if (isIP(address) !== 6) return address
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest)
  if (!hex) return shortest
  const [high, low] = [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The right-most hop that is no proxy of ours. A hop that is no address hides its client behind the proxy that named it. */
function clientAddress({ headers, peer }: TrustQuestion, proxies: BlockList): string {
  let address = plainAddress(peer)
  const hops = lines(headers['x-forwarded-for']).flatMap(line => line.split(','))
  while (contains(proxies, address)) {
    const hop = hops.pop()
    const next = hop === undefined ? undefined : hopAddress(hop.trim())
    if (next === undefined) return address
    address = next
  }
  return address
}

/** `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80` as an address. */
function hopAddress(hop: string): string | undefined {
  const bare = isIP(hop) ? hop : (/^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? '')
  return isIP(bare) ? plainAddress(bare) : undefined
}

const lines = (header: string | string[] | undefined): readonly string[] =>
  header === undefined ? [] : Array.isArray(header) ? header : [header]

interface Host {
  /** Lower case, without port, brackets and the dot that ends a full name. */
  readonly name: string
  /** `:8000`, or '' where none was said. */
  readonly port: string
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+?)\.?)(:\d{1,5})?$/i

function parseHost(header: string | undefined): Host | undefined {
  const found = header === undefined ? null : HOST.exec(header)
  const text = found?.[1] ?? found?.[2]
  if (!found || text === undefined || (found[1] !== undefined && isIP(text) !== 6)) return undefined
  return { name: plainAddress(text.toLowerCase()), port: found[3] ?? '' }
}

const isLoopback = (host: Host | undefined): boolean =>
  host !== undefined && (host.name === 'localhost' || contains(LOOPBACK, host.name))

/** Only names can be rebound, so an address is always known. */
const isKnown = (host: Host | undefined, { names }: Trust): boolean =>
  host !== undefined && (host.name === 'localhost' || isIP(host.name) !== 0 || names.has(host.name))

function isLocal({ headers, peer }: TrustQuestion, settings: TrustSettings, host: Host | undefined): boolean {
  if (settings.publicUrl !== null || settings.trustProxy.length > 0) return false
  if (!contains(LOOPBACK, plainAddress(peer)) || !isLoopback(host)) return false
  return !Object.keys(headers).some(name => name === 'forwarded' || name === 'via' || name.startsWith('x-forwarded-'))
}

interface Origin extends Host {
  readonly scheme: string
  readonly origin: string
}

/** An origin as browsers write it, in one spelling; undefined for `null`, several origins and whatever has a path. */
function parseOrigin(text: string): Origin | undefined {
  const found = /^(https?):\/\/([^/?#@\s,]+)$/i.exec(text)
  const host = parseHost(found?.[2])
  const scheme = found?.[1]?.toLowerCase()
  return host && scheme ? { ...host, scheme, origin: originOf(scheme, host) } : undefined
}

const DEFAULT_PORT: Record<string, string> = { http: ':80', https: ':443' }

const originOf = (scheme: string, { name, port }: Host): string =>
  `${scheme}://${isIP(name) === 6 ? `[${name}]` : name}${port === DEFAULT_PORT[scheme] ? '' : port}`

function judgeOrigin(
  request: TrustQuestion,
  trust: Trust,
  host: Host | undefined,
  local: boolean,
): Judgement['origin'] {
  const { origin: text } = request.headers
  if (text === undefined) return 'none'
  const origin = parseOrigin(text)
  if (!origin) return trust.origins.has(text) ? 'allowed' : 'foreign'
  const own = host && originOf(isSecure(request, trust.proxies) ? 'https' : 'http', host)
  const near = local && origin.scheme === 'http' && (origin.name === 'localhost' || origin.name === '127.0.0.1')
  return near || origin.origin === own || trust.origins.has(origin.origin) ? 'allowed' : 'foreign'
}

/** Whether the browser's end was encrypted: what the nearest proxy says if it is ours, else what the connection is. */
function isSecure({ headers, peer, secure }: TrustQuestion, proxies: BlockList): boolean {
  const said = lines(headers['x-forwarded-proto']).join().split(',').at(-1)?.trim().toLowerCase()
  return said && contains(proxies, plainAddress(peer)) ? said === 'https' : secure
}
