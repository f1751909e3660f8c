import { readdirSync } from 'node:fs'
import { parley } from './parley.ts'
import { parleyLevel2, parleyRooms } from './parley-rooms.ts'
import { beside, type Peer, startTrusting, uninstalled } from './peer.ts'

const naiveWs: Peer = {
  name: 'naive-ws',
  dialect: 'token-bowl',
  missing: () => uninstalled('ws'),
  start: options => startTrusting([process.execPath, beside('naive-ws.mjs')], '/ws?', options),
}

const socketIo: Peer = {
  name: 'socket.io',
  dialect: 'socket-io',
  missing: () => uninstalled('socket.io'),
  start: options =>
    startTrusting([process.execPath, beside('socket-io.mjs')], '/socket.io/?EIO=4&transport=websocket&', options),
}

const bun: Peer = {
  name: 'bun',
  dialect: 'token-bowl',
  missing: () => uninstalled('@oven'),
  start: options => startTrusting([bunBinary(), beside('bun.mjs')], '/ws?', options),
}

/** The binary inside the platform package that npm chose; the package `bun` itself would need its install script. */
function bunBinary(): string {
  const packages = beside('../node_modules/@oven')
  return `${packages}/${readdirSync(packages).find(name => name.startsWith('bun-'))}/bin/bun`
}

/** In the order of every round. */
export const peers: readonly Peer[] = [parley, parleyRooms, parleyLevel2, naiveWs, socketIo, bun]
