import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { View } from '../protocols/view.ts'
import type { Session } from './session.ts'

/** Hears what comes over the sockets. */
export interface WireHost {
  received(from: Session, data: Buffer, isBinary: boolean): void
  /** The socket is gone, whoever ended it. */
  closed(gone: Session, code: number): void
}

/** The session of a socket, kept on the socket so that its listeners need no closures. */
const session = Symbol('session')
const host = Symbol('host')
type Wired = WebSocket & { [session]: Session; [host]: WireHost }

/** Brings what comes over a socket to its session. */
export function wire(ws: WebSocket, of: Session, to: WireHost): void {
  Object.assign(ws, { [session]: of, [host]: to })
    .on('message', onMessage)
    .on('ping', onSignOfLife)
    .on('pong', onSignOfLife)
    .on('error', ignore)
    .on('close', onClose)
}

const ignore = () => undefined

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const wired = this as Wired
  // With the default binaryType a message is one buffer.
  wired[host].received(wired[session], data as Buffer, isBinary)
}

function onSignOfLife(this: WebSocket, payload: Buffer): void {
  ;(this as Wired)[session].alive(payload.toString('latin1'))
}

function onClose(this: WebSocket, code: number): void {
  const wired = this as Wired
  wired[host].closed(wired[session], code)
}

/** Speaks WebSocket with the clients of a view. `closeSeconds` is what one has to answer our goodbye. */
export function createServer(view: View, closeSeconds: number): WebSocketServer {
  const options = {
    noServer: true,
    maxPayload: view.maxFrame,
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: closeSeconds * 1000, // not in the published types yet
  }
  return new WebSocketServer(options)
}
