import type { CallToolResult, Client, Tool as Listed, ProgressCallback, Transport } from '@modelcontextprotocol/client'
import type { GuardedFetch } from '../../../core/ports/outbound.ts'
import type { Later } from '../../../core/runs/cast.ts'
import type { JsonObject, ToolCall } from '../tool.ts'
import { AnswerTooLarge } from './failing.ts'
import { httpTransport } from './http.ts'
import type { Offer } from './listing.ts'
import { ProcessTransport } from './process.ts'
import type { McpServer, Way } from './settings.ts'
import { plainly } from './words.ts'

/** For the handshake, before which programs such as `npx` may fetch something first, and for a page of the list of tools; in milliseconds. */
const GREETING = 60_000
const PAGE = 30_000
/** Time that a process has to say that it speaks the newer protocol, in milliseconds. */
const PROBE = 10_000
/** What the library has to end a request by itself, in milliseconds. */
const GRACE = 1_000
/** Most pages of a list of tools. */
const PAGES_MAX = 16
/** Most signs of progress of one call, and their longest text in UTF-16 units. */
const SIGNS_MAX = 1_000
const SIGN_LENGTH = 200

export interface LinkPorts {
  /** For the address that the operator wrote down. */
  readonly fetch: GuardedFetch | undefined
  readonly we: Introduction
  readonly environment: Readonly<Record<string, string>>
  readonly later: Later
  /** What a process writes for a log. */
  readonly onRemark: (text: string) => void
  /** What is wrong and stops nothing. */
  readonly onError: (error: Error) => void
  readonly onChanged: () => void
  /** The connection ended, by whichever side. */
  readonly onClosed: () => void
}

/** A connection to a server. */
export interface Link {
  /** All that the server says it has. */
  tools(): Promise<readonly Listed[]>
  call(offer: Offer, args: JsonObject, call: ToolCall): Promise<CallToolResult>
  /** Resolves once nothing is left of it. */
  close(): Promise<void>
}

/** Who we say we are. Nothing of the person who asks is told. */
export interface Introduction {
  readonly name: string
  readonly version: string
}

/**
 * Connects. A server that `isOld` is not asked whether it speaks the newer protocol: some end where they do not know a question.
 * What a server asks of us (to sample a model, to question the person, for folders) is refused: nothing that answers it is there.
 * Fails when `signal` aborts.
 */
export async function openLink(
  { way, timeLimit }: McpServer,
  ports: LinkPorts,
  { isOld, signal }: { readonly isOld: boolean; readonly signal: AbortSignal },
): Promise<Link> {
  const library = await import('@modelcontextprotocol/client')
  signal.throwIfAborted()
  const transport = transportOf(library, way, timeLimit, ports)
  const client = new library.Client(ports.we, {
    capabilities: {},
    versionNegotiation: { mode: 'auto', probe: { timeoutMs: PROBE } },
    inputRequired: { autoFulfill: false },
    listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => ports.onChanged() } },
  })
  let tooLarge: AnswerTooLarge | undefined
  client.onerror = error => {
    if (error instanceof AnswerTooLarge) tooLarge = error
    ports.onError(error)
  }
  client.onclose = () => ports.onClosed()
  /** A connection that was ended because of an answer fails with that, not with its end. */
  const because = (error: unknown) => Promise.reject(tooLarge ?? error)
  const close = () => transport.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    await client.connect(transport, { timeout: GREETING, ...(isOld && { prior: { kind: 'legacy' } }) })
  } catch (error) {
    await close()
    return because(error)
  }
  return {
    tools: () => toolsOf(client).catch(because),
    call: (offer, args, call) => callTool(client, offer, args, call, timeLimit).catch(because),
    close,
  }
}

type Library = typeof import('@modelcontextprotocol/client')

function transportOf(library: Library, way: Way, timeLimit: number, ports: LinkPorts): Transport {
  switch (way.by) {
    case 'process': {
      const environment = { ...ports.environment, ...way.env }
      return new ProcessTransport(way, { ...ports, environment, parse: library.deserializeMessage })
    }
    case 'http': {
      const { fetch } = ports
      if (!fetch) throw new Error('a server over HTTP needs a way out')
      return httpTransport(library.StreamableHTTPClientTransport, way, {
        fetch,
        later: ports.later,
        timeLimit: Math.max(timeLimit, GREETING) + GRACE,
      })
    }
    default:
      return way satisfies never
  }
}

// Not by the library's own list: that one keeps copies and writes to the console.
async function toolsOf(client: Client): Promise<readonly Listed[]> {
  let tools: readonly Listed[] = []
  if (!client.getServerCapabilities()?.tools) return tools
  let cursor: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const params = cursor === undefined ? {} : { cursor }
    const answer = await client.request({ method: 'tools/list', params }, { timeout: PAGE })
    tools = [...tools, ...answer.tools]
    cursor = answer.nextCursor
    if (cursor === undefined) break
  }
  return tools
}

async function callTool(
  client: Client,
  { of: name, listed }: Offer,
  args: JsonObject,
  call: ToolCall,
  timeout: number,
): Promise<CallToolResult> {
  return await client.callTool(
    { name, arguments: args },
    { toolDefinition: listed, signal: call.signal, timeout, onprogress: progressOf(call) },
  )
}

/** Progress as people are shown it: between 0 and 1, never falling, and not for ever. */
function progressOf(call: ToolCall): ProgressCallback {
  let signs = 0
  let reached = 0
  return ({ progress, total, message = '' }) => {
    if (++signs > SIGNS_MAX) return
    const share = total !== undefined && total > 0 ? progress / total : 0
    reached = Math.max(reached, Math.min(share, 1))
    call.progress(plainly(message, SIGN_LENGTH), reached)
  }
}
