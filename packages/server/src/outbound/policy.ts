import { isIP } from 'node:net'
import type { OutboundPolicy } from '../core/ports/outbound.ts'
import { isPublic } from './addresses.ts'
import type { Allowed } from './allowed.ts'

/** Judges where the server may connect to. */
export interface DialPolicy extends OutboundPolicy {
  /** What keeps a URL from being called; undefined when nothing does. Names are judged when they are dialled. */
  fault(url: string): 'url_refused' | 'address_refused' | undefined
  /** Whether `address`, to which the name or address `host` led, may be connected to. */
  mayDial(host: string, address: string, port: number): boolean
}

export function createPolicy(allowed: Allowed): DialPolicy {
  const mayDial = (host: string, address: string, port: number) =>
    isPublic(address) || allowed.hasName(host, port) || allowed.hasAddress(address, port)

  const fault = (text: string) => {
    const url = URL.parse(text)
    if (!url || !isHttp(url) || url.username !== '' || url.password !== '' || url.port === '0') return 'url_refused'
    const { host, port } = target(url)
    const addresses = knownAddresses(host)
    return addresses && !addresses.some(address => mayDial(host, address, port)) ? 'address_refused' : undefined
  }

  return { fault, mayDial, mayCall: url => fault(url) === undefined }
}

/** The host without brackets and final dot, and the port, that a connection goes to. */
export function target(url: { readonly hostname: string; readonly protocol: string; readonly port?: string }) {
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '')
  return { host, port: url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80 }
}

/** Where `host` leads as far as that is known without asking a resolver. */
function knownAddresses(host: string): readonly string[] | undefined {
  if (isIP(host)) return [host]
  return host === 'localhost' || host.endsWith('.localhost') ? ['127.0.0.1', '::1'] : undefined
}

const isHttp = (url: URL): boolean => url.protocol === 'http:' || url.protocol === 'https:'
