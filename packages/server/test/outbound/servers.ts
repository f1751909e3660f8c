import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

/** A certificate for `localhost`, `mail.test` and 127.0.0.1 that nobody trusts by itself. */
export const certificate = { key: fixture('localhost-key.pem'), cert: fixture('localhost-cert.pem') }

export interface Listening {
  readonly port: number
  readonly url: string
  /** How many connections were ever made to it. */
  connections(): number
}

/** Listens on loopback until the test ends. */
export async function listen<S extends Server>(server: S, host = '127.0.0.1', port = 0): Promise<Listening> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
  })
  server.listen(port, host)
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const address = server.address() as AddressInfo // a server on a port has one
  return { port: address.port, url: `http://${host}:${address.port}`, connections: () => connections }
}

export const serveHttp = (listener: RequestListener, host?: string, port?: number) =>
  listen(createServer(listener), host, port)

export const serveHttps = (listener: RequestListener) => listen(createTlsServer(certificate, listener))

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** An HTTP server that keeps what it gets. `answer` says how; 204 unless given. `next` waits for a request not yet taken. */
export async function inbox(answer: (request: Received, response: ServerResponse) => void = accept) {
  const received: Received[] = []
  const waiting: ((request: Received) => void)[] = []
  const server = await serveHttp(async (message, response) => {
    const body = (await buffer(message)).toString()
    const request = { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body }
    const taker = waiting.shift()
    if (taker) taker(request)
    else received.push(request)
    answer(request, response)
  })
  const next = () => {
    const request = received.shift()
    return request ? Promise.resolve(request) : new Promise<Received>(resolve => waiting.push(resolve))
  }
  return { ...server, next, unread: () => received.length }
}

export const accept = (_: Received, response: ServerResponse) => void response.writeHead(204).end()
