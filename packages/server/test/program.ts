import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** What a client in another process says happened. */
export interface Happening {
  readonly event: string
  readonly [field: string]: unknown
}

/** A client in another process, which is told what to do and tells what happened, both in lines of JSON. */
export interface Program {
  send(command: object | string): void
  /** Rejects once the program has ended. */
  next(): Promise<Happening>
}

/** Starts a client. It never outlives the test. */
export function openProgram(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.stdin.on('error', () => undefined)
  return {
    send: order => void child.stdin.write(`${JSON.stringify(order)}\n`),
    async next() {
      const line = await lines.next()
      if (line.done) throw new Error(`${args[0]} ended with ${(await once(child, 'close'))[0]}`)
      return JSON.parse(line.value) as Happening // one line is one happening
    },
  }
}
