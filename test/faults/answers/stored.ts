import { DatabaseSync } from 'node:sqlite'

/** A run as the database has it, read without the server's code. */
export interface StoredRun {
  readonly id: string
  readonly question: string
  /** How it ended; null where it has not. */
  readonly state: string | null
  /** The run that it goes on from, if it does; and whether it answers again at all. */
  readonly goesOn: string | null
  readonly isAgain: boolean
  /** The text that its question asks with. */
  readonly asked: string
  /** The text of its message; null where there is none. */
  readonly answer: string | null
  readonly head: number
  /** By their places. */
  readonly steps: ReadonlyMap<number, StoredStep>
}

export interface StoredStep {
  readonly type: string
  readonly text?: string
  readonly state?: string
}

interface RunRow {
  readonly number: number
  readonly id: string
  readonly question: string
  readonly state: string | null
  readonly origin: string | null
  readonly how: string | null
  readonly asked: string
  readonly answer: string | null
  readonly head: number
}

/** All runs, in the order they started. */
export function storedRuns(path: string): readonly StoredRun[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    db.exec('BEGIN')
    // The columns are named as the migrations that made them name them.
    const rows = db
      .prepare(
        `SELECT r.number, lower(hex(r.id)) id, lower(hex(r.question_id)) question, r.state, lower(hex(r.origin_id)) origin,
           r.origin_how how, q.body asked, a.body answer, r.head
         FROM runs r JOIN messages q ON q.id = r.question_id LEFT JOIN messages a ON a.id = r.answer_id ORDER BY r.number`,
      )
      .all() as unknown as RunRow[]
    const groups = db.prepare('SELECT last, steps FROM run_steps WHERE run = ? ORDER BY last')
    return rows.map(({ number, how, origin, ...row }) => ({
      ...row,
      goesOn: how === 'continue' ? origin : null,
      isAgain: how !== null,
      steps: placed(groups.all(number) as unknown as GroupRow[]),
    }))
  } finally {
    db.close()
  }
}

interface GroupRow {
  readonly last: number
  readonly steps: string
}

function placed(groups: readonly GroupRow[]): ReadonlyMap<number, StoredStep> {
  const found = new Map<number, StoredStep>()
  for (const { last, steps } of groups) {
    const all = JSON.parse(steps) as readonly StoredStep[] // a list of steps, says the migration
    for (const [i, step] of all.entries()) found.set(last - all.length + i + 1, step)
  }
  return found
}

/** What a run said. */
export const textOf = ({ steps }: StoredRun): string => [...steps.values()].map(({ text = '' }) => text).join('')
