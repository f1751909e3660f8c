import type { Approval } from '../../core/approval.ts'
import type { RoomId } from '../../core/ids.ts'
import type { ApprovalReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { approvalFault } from '../approvals.ts'
import { done, refused } from '../outcomes.ts'
import { living, unknownUser } from './directory.ts'
import { livingRoom, type State } from './state.ts'

export function askApproval(
  state: State,
  { type: _, run: id, at, ...wanted }: WriteOf<'approval.ask'>,
): Outcome<'approval.ask'> {
  const run = state.runs.get(id)?.run
  if (!run || !livingRoom(state, run.room)) return refused({ code: 'run_unknown' })
  if (run.end) return refused({ code: 'run_ended' })
  const { asker, agent, room, conversation } = run
  if (!living(state, asker)) return refused(unknownUser(asker))
  if (state.approvals.has(wanted.code)) return refused({ code: 'id_conflict' })
  const approval: Approval = { ...wanted, asker, agent, room, conversation, run: id, askedAt: at, decided: null }
  state.approvals.set(approval.code, approval)
  return done({ approval })
}

export function decideApproval(
  state: State,
  { code, user, decision, at }: WriteOf<'approval.decide'>,
): Outcome<'approval.decide'> {
  const known = found(state, code)
  const fault = approvalFault(known, user, at)
  if (!known || fault) return refused(fault ?? { code: 'approval_unknown' })
  const approval = { ...known, decided: { decision, at } }
  state.approvals.set(code, approval)
  return done({ approval })
}

export function sweepApprovals(state: State, { before, limit }: WriteOf<'approval.sweep'>): Outcome<'approval.sweep'> {
  const isOver = ({ decided, expiresAt }: Approval) => Math.min(expiresAt, decided?.at ?? expiresAt) <= before
  return done({ removed: forgetApprovals(state, isOver, limit) })
}

/** Forgets at most `limit` of those that `test` picks and answers how many. */
export function forgetApprovals(state: State, test: (approval: Approval) => boolean, limit = Infinity): number {
  const gone = [...state.approvals.values()].filter(test).slice(0, limit)
  for (const { code } of gone) state.approvals.delete(code)
  return gone.length
}

/** Erases at most `limit` approvals of a room and returns how many. */
export const eraseApprovals = (state: State, room: RoomId, limit: number): number =>
  forgetApprovals(state, approval => approval.room === room, limit)

function found(state: State, code: string): Approval | undefined {
  const approval = state.approvals.get(code)
  return approval && livingRoom(state, approval.room) ? approval : undefined
}

export function approvalReads(state: State): ApprovalReads {
  return {
    approval: async code => found(state, code),
    approvals: async (asker, at, limit) =>
      [...state.approvals.keys()]
        .flatMap(code => found(state, code) ?? [])
        .filter(one => one.asker === asker && one.decided === null && one.expiresAt > at)
        .toSorted((a, b) => a.askedAt - b.askedAt || (a.code < b.code ? -1 : 1))
        .slice(0, limit),
  }
}
