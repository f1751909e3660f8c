import type { DatabaseSync } from 'node:sqlite'
import type { Approval, Decision } from '../../core/approval.ts'
import type { RoomId, RunId, UserId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { approvalFault } from '../approvals.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob, uuid } from './ids.ts'
import { runReads } from './runs.ts'
import type { Transaction } from './transaction.ts'

const COLUMNS = `a.code, hex(a.asker_id), hex(a.agent_id), hex(a.room_id), a.conversation, hex(a.run_id), a.tool, a.arguments, a.why,
  a.asked_at, a.expires_at, a.decision, a.decided_at`
const THERE = 'approvals a JOIN rooms r ON r.id = a.room_id AND r.deleted_at IS NULL'
/** When one ended, or will: the expression of its index. */
const END = 'min(expires_at, coalesce(decided_at, expires_at))'

type ApprovalRow = [
  code: string,
  asker: string,
  agent: string,
  room: string,
  conversation: number | null,
  run: string,
  tool: string,
  args: string,
  why: Approval['why'],
  askedAt: number,
  expiresAt: number,
  decision: Decision | null,
  decidedAt: number | null,
]

function approvalOf(row: ApprovalRow): Approval {
  const [code, asker, agent, room, conversation, run, tool, args, why, askedAt, expiresAt, decision, decidedAt] = row
  return {
    ...{ code, tool, why, conversation, askedAt, expiresAt, arguments: args },
    asker: uuid<UserId>(asker),
    agent: uuid<UserId>(agent),
    room: uuid<RoomId>(room),
    run: uuid<RunId>(run),
    decided: decision === null || decidedAt === null ? null : { decision, at: decidedAt },
  }
}

export function approvalReads(db: DatabaseSync) {
  const byCode = query<ApprovalRow>(db, `SELECT ${COLUMNS} FROM ${THERE} WHERE a.code = ?`)
  const pending = query<ApprovalRow>(
    db,
    `SELECT ${COLUMNS} FROM ${THERE} WHERE a.asker_id = ? AND a.decision IS NULL AND a.expires_at > ?
     ORDER BY a.asked_at, a.code LIMIT ?`,
  )
  return {
    approval(code: string): Approval | undefined {
      const row = byCode.one(code)
      return row && approvalOf(row)
    },
    approvals: (asker: UserId, at: number, limit: number): readonly Approval[] =>
      pending.all(blob(asker), at, limit).map(approvalOf),
  }
}

export function approvalWrites(tx: Transaction) {
  const sql = prepare(tx.db)
  const reads = approvalReads(tx.db)
  const runs = runReads(tx.db)
  const directory = directoryOf(tx)

  function ask({ run: id, at, ...wanted }: WriteOf<'approval.ask'>): Outcome<'approval.ask'> {
    const { code, tool, arguments: args, why, expiresAt } = wanted
    const [run] = runs.runs([id])
    if (!run || !tx.room(run.room)) return refused({ code: 'run_unknown' })
    if (run.end) return refused({ code: 'run_ended' })
    const { asker, agent, room, conversation } = run
    if (!directory.living(asker)) return refused(unknownUser(asker))
    sql.insert.run(
      ...[code, blob(asker), blob(agent), blob(room), conversation, blob(id), tool, args, why, at, expiresAt],
    )
    const of = { asker, agent, room, conversation, run: id }
    return done({ approval: { code, ...of, tool, arguments: args, why, askedAt: at, expiresAt, decided: null } })
  }

  function decide({ code, user, decision, at }: WriteOf<'approval.decide'>): Outcome<'approval.decide'> {
    const approval = reads.approval(code)
    const fault = approvalFault(approval, user, at)
    if (!approval || fault) return refused(fault ?? { code: 'approval_unknown' })
    sql.decide.run(decision, at, code)
    return done({ approval: { ...approval, decided: { decision, at } } })
  }

  const sweep = ({ before, limit }: WriteOf<'approval.sweep'>): Outcome<'approval.sweep'> =>
    done({ removed: Number(sql.sweep.run(before, limit).changes) })

  return { ask, decide, sweep }
}

/** Forgets what is not to be decided any more: of a conversation, or of a person who is deleted. */
export function forgettingApprovalsIn(db: DatabaseSync) {
  const ofConversation = db.prepare('DELETE FROM approvals WHERE room_id = ? AND conversation = ?')
  const ofAsker = db.prepare('DELETE FROM approvals WHERE asker_id = ?')
  return {
    ofConversation: (room: RoomId, number: number): unknown => ofConversation.run(blob(room), number),
    ofAsker: (asker: UserId): unknown => ofAsker.run(blob(asker)),
  }
}

const prepare = (db: DatabaseSync) => ({
  insert: db.prepare(
    `INSERT INTO approvals (code, asker_id, agent_id, room_id, conversation, run_id, tool, arguments, why, asked_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  decide: db.prepare('UPDATE approvals SET decision = ?, decided_at = ? WHERE code = ?'),
  sweep: db.prepare(`DELETE FROM approvals WHERE code IN (SELECT code FROM approvals WHERE ${END} <= ? LIMIT ?)`),
})
