import type { Approval } from '../core/approval.ts'
import type { UserId } from '../core/ids.ts'
import type { Refusal } from '../core/refusals.ts'

/** Why the user can't decide it at `at`, if so. */
export function approvalFault(approval: Approval | undefined, user: UserId, at: number): Refusal | undefined {
  if (approval?.asker !== user) return { code: 'approval_unknown' }
  if (approval.decided) return { code: 'approval_decided', decision: approval.decided.decision }
  return approval.expiresAt <= at ? { code: 'approval_expired' } : undefined
}
