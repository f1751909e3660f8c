import type { DatabaseSync } from 'node:sqlite'
import type { MessageId, RoomId, RunId, UserId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { AskOptions, Run, RunEnd, RunOrigin, RunStep, RunUsage } from '../../core/run.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob, uuid, uuidOrNull } from './ids.ts'
import { placingIn } from './placing.ts'
import { stepsIn } from './run-steps.ts'
import { chargingIn } from './spending.ts'
import type { RoomHead, Transaction } from './transaction.ts'

export const RUN_COLUMNS = `hex(r.id), hex(r.room_id), r.conversation, hex(r.agent_id), hex(r.asker_id), hex(r.question_id), r.client_id,
  r.options, r.started_at, r.state, r.ended_at, r.usage, r.fault, hex(r.answer_id), r.speaker, hex(r.origin_id), r.origin_how`

export type RunRow = [
  id: string,
  room: string,
  conversation: number | null,
  agent: string,
  asker: string,
  question: string,
  clientId: string | null,
  options: string,
  startedAt: number,
  state: RunEnd | null,
  endedAt: number | null,
  usage: string | null,
  fault: string | null,
  answer: string,
  speaker: string | null,
  origin: string,
  how: RunOrigin['how'] | null,
]

export function runOf(row: RunRow): Run {
  const [id, room, conversation, agent, asker, question, clientId, options, startedAt] = row
  return {
    id: uuid<RunId>(id),
    room: uuid<RoomId>(room),
    conversation,
    agent: uuid<UserId>(agent),
    asker: uuid<UserId>(asker),
    question: uuid<MessageId>(question),
    clientId,
    origin: originOf(row),
    options: JSON.parse(options) as AskOptions, // what insert made of one
    startedAt,
    end: endOf(row),
  }
}

function originOf([, , , , , , , , , , , , , , , origin, how]: RunRow): RunOrigin | null {
  const run = uuidOrNull<RunId>(origin)
  return run && how && { run, how }
}

function endOf([, , , , , , , , , state, at, usage, fault, answer, by]: RunRow): Run['end'] {
  if (state === null || at === null) return null
  const took = usage === null ? null : (JSON.parse(usage) as RunUsage) // what end made of one
  return { state, at, usage: took, fault, answer: uuidOrNull<MessageId>(answer), by }
}

export function runReads(db: DatabaseSync) {
  const byId = query<RunRow>(db, `SELECT ${RUN_COLUMNS} FROM runs r WHERE r.id = ?`)
  const inRoom = query<RunRow>(
    db,
    `SELECT ${RUN_COLUMNS} FROM runs r JOIN rooms g ON g.id = r.room_id AND g.deleted_at IS NULL WHERE r.number = ?`,
  )
  const ofQuestion = query<RunRow>(db, `SELECT ${RUN_COLUMNS} FROM runs r WHERE r.question_id = ? ORDER BY r.number`)
  const open = query<RunRow>(db, `SELECT ${RUN_COLUMNS} FROM runs r WHERE r.state IS NULL ORDER BY r.number`)
  const head = query<[head: number]>(db, 'SELECT head FROM runs WHERE id = ?')
  const number = query<[number: number]>(db, 'SELECT number FROM runs WHERE id = ?')
  const steps = stepsIn(db)
  return {
    runs: (ids: readonly RunId[]): readonly Run[] => ids.flatMap(id => byId.all(blob(id)).map(runOf)),
    /** By the number that the log of its room names, unless that is deleted. */
    loggedRun(number: number): Run | undefined {
      const row = inRoom.one(number)
      return row && runOf(row)
    },
    runSteps(run: RunId, after: number, limit: number): readonly RunStep[] {
      const found = number.one(blob(run))
      return found ? steps.page(found[0], after, limit) : []
    },
    toolSteps(run: RunId): readonly RunStep[] {
      const found = number.one(blob(run))
      return found ? steps.tools(found[0]) : []
    },
    runHeads: (runs: readonly RunId[]): readonly number[] => runs.map(run => head.one(blob(run))?.[0] ?? 0),
    runsOf: (question: MessageId): readonly Run[] => ofQuestion.all(blob(question)).map(runOf),
    openRuns: (): readonly Run[] => open.all().map(runOf),
  }
}

export function runWrites(tx: Transaction) {
  const sql = prepareWrites(tx.db)
  const steps = stepsIn(tx.db)
  const reads = runReads(tx.db)
  const placing = placingIn(tx)
  const charging = chargingIn(tx)

  function append({ run, steps: added, at }: WriteOf<'run.append'>): Outcome<'run.append'> {
    const found = sql.position.one(blob(run))
    if (!found) return refused({ code: 'run_unknown' })
    const [number, head, state] = found
    if (state !== null) return refused({ code: 'run_ended' })
    if (added.length === 0) return done({ steps: [] })
    sql.move.run(head + added.length, number)
    return done({ steps: steps.put(number, head, added, at) })
  }

  function end(write: WriteOf<'run.end'>): Outcome<'run.end'> {
    const { state, usage, fault, outcome, by = null } = write
    const found = sql.position.one(blob(write.run))
    const [run] = found ? reads.runs([write.run]) : []
    if (!found || !run) return refused({ code: 'run_unknown' })
    if (run.end) return refused({ code: 'run_ended' })
    const [number, head] = found
    const room = tx.room(run.room)
    const at = room ? Math.max(write.at, room.lastAt) : write.at
    const message = room ? answer(room, run, number, write) : null
    if (message === undefined) return refused({ code: 'id_conflict' })
    const last = { type: 'end', state, ...outcome } as const
    steps.put(number, head, [last], at)
    const id = message?.id ?? null
    sql.end.run(head + 1, state, at, usage && JSON.stringify(usage), fault, id && blob(id), by, number)
    charging.charge(run, room, usage?.charge ?? 0, at)
    const seq = message?.seq ?? (room ? tx.log(room, 'run.ended', number, at) : 0)
    return done({
      run: { ...run, end: { state, at, usage, fault, answer: id, by } },
      step: { ...last, n: head + 1, at },
      message,
      seq,
      at,
    })
  }

  /** Makes the texts of a run a message; null where there are none, undefined when its id is taken. */
  function answer(room: RoomHead, run: Run, number: number, { answer: id, at }: WriteOf<'run.end'>) {
    const body = steps.text(number)
    if (body === '') return null
    const { agent, conversation } = run
    const text = { id, kind: 'text', body, clientId: null, replyTo: null, conversation } as const
    const placed = placing.place(room, { ...text, sender: blob(agent), run: number, at })
    if (!placed) return undefined
    const member = tx.member(room, agent)
    if (member) {
      member.own++
      member.dirty = true
    }
    return { ...text, ...placed, room: run.room, sender: agent, run: run.id, editedAt: null, deletedAt: null }
  }

  return { append, end }
}

const prepareWrites = (db: DatabaseSync) => ({
  position: query<[number: number, head: number, state: RunEnd | null]>(
    db,
    'SELECT number, head, state FROM runs WHERE id = ?',
  ),
  move: db.prepare('UPDATE runs SET head = ? WHERE number = ?'),
  end: db.prepare(
    'UPDATE runs SET head = ?, state = ?, ended_at = ?, usage = ?, fault = ?, answer_id = ?, speaker = ? WHERE number = ?',
  ),
})
