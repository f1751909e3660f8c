import type { DatabaseSync } from 'node:sqlite'
import type { RunStep, RunStepContent } from '../../core/run.ts'
import { query } from './connection.ts'

type GroupRow = [last: number, at: number, steps: string]

/** The logs of runs, which are named by their numbers here. */
export function stepsIn(db: DatabaseSync) {
  const groups = query<GroupRow>(
    db,
    'SELECT last, at, steps FROM run_steps WHERE run = ? AND last > ? ORDER BY last LIMIT ?',
  )
  const all = query<GroupRow>(db, 'SELECT last, at, steps FROM run_steps WHERE run = ? ORDER BY last')
  const insert = db.prepare('INSERT INTO run_steps (run, last, at, steps) VALUES (?, ?, ?, ?)')
  return {
    page: (run: number, after: number, limit: number): readonly RunStep[] =>
      groups
        .all(run, after, limit)
        .flatMap(placed)
        .filter(({ n }) => n > after)
        .slice(0, limit),
    /** All that was said, as one text. */
    text: (run: number): string =>
      all
        .all(run)
        .flatMap(placed)
        .map(step => (step.type === 'text' ? step.text : ''))
        .join(''),
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
  const ofRange = db.prepare(
    `DELETE FROM run_steps WHERE run IN
       (SELECT run FROM messages WHERE room_id = ? AND ordinal > ? AND ordinal <= ? AND run IS NOT NULL)`,
  )
  return {
    /** By the number of the message. */
    answer: (message: number): unknown => ofOne.run(message),
    /** Of a room, with ordinals above `from` up to `to`. */
    answers: (room: Uint8Array, from: number, to: number): unknown => ofRange.run(room, from, to),
  }
}
