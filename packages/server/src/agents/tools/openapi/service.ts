import { isIn } from '../audience.ts'
import type { Service } from '../toolbox.ts'
import type { CallPorts } from './calling.ts'
import { DocumentFault, isUrl, loadDocument, serverOf } from './document.ts'
import type { LeftOut } from './operations.ts'
import type { OpenApiService } from './settings.ts'
import { type ServiceTools, toolsOf } from './tools.ts'

/** Waits before a document is fetched again, in milliseconds; the last one from then on. */
const WAITS = [5_000, 15_000, 60_000, 300_000]

export interface ServicePorts extends CallPorts {
  /** Whether the service may be at this address. */
  mayCall(url: string): boolean
  /** Told that the document can't be used now, and when it is tried again. */
  onTrouble(why: string, wait: number): void
  /** Told that there are tools. */
  onReady(tools: number, leftOut: readonly LeftOut[]): void
}

/**
 * Opens a service. Throws DocumentFault for a file that can't be used. A URL may be out of order: then the service has no tools yet, and the
 * document is tried again until it can be used.
 */
export async function openService(service: OpenApiService, ports: ServicePorts): Promise<Service> {
  let known: ServiceTools = { tools: [], leftOut: [] }
  let cancel: () => void = () => undefined
  const attempt = async (n: number) => {
    try {
      known = await load(service, ports)
      ports.onReady(known.tools.length, known.leftOut)
    } catch (error) {
      if (!isUrl(service.document)) throw error
      const wait = WAITS[Math.min(n, WAITS.length - 1)] ?? 0
      // Whatever a document does to us, the next one may do better.
      ports.onTrouble(error instanceof DocumentFault ? error.message : `it can't be used: ${error}`, wait)
      cancel = ports.later(wait, () => void attempt(n + 1))
    }
  }
  await attempt(0)
  return {
    name: service.name,
    restrictions: { allowed: service.allow?.length ?? 0, excluded: service.exclude.length },
    tools: () => known.tools,
    isFor: asker => isIn(service.audience, asker),
    close: () => cancel(),
  }
}

async function load(service: OpenApiService, ports: ServicePorts): Promise<ServiceTools> {
  const document = await loadDocument(service.document, ports)
  const base = service.server ?? serverOf(document, service.document)
  if (!ports.mayCall(base)) throw new DocumentFault('its server is at a private address; set server, or OUTBOUND_ALLOW')
  return toolsOf(document, { service, base, ports })
}
