import type { buildConnector } from 'undici'
import { Agent, type Dispatcher, request } from 'undici'
import { CallFailed } from '../core/ports/outbound.ts'
import { failureOf } from './failures.ts'

/** Largest head of an answer, in bytes. */
const HEAD_MAX = 16 * 1024
/** Most bytes of an answer that comes as events, and of one line in it. */
const EVENTS_MAX = 64 * 1024 * 1024
const LINE_MAX = 4 * 1024 * 1024

const LINE_END = 10

/** A `fetch` over connections of its own. It follows no redirect, uses no proxy, and decompresses nothing. */
export interface Fetching {
  /** A redirect is an answer like any other. Fails with CallFailed, or with the AbortError of the signal. */
  fetch(url: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Ends open calls and connections. */
  close(): Promise<void>
}

export interface FetchSettings {
  /** How connections are made. */
  readonly connect: buildConnector.connector | buildConnector.BuildOptions
  /** Throws what keeps a URL from being called. */
  readonly judge?: (url: string) => void
  /** Most bytes of an answer that does not come as events. */
  readonly bodyMax: number
}

export function createFetching(settings: FetchSettings): Fetching {
  const agent = new Agent({
    connect: settings.connect,
    maxHeaderSize: HEAD_MAX,
    pipelining: 1,
    allowH2: false,
    // Time is the caller's to limit.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    fetch: (url, init) =>
      exchange(agent, settings, url, init).catch(error => {
        throw callFailed(error)
      }),
    close: () => agent.destroy(),
  }
}

async function exchange(
  agent: Agent,
  { judge, bodyMax }: FetchSettings,
  url: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  const { method, headers, body, signal, address } = await plain(url, init)
  signal.throwIfAborted()
  judge?.(address)
  const sent = request(address, { dispatcher: agent, method, headers, body, signal })
  const { statusCode: status, headers: head, body: answer } = await unlessAborted(sent, signal)
  if (status > LAST_STATUS) {
    answer.destroy()
    throw new CallFailed('answer_broken')
  }
  return new Response(mayHaveBody(status) ? streamOf(answer, limitsOf(head, bodyMax)) : null, {
    status,
    headers: Object.entries(head).flatMap(([name, value]) =>
      [value ?? []].flat().map((single): [string, string] => [name, single]),
    ),
  })
}

/** The parts of a request that `undici` takes. */
async function plain(url: string | URL | Request, init: RequestInit) {
  const { method = 'GET', headers, body, signal } = url instanceof Request ? new Request(url, init) : init
  return {
    address: url instanceof Request ? url.url : String(url),
    method: method as Dispatcher.HttpMethod, // libraries ask by methods of HTTP only
    headers: Object.fromEntries(new Headers(headers)),
    // Any form that `fetch` takes becomes bytes; they are there at once.
    body: body == null ? null : new Uint8Array(await new Response(body).arrayBuffer()),
    signal: signal ?? new AbortController().signal,
  }
}

/** What `sent` gives, unless `signal` aborts before: undici heeds it only once it has a connection. */
async function unlessAborted<T>(sent: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([sent, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const LAST_STATUS = 599
const NO_BODY = new Set([204, 205, 304])

const mayHaveBody = (status: number): boolean => !NO_BODY.has(status)

interface Limits {
  readonly total: number
  readonly line: number
}

function limitsOf(head: Dispatcher.ResponseData['headers'], bodyMax: number): Limits {
  const type = String(head['content-type'] ?? '')
  if (type.startsWith('text/event-stream')) return { total: EVENTS_MAX, line: LINE_MAX }
  const total = type.includes('eventstream') ? EVENTS_MAX : bodyMax
  return { total, line: total }
}

/** The body as a stream. Whoever cancels it, read or not, ends the connection. */
function streamOf(body: Dispatcher.ResponseData['body'], limits: Limits): ReadableStream<Uint8Array> {
  const chunks = limited(body, limits)
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel() {
        body.on('error', () => undefined).destroy()
      },
    },
    { highWaterMark: 0 },
  )
}

async function* limited(body: Dispatcher.ResponseData['body'], { total, line }: Limits): AsyncGenerator<Uint8Array> {
  let size = 0
  let since = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      // no encoding is set, so chunks are bytes
      size += chunk.length
      const end = chunk.lastIndexOf(LINE_END)
      since = end === -1 ? since + chunk.length : chunk.length - end - 1
      if (size > total || since > line) throw new CallFailed('answer_too_large')
      yield chunk
    }
  } catch (error) {
    throw callFailed(error)
  }
}

/** What was aborted keeps its reason; everything else becomes a failure of ours. */
function callFailed(error: unknown): unknown {
  if (error instanceof CallFailed || (error instanceof Error && error.name === 'AbortError')) return error
  const { failure, detail } = failureOf(error)
  return new CallFailed(failure, detail)
}
