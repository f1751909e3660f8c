import { onTestFinished } from 'vitest'
import { type Catalog, createCatalog } from '../../../src/agents/models/catalog.ts'
import type { ModelRequest } from '../../../src/agents/models/model.ts'
import type { Provider } from '../../../src/agents/models/providers.ts'
import type { OperatorFetch } from '../../../src/core/ports/outbound.ts'
import { createOperatorCalls } from '../../../src/outbound/operator.ts'
import { ownTime } from '../../outbound/time.ts'

export const pace = { silence: 120_000, maxTokens: 8192, temperature: null } as const

/** The real way out, closed after the test. */
export function wayOut(): OperatorFetch {
  const calls = createOperatorCalls()
  onTestFinished(() => calls.close())
  return calls.fetch
}

/** The same, keeping what was sent. */
export function recordedWayOut() {
  const sent: { readonly [field: string]: unknown }[] = []
  const out = wayOut()
  const fetch: OperatorFetch = (url, init) => {
    if (typeof init?.body === 'string') sent.push(JSON.parse(init.body))
    return out(url, init)
  }
  return { fetch, sent }
}

export interface CatalogOptions {
  readonly fallback?: string
  readonly allowed?: readonly string[]
  readonly time?: ReturnType<typeof ownTime>
  readonly fetch?: OperatorFetch
}

export function catalogOf(providers: readonly Provider[], standard: string, options: CatalogOptions = {}): Catalog {
  const { fallback = null, allowed = null, time = ownTime(), fetch = wayOut() } = options
  return createCatalog(
    { providers, standard, fallback, allowed, window: 8192 },
    { fetch, later: time.after, now: time.clock.now },
  )
}

export const request = (text: string): ModelRequest => ({
  instructions: 'Be brief.',
  turns: [{ role: 'user', text }],
  tools: [],
  temperature: null,
  maxTokens: null,
})

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
