import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { CUT_OFF, type End } from '../siege.ts'
import type { Image } from './image.ts'

/**
 * Takes the power from the file system under a server, then the server, and brings the file system back.
 *
 * The server is frozen first. A sync that is under way while the ioctl runs may return success although nothing was
 * written (two or three in a hundred do, with a program that does nothing but write and sync); of a real power cut nobody
 * gets such an answer. Frozen, all its system calls have ended, and what it wrote without a sync is lost all the same.
 */
export const powerCut = (image: Image): End => ({
  async run(server) {
    process.kill(server.pid, 'SIGSTOP')
    while (!isFrozen(server.pid)) await pause(1)
    image.cut()
    await server.kill('SIGKILL')
    image.remount()
  },
  closes: CUT_OFF,
})

/** Whether every thread of the process is stopped. */
function isFrozen(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every(thread => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
    })
  } catch {
    // A thread ended between the list and the look: not all are stopped yet.
    return false
  }
}
