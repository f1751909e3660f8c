import { readFileSync } from 'node:fs'

/** Ticks a second of /proc/<pid>/stat: fixed at 100 for user space on Linux. */
const TICKS = 100

/** CPU seconds a process has used so far, user and system, all its threads, in steps of 10 ms. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  if (line === null) throw new Error(`no VmRSS for process ${pid}`)
  return Number(line[1]) * 1024
}

/** A clock over wall time and the CPU time of the server and of this process; `stop` tells what passed. */
export function startClock(pid: number) {
  const server = cpuSeconds(pid)
  const own = process.cpuUsage()
  const started = performance.now()
  return {
    started,
    stop() {
      const { user, system } = process.cpuUsage(own)
      return {
        seconds: (performance.now() - started) / 1000,
        serverCpuSeconds: cpuSeconds(pid) - server,
        generatorCpuSeconds: (user + system) / 1e6,
      }
    },
  }
}
