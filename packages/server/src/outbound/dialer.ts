import type { LookupAddress, LookupOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { Failed } from './failures.ts'
import { type DialPolicy, target } from './policy.ts'

/** Longest wait for a connection, name and TLS included, in milliseconds. A call gives up earlier by its own limit. */
export const CONNECT_TIMEOUT = 10_000

/** `dns.lookup`, in the form that gives every address of a name. */
export type Lookup = (
  name: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Opens connections to permitted addresses only. Nothing is resolved a second time after it was judged. */
export function dialer(policy: DialPolicy, lookup: Lookup): buildConnector.connector {
  return (options, done) => {
    const { host, port } = target(options)
    if (isIP(host) && !policy.mayDial(host, host, port)) return done(new Failed('address_refused'), null)
    const connect = buildConnector({
      timeout: CONNECT_TIMEOUT,
      lookup: judged(lookup, address => policy.mayDial(host, address, port)),
    })
    connect(options, done)
  }
}

/** `lookup`, failing for a name when one of its addresses is not permitted. */
function judged(lookup: Lookup, permitted: (address: string) => boolean): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) return done(error ?? new Failed('name_unknown'), '')
      if (!addresses.every(({ address }) => permitted(address))) return done(new Failed('address_refused'), '')
      if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}
