import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { OperatorFault, systemCode } from './fault.ts'

export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Files of the key and the certificate chain; null for plain HTTP. */
  readonly tls: { readonly key: string; readonly cert: string } | null
  readonly onRequest: RequestListener
  /** For requests to become a WebSocket; whoever asks for another protocol is answered in this one. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Told of faults while listening, such as running out of open files. The server goes on. */
  readonly onFault: (error: unknown) => void
  /** Milliseconds for which nothing may move on a connection in the middle of a request. */
  readonly silence?: number
}

export interface Listening {
  /** Scheme, host and port under which this machine reaches the server. */
  readonly url: string
  readonly port: number
  /** Reads the TLS files again. Throws OperatorFault when they don't fit; what was read before stays. */
  reloadTls(): void
  /** Takes no more connections. Resolves when those of requests have ended, which are given `grace` milliseconds. */
  close(grace: number): Promise<void>
}

/** Longer than proxies keep their connections, so that it is them who close and no request meets a closing one. */
const KEEP_ALIVE = 65_000
/** A client has so long for the whole of its request. */
const REQUEST_TIMEOUT = 60_000
/** A client that takes nothing of its answer for so long is cut off: what it does not read is kept in memory for it. */
const SILENCE_TIMEOUT = 60_000

/** Listens. Throws OperatorFault when the port is taken or the TLS files are no good. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, tls } = options
  const server = create(options)
  try {
    await once(server.listen(port, host), 'listening')
  } catch (error) {
    throw new OperatorFault(reason(error, host, port))
  }
  server.on('error', options.onFault)
  // A server that listens on a host and port has an address of this form.
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://${reachable(host)}:${taken}`,
    port: taken,
    reloadTls() {
      if (tls && 'setSecureContext' in server) refusingBadTls(() => server.setSecureContext(read(tls)))
    },
    async close(grace) {
      const closed = once(server, 'close')
      server.close()
      const timer = setTimeout(() => server.closeAllConnections(), grace)
      await closed
      clearTimeout(timer)
    },
  }
}

function create({ tls, onRequest, onUpgrade, silence = SILENCE_TIMEOUT }: ListenOptions): Server | SecureServer {
  const options = {
    keepAliveTimeout: KEEP_ALIVE,
    requestTimeout: REQUEST_TIMEOUT,
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  }
  const server = tls ? refusingBadTls(() => createHttps({ ...options, ...read(tls) })) : createHttp(options)
  return server.setTimeout(silence).on('request', onRequest).on('upgrade', onUpgrade)
}

const read = ({ key, cert }: { key: string; cert: string }) => ({ key: readFileSync(key), cert: readFileSync(cert) })

function refusingBadTls<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    throw new OperatorFault(
      `TLS_KEY_FILE and TLS_CERT_FILE can't be used: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** A host by which this machine reaches a server that listens on `host`. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function reason(error: unknown, host: string, port: number): string {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return `PORT ${port} on ${host} is taken. Stop the program that has it, or set PORT to another one.`
    case 'EACCES':
      return `PORT ${port} on ${host} is not for this user. Set PORT to one above 1023, or put a proxy in front.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST ${host} is no address of this machine. Set HOST to one that is, or to 127.0.0.1 or 0.0.0.0.`
    default:
      return `The server can't listen on ${host}, port ${port}: ${String(error)}`
  }
}
