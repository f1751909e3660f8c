import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { generatorCore, serverCore } from './launch.ts'
import { median } from './report.ts'
import { workspace } from './workspace.ts'

const FILE_SYSTEMS: Record<number, string> = {
  61267: 'ext4',
  16914836: 'tmpfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlayfs',
}
const SYNCS = 50

/** What the numbers depend on, one line each, for the head of a report. */
export function machine(command: string): string[] {
  return [
    `Date: ${new Date().toISOString()}`,
    `Command: \`${command}\``,
    `Machine: ${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    `Cores: server on ${serverCore}, generator on ${generatorCore}`,
    `Disk: ${fileSystem()}, a 4 KiB append and fdatasync takes ${syncMillis().toFixed(2)} ms (median of ${SYNCS})`,
    `Versions: Node ${process.versions.node}, ${['ws', 'socket.io', 'bun'].map(version).join(', ')}`,
    `Commit: ${commit()}`,
  ]
}

function fileSystem(): string {
  const { type } = statfsSync(workspace())
  return FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`
}

/** Says whether durable numbers mean anything here: a disk that syncs in microseconds doesn't sync. */
function syncMillis(): number {
  const file = `${workspace()}/sync`
  const handle = openSync(file, 'w')
  const page = Buffer.alloc(4096, 1)
  const times = Array.from({ length: SYNCS }, () => {
    const started = performance.now()
    writeSync(handle, page)
    fdatasyncSync(handle)
    return performance.now() - started
  })
  closeSync(handle)
  rmSync(file)
  return median(times)
}

function version(name: string): string {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { version?: string }>
  } // npm's own format
  return `${name} ${lock.packages[`node_modules/${name}`]?.version ?? 'unknown'}`
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', '../packages', '.') === '' ? '' : ', with changes'
    return git('rev-parse', '--short', 'HEAD') + changed
  } catch {
    return 'unknown'
  }
}
