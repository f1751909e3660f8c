import { Agent, type Dispatcher, request } from 'undici'
import { CallFailed, type OperatorFetch } from '../core/ports/outbound.ts'
import { failureOf } from './failures.ts'

/** Longest wait for a connection, name and TLS included, in milliseconds. */
const CONNECT_TIMEOUT = 10_000
/** Largest head of an answer, in bytes. */
const HEAD_MAX = 16 * 1024
/** Most bytes of an answer that comes as events, of one line in it, and of any other answer. */
const EVENTS_MAX = 64 * 1024 * 1024
const LINE_MAX = 4 * 1024 * 1024
const BODY_MAX = 4 * 1024 * 1024

const LINE_END = 10

/** The way out to addresses that the operator gave us. */
export interface OperatorCalls {
  readonly fetch: OperatorFetch
  /** Ends open calls and connections. */
  close(): Promise<void>
}

/** Answers come as sent: nothing is decompressed. A redirect is a failure, so what a header holds stays where it was meant for. */
export function createOperatorCalls(): OperatorCalls {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT },
    maxHeaderSize: HEAD_MAX,
    pipelining: 1,
    allowH2: false,
    // Models think for as long as the caller lets them.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    fetch: (url, init) =>
      exchange(agent, url, init).catch(error => {
        throw callFailed(error)
      }),
    close: () => agent.destroy(),
  }
}

async function exchange(agent: Agent, url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { method, headers, body, signal, address } = await plain(url, init)
  signal.throwIfAborted()
  const sent = request(address, { dispatcher: agent, method, headers, body, signal })
  const { statusCode: status, headers: head, body: answer } = await Promise.race([sent, aborted(signal)])
  if (status >= 300 && status < 400) {
    answer.destroy()
    throw new CallFailed('redirected_too_often')
  }
  return new Response(hasBody(status) ? ReadableStream.from(limited(answer, limitsOf(head))) : null, {
    status,
    headers: Object.entries(head).flatMap(([name, value]) =>
      [value ?? []].flat().map((single): [string, string] => [name, single]),
    ),
  })
}

/** The parts of a request that `undici` takes. */
async function plain(url: string | URL | Request, { method = 'GET', headers, body, signal }: RequestInit) {
  return {
    address: url instanceof Request ? url.url : String(url),
    method: method as Dispatcher.HttpMethod, // libraries ask by methods of HTTP only
    headers: Object.fromEntries(new Headers(headers)),
    // Any form that `fetch` takes becomes bytes; they are there at once.
    body: body == null ? null : new Uint8Array(await new Response(body).arrayBuffer()),
    signal: signal ?? new AbortController().signal,
  }
}

/** Rejects when `signal` aborts: undici heeds it only once it has a connection. */
function aborted(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  promise.catch(() => undefined) // whoever races it hears of it
  return promise
}

const hasBody = (status: number): boolean => status >= 200 && status !== 204 && status !== 205

interface Limits {
  readonly total: number
  readonly line: number
}

function limitsOf(head: Dispatcher.ResponseData['headers']): Limits {
  const type = String(head['content-type'] ?? '')
  if (type.startsWith('text/event-stream')) return { total: EVENTS_MAX, line: LINE_MAX }
  const total = type.includes('eventstream') ? EVENTS_MAX : BODY_MAX
  return { total, line: total }
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
