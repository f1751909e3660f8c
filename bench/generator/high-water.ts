import { residentBytes } from './proc.ts'

const EVERY_MS = 10

/** Samples the resident memory of a process until `stop`, which tells the most it had, and what it had at first. */
export function startHighWater(pid: number) {
  const first = residentBytes(pid)
  let most = first
  const look = (): void => {
    most = Math.max(most, residentBytes(pid))
  }
  const timer = setInterval(look, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      look()
      return { startMegabytes: first / 1e6, highWaterMegabytes: most / 1e6 }
    },
  }
}
