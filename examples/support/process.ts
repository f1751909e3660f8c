import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly string[]
  /** The folder it runs in: none of the checkout, so that no `.env` there reaches it. */
  readonly cwd: string
  /** Its variables. Of this shell it gets only where programs are, and where Node keeps compiled modules. */
  readonly env: Readonly<Record<string, string>>
  /** Hears each whole line of its output. */
  readonly onLine?: (line: string) => void
}

/** A process that never outlives this one. */
export interface Process {
  readonly stdin: NodeJS.WritableStream
  /** What it has printed so far. */
  readonly output: { readonly stdout: string; readonly stderr: string }
  /** Calls `look` at once and whenever it has printed more; resolves with its first answer that is not undefined. */
  watch<T>(look: () => T | undefined): Promise<T>
  /** Resolves once it is over, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  kill(signal: NodeJS.Signals): void
}

const running = new Set<Process>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startProcess({ command, cwd, env, onLine = () => {} }: ProcessOptions): Process {
  const [program = '', ...args] = command
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(program, args, { cwd, env: { PATH, NODE_COMPILE_CACHE, ...env } })
  const output = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    let rest = ''
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(onLine)
      for (const watcher of watchers) watcher()
    })
  }
  const started: Process = {
    stdin: child.stdin,
    output,
    watch: look =>
      new Promise(resolve => {
        const watcher = () => {
          const found = look()
          if (found === undefined) return
          watchers.delete(watcher)
          resolve(found)
        }
        watchers.add(watcher)
        watcher()
      }),
    ended: once(child, 'close').then(([code, signal]) => signal ?? code),
    kill: signal => void child.kill(signal),
  }
  running.add(started)
  void started.ended.then(() => running.delete(started))
  return started
}
