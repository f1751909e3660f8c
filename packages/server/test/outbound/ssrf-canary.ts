import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { listen, serveHttp } from './servers.ts'
import { STRANGER } from './ssrf-forms.ts'

export interface Canary {
  readonly port: number
  /** Connections that reached it, and every other attempt to connect to anywhere but the stranger and `innocent` ports of 127.0.0.1. */
  seen(innocent?: readonly number[]): readonly string[]
}

/** Something on loopback that nobody may connect to, on IPv4 and IPv6; it also sees who dials elsewhere, as far as this thread does. */
export async function openCanary(): Promise<Canary> {
  const connections: string[] = []
  const make = () =>
    createServer(socket => {
      connections.push(`${socket.localAddress}:${socket.localPort}`)
      // An answer, so that whoever came goes on: what it would do then is seen as well.
      socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
  const { port } = await listen(make())
  await listen(make(), '::1', port).catch(() => undefined) // some machines have no IPv6
  const dials = watchDials()
  return {
    port,
    seen: (innocent = []) => {
      const ours = new Set(innocent.map(one => `127.0.0.1:${one}`))
      return [...connections, ...dials.filter(to => !ours.has(to) && !to.startsWith(`${STRANGER}:`))]
    },
  }
}

function watchDials(): readonly string[] {
  const dials: string[] = []
  const hear = (message: unknown) => {
    const { socket } = message as { socket: Socket } // what the channel carries
    socket.on('connectionAttempt', (address, port) => dials.push(`${address}:${port}`))
  }
  subscribe('net.client.socket', hear)
  onTestFinished(() => void unsubscribe('net.client.socket', hear))
  return dials
}

/**
 * A stranger's server. `/to/307/URL` leads there, `/to/401/URL` says that this is where to ask how to sign in; everything else is answered
 * with what `page` gives.
 */
export async function openStranger(page: (path: string) => object = () => ({})) {
  let led = 0
  const { port } = await serveHttp(({ url: path = '' }, response) => {
    const [, to, status, ...url] = path.split('/')
    const target = inHeader(decodeURIComponent(url.join('/')))
    if (to !== 'to') response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page(path)))
    else {
      led++
      const lure = { location: target, 'www-authenticate': `Bearer resource_metadata="${target}"` }
      response.writeHead(Number(status), lure).end()
    }
  }, STRANGER)
  /** How often it led somebody elsewhere. */
  return { port, url: `http://${STRANGER}:${port}`, led: () => led }
}

/** A header is bytes, none of which ends it. */
const inHeader = (text: string): string => Buffer.from(text.replaceAll('\n', '')).toString('latin1')
