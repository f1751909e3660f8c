import type { DatabaseSync } from 'node:sqlite'
import type { RunOrder } from '../../core/ports/agent-writes.ts'
import type { NewRun, Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Run, RunOrigin } from '../../core/run.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import { RUN_COLUMNS, type RunRow, runOf, runReads } from './runs.ts'
import type { RoomHead, Transaction } from './transaction.ts'

/** Of a run that begins with its question. */
type Question = Omit<Run, 'options' | 'end' | 'agent' | 'id' | 'origin'>

/** Starts runs: those that come with messages, and those that answer once more. */
export function startingIn(tx: Transaction) {
  const sql = prepareStart(tx.db)
  const log = (room: RoomHead, run: Run, order: RunOrder | null): number => {
    const { lastInsertRowid } = sql.insert.run(
      ...[blob(run.id), room.id, run.conversation, blob(run.agent), blob(run.asker), blob(run.question), run.clientId],
      ...[JSON.stringify(run.options), run.startedAt, run.origin && blob(run.origin.run), run.origin?.how ?? null],
      ...[order && blob(order.by), order?.clientId ?? null],
    )
    return tx.log(room, 'run.started', Number(lastInsertRowid), run.startedAt)
  }
  return {
    isTaken: ({ id }: Pick<NewRun, 'id'>): boolean => sql.number.one(blob(id)) !== undefined,
    /** Starts the run that is to answer a message just placed. Its id must be free. */
    start(room: RoomHead, question: Question, { id, agent, options }: NewRun) {
      const run: Run = { id, agent, options, ...question, origin: null, end: null }
      return { run, seq: log(room, run, null) }
    },
    /** The run that an order started. */
    ordered({ by, clientId }: RunOrder): Run | undefined {
      const row = clientId === null ? undefined : sql.ordered.one(blob(by), clientId)
      return row && runOf(row)
    },
    /** Starts a run that answers once more. Its id and its order must be free. */
    startAgain(room: RoomHead, earlier: Run, { id, origin, order, at }: WriteOf<'run.start'>) {
      const startedAt = Math.max(at, room.lastAt)
      const run: Run = { ...earlier, id, clientId: null, origin, startedAt, end: null }
      return { run, seq: log(room, run, order), at: startedAt }
    },
  }
}

const prepareStart = (db: DatabaseSync) => ({
  number: query<[number: number]>(db, 'SELECT number FROM runs WHERE id = ?'),
  ordered: query<RunRow>(db, `SELECT ${RUN_COLUMNS} FROM runs r WHERE r.ordered_by = ? AND r.order_id = ?`),
  insert: db.prepare(
    `INSERT INTO runs (id, room_id, conversation, agent_id, asker_id, question_id, client_id, options, started_at,
       origin_id, origin_how, ordered_by, order_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
})

/** Starts runs that answer a question once more. */
export function startWrites(tx: Transaction) {
  const reads = runReads(tx.db)
  const starting = startingIn(tx)

  function start(write: WriteOf<'run.start'>): Outcome<'run.start'> {
    const { origin } = write
    const first = starting.ordered(write.order)
    if (first) return isOf(first, origin) ? done({ state: 'repeated', run: first }) : refused({ code: 'id_conflict' })
    const [earlier] = reads.runs([origin.run])
    const room = earlier && tx.room(earlier.room)
    if (!room) return refused({ code: 'run_unknown' })
    if (!earlier.end) return refused({ code: 'run_open' })
    if (!tx.place(earlier.question)) return refused({ code: 'message_unknown', id: earlier.question })
    if (starting.isTaken(write)) return refused({ code: 'id_conflict' })
    return done({ state: 'started', ...starting.startAgain(room, earlier, write) })
  }

  return { start }
}

const isOf = ({ origin }: Run, { run, how }: RunOrigin): boolean => origin?.run === run && origin.how === how
