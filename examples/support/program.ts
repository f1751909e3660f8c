import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Process, startProcess } from './process.ts'
import { soon } from './soon.ts'

/** An example that runs as a process of its own, the way somebody who copied it would run it. */
export interface Program {
  /** Its folder. */
  readonly cwd: string
  /** Everything it has printed so far. */
  output(): string
  /** Resolves with the next thing it prints that looks like this, and its groups. What comes before is passed over. */
  prints(pattern: string | RegExp): Promise<readonly string[]>
  /** Types a line and Enter. */
  types(line: string): void
  /** Presses Ctrl-C, and waits until it has ended in order. */
  interrupt(): Promise<void>
  /** Waits until it has ended by itself, in order: exit code 0, and no complaint on stderr. */
  ends(): Promise<void>
}

export interface ProgramOptions {
  /** The program and its arguments. */
  readonly command: readonly string[]
  /** Where its folder is made. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Files to be found in its folder, by name. */
  readonly files?: Readonly<Record<string, string>>
}

export function startProgram({ command, folder, env, files = {} }: ProgramOptions): Program {
  const cwd = mkdtempSync(join(folder, 'program-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  const child = startProcess({
    command,
    cwd,
    env,
    onLine: line => console.log(`  │ ${stripVTControlCharacters(line)}`),
  })
  return { cwd, ...reader(child), ...ending(child), types: line => void child.stdin.write(`${line}\n`) }
}

/** A reader of what a program prints, which never reads anything twice. */
function reader(child: Process): Pick<Program, 'output' | 'prints'> {
  let read = 0
  const next = (pattern: string | RegExp) => {
    const found = find(child.output.stdout.slice(read), pattern)
    if (found) read += found.end
    return found?.match
  }
  return {
    output: () => child.output.stdout,
    prints(pattern) {
      const over = child.ended.then(code => {
        const found = next(pattern)
        if (found) return found
        throw new Error(`the program ended with ${code} and never printed ${pattern}\n${child.output.stderr}`)
      })
      return soon(Promise.race([child.watch(() => next(pattern)), over]), `the program to print ${pattern}`)
    },
  }
}

/** The first place where `text` has the pattern: what is there, with its groups, and where it ends. */
function find(text: string, pattern: string | RegExp): { match: readonly string[]; end: number } | undefined {
  if (typeof pattern === 'string') {
    const index = text.indexOf(pattern)
    return index < 0 ? undefined : { match: [pattern], end: index + pattern.length }
  }
  const match = pattern.exec(text)
  return match ? { match, end: match.index + match[0].length } : undefined
}

function ending(child: Process): Pick<Program, 'interrupt' | 'ends'> {
  const ends = async () => {
    const end = await soon(child.ended, 'the program to end')
    assert.deepEqual({ end, stderr: child.output.stderr }, { end: 0, stderr: '' })
  }
  return {
    ends,
    interrupt() {
      child.kill('SIGINT')
      return ends()
    },
  }
}
