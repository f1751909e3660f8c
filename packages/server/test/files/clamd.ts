import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { folder } from '../system/folder.ts'

/** What every virus scanner is tried with. In two parts, so that none takes this file for one. */
export const EICAR = `${'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-'}${'ANTIVIRUS-TEST-FILE!$H+H*'}`

/** A clamd of our own that knows one signature. Resolves with the address of its socket once it listens. */
export async function realClamd(): Promise<string> {
  const root = folder()
  const socket = join(root, 'socket')
  mkdirSync(join(root, 'signatures'))
  writeFileSync(join(root, 'signatures', 'own.ndb'), `Parley.Eicar:0:*:${Buffer.from(EICAR).toString('hex')}\n`)
  const settings = [
    'Foreground yes',
    `LocalSocket ${socket}`,
    `DatabaseDirectory ${join(root, 'signatures')}`,
    'AlertExceedsMax yes',
    'MaxFileSize 1M',
    'StreamMaxLength 2M',
  ]
  writeFileSync(join(root, 'clamd.conf'), `${settings.join('\n')}\n`)
  const child = spawn('clamd', [`--config-file=${join(root, 'clamd.conf')}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise(resolve => child.on('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  for await (const line of createInterface(child.stdout)) if (line.startsWith('Self checking')) return socket
  throw new Error('clamd ended before it listened')
}

/** Something at a socket of its own that does with a connection whatever it is told. */
export async function falseClamd(talk: (socket: Socket) => void): Promise<string> {
  const path = join(folder(), 'socket')
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket)
    socket.on('error', () => undefined)
    talk(socket)
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  onTestFinished(async () => {
    for (const socket of open) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return path
}
