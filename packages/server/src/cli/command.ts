import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import type { Role } from '../core/user.ts'
import { DATABASE_FILE } from '../stores/sqlite/store.ts'
import { OperatorFault } from '../system/fault.ts'

export interface Place {
  readonly settings: Settings
  /** The data directory, as a whole path. */
  readonly directory: string
}

export interface Options {
  readonly role?: Role | undefined
  readonly email?: string | undefined
}

/** What a command has to say. */
export interface Answer {
  /** For people. */
  readonly text: string
  /** For programs, with --json. */
  readonly data: unknown
  /** False when what was looked at is not in order. */
  readonly ok?: boolean
}

/** One thing that can be asked of the command line. */
export interface Command {
  /** The words that name it, such as `user add`. */
  readonly words: readonly string[]
  /** What it needs to be given, in order, such as `NAME`. */
  readonly takes: readonly string[]
  /** Options that mean something to it. */
  readonly options?: readonly (keyof Options)[]
  readonly says: string
  /** Throws Refused or OperatorFault. */
  run(place: Place, given: readonly string[], options: Options): Promise<Answer>
}

/** Rows in columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), [])
  return rows
    .map(row =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Throws OperatorFault where no server has run yet, so that a mistyped directory is not made. */
export function mustHaveData(directory: string): void {
  if (existsSync(join(directory, DATABASE_FILE))) return
  throw new OperatorFault(`There are no data of Parley in ${directory}. Name the place with --data or DATA_DIR.`)
}
