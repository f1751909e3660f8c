import dns from 'node:dns'
import { isIP } from 'node:net'
import type { GuardedFetch } from '../core/ports/outbound.ts'
import { type Allowed, either, readAllowed } from './allowed.ts'
import { dialer, type Lookup } from './dialer.ts'
import { Failed } from './failures.ts'
import { createFetching, type Fetching } from './fetching.ts'
import { createPolicy, target } from './policy.ts'

/** Most bytes of an answer that does not come as events. */
const BODY_MAX = 16 * 1024 * 1024

export interface GuardedSettings {
  readonly allowed: Allowed
  /** Resolves names. The system's resolver unless a test brings its own. */
  readonly lookup?: Lookup
}

/** The way out to addresses that people, documents and services gave us. */
export interface GuardedCalls {
  /**
   * A `fetch` that may also call `more`: what the operator named for one purpose. Its connections are its own, so that none to a
   * private address is used again by anybody who may not make it. Called once for each purpose, at the start.
   */
  fetchFor(more?: Allowed): GuardedFetch
  /** Ends open calls and connections. */
  close(): Promise<void>
}

export function createGuardedCalls({ allowed, lookup = dns.lookup }: GuardedSettings): GuardedCalls {
  const opened: Fetching[] = []
  return {
    fetchFor(more) {
      const policy = createPolicy(more ? either(allowed, more) : allowed)
      const judge = (url: string) => {
        const fault = policy.fault(url)
        if (fault) throw new Failed(fault)
      }
      const fetching = createFetching({ connect: dialer(policy, lookup), judge, bodyMax: BODY_MAX })
      opened.push(fetching)
      return fetching.fetch
    },
    close: async () => void (await Promise.all(opened.map(fetching => fetching.close()))),
  }
}

/** The hosts of these URLs, each on its port alone. */
export function hostsOf(urls: readonly string[]): Allowed {
  const places = urls.map(url => {
    const { host, port } = target(new URL(url))
    return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
  })
  return readAllowed(places.join()).allowed
}
