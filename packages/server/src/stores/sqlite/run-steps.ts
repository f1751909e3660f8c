import type { DatabaseSync } from 'node:sqlite'
import type { RunStep, RunStepContent } from '../../core/run.ts'
import { query } from './connection.ts'

type GroupRow = [last: number, at: number, steps: string]

/** Rows that are read before it is looked whether more are needed: one may hold hundreds of steps. */
const AT_ONCE = 16

/** The logs of runs, which are named by their numbers here. */
export function stepsIn(db: DatabaseSync) {
  const groups = query<GroupRow>(
    db,
    'SELECT last, at, steps FROM run_steps WHERE run = ? AND last > ? ORDER BY last LIMIT ?',
  )
  const all = query<GroupRow>(db, 'SELECT last, at, steps FROM run_steps WHERE run = ? ORDER BY last')
  // Most of a run is text; what need not be parsed is not. In a text there is a backslash before the quotes.
  const withTools = query<GroupRow>(
    db,
    `SELECT last, at, steps FROM run_steps WHERE run = ? AND instr(steps, '"type":"tool"') > 0 ORDER BY last`,
  )
  const insert = db.prepare('INSERT INTO run_steps (run, last, at, steps) VALUES (?, ?, ?, ?)')
  return {
    /** At most `limit` steps behind position `after`. */
    page(run: number, after: number, limit: number): readonly RunStep[] {
      const found: RunStep[] = []
      for (let rows = groups.all(run, after, AT_ONCE); rows.length > 0 && found.length < limit; ) {
        for (const row of rows) found.push(...placed(row).filter(({ n }) => n > after))
        rows = groups.all(run, rows.at(-1)?.[0] ?? after, AT_ONCE)
      }
      return found.slice(0, limit)
    },
    /** All that was said, as one text. */
    text: (run: number): string =>
      all
        .all(run)
        .flatMap(placed)
        .map(step => (step.type === 'text' ? step.text : ''))
        .join(''),
    tools: (run: number): readonly RunStep[] =>
      withTools
        .all(run)
        .flatMap(placed)
        .filter(({ type }) => type === 'tool'),
    /** Adds steps behind position `head` and answers them with theirs. There must be some. */
    put(run: number, head: number, steps: readonly RunStepContent[], at: number): readonly RunStep[] {
      const last = head + steps.length
      insert.run(run, last, at, JSON.stringify(steps))
      return placedBehind(head, steps, at)
    },
  }
}

const placedBehind = (head: number, steps: readonly RunStepContent[], at: number): readonly RunStep[] =>
  steps.map((step, index) => ({ ...step, n: head + index + 1, at }))

function placed([last, at, text]: GroupRow): readonly RunStep[] {
  const steps = JSON.parse(text) as readonly RunStepContent[] // what put made of them
  return placedBehind(last - steps.length, steps, at)
}

/** Forgets what was said in answers that are changed or erased. */
export function forgettingIn(db: DatabaseSync) {
  const ofOne = db.prepare('DELETE FROM run_steps WHERE run = (SELECT run FROM messages WHERE number = ?)')
  // Of answers, and of questions that got none.
  const erased = [
    'SELECT m.run FROM messages m WHERE m.room_id = ? AND m.ordinal > ? AND m.ordinal <= ? AND m.run IS NOT NULL',
    `SELECT r.number FROM messages m JOIN runs r ON r.question_id = m.id
     WHERE m.room_id = ? AND m.ordinal > ? AND m.ordinal <= ? AND r.state IS NOT NULL AND r.answer_id IS NULL`,
  ].flatMap(runs => [
    db.prepare(`DELETE FROM run_steps WHERE run IN (${runs})`),
    db.prepare(`DELETE FROM runs WHERE number IN (${runs})`),
  ])
  return {
    /** The steps behind an answer, by the number of the message. */
    steps: (message: number): unknown => ofOne.run(message),
    /** The runs that go with the messages of a room with ordinals above `from` up to `to`, which are still there. */
    runs(room: Uint8Array, from: number, to: number): void {
      for (const statement of erased) statement.run(room, from, to)
    },
  }
}
