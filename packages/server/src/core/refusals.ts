import type { Decision } from './approval.ts'
import type { FieldFault } from './fields.ts'
import type { NameFault } from './names.ts'
import type { Capability } from './permissions.ts'
import type { Role } from './user.ts'

/**
 * What is wrong with a token: nothing this server made, or made but over (also by signing out), for another use, of a user
 * who is gone.
 */
export type TokenFault = 'malformed' | 'expired' | 'wrong_type' | 'user_unknown'

/** Why the core did not do what a command asked. Each view puts it in its own words; the code is stable. */
export type Refusal =
  | { readonly code: 'unauthenticated'; readonly why?: TokenFault }
  | { readonly code: 'credentials_wrong' }
  | { readonly code: 'password_wrong' }
  | { readonly code: 'role_forbids'; readonly role: Role; readonly capability: Capability }
  | { readonly code: 'admin_only' }
  | { readonly code: 'not_owner'; readonly of: 'bot' | 'conversation' | 'collection' | 'room' | 'artefact' }
  | { readonly code: 'registration_closed' }
  | { readonly code: 'body_empty' }
  | { readonly code: 'body_too_long' }
  | { readonly code: 'user_unknown'; readonly name: string }
  | { readonly code: 'bot_unknown' }
  | { readonly code: 'recipient_viewer'; readonly name: string }
  | { readonly code: 'message_unknown'; readonly id: string }
  | { readonly code: 'room_unknown' }
  | { readonly code: 'not_member' }
  /** The room is closed, a group, reserved, deleted, or of a kind nobody can join. */
  | { readonly code: 'room_access_denied' }
  /** The label is taken, also by a deleted room. */
  | { readonly code: 'room_exists' }
  | { readonly code: 'room_label_invalid' }
  | { readonly code: 'conversation_unknown'; readonly id: string }
  | { readonly code: 'collection_unknown'; readonly id: string }
  | { readonly code: 'artefact_unknown'; readonly id: string }
  /** There is no such kind, or no more. */
  | { readonly code: 'artefact_kind_unknown'; readonly kind: string }
  /** The data does not fit its kind; at least one fault. */
  | { readonly code: 'artefact_invalid'; readonly faults: readonly FieldFault[] }
  | { readonly code: 'version_unknown'; readonly version: number }
  /** It was changed meanwhile; `version` is what it is now. */
  | { readonly code: 'version_conflict'; readonly version: number }
  /** More than one document may hold. */
  | { readonly code: 'export_too_large' }
  | { readonly code: 'run_unknown' }
  | { readonly code: 'run_ended' }
  | { readonly code: 'run_open' }
  | { readonly code: 'nothing_to_continue' }
  | { readonly code: 'assistant_off' }
  | { readonly code: 'approval_unknown' }
  | { readonly code: 'approval_expired' }
  | { readonly code: 'approval_decided'; readonly decision: Decision }
  /** What comes of it would be shown to others than where it was asked for. */
  | { readonly code: 'approval_elsewhere' }
  | { readonly code: 'upload_unknown' }
  | { readonly code: 'file_unknown' }
  | { readonly code: 'file_type_refused'; readonly extension: string }
  | { readonly code: 'file_too_large'; readonly max: number }
  | { readonly code: 'file_size_invalid' }
  | { readonly code: 'chunk_too_large'; readonly max: number }
  | { readonly code: 'chunk_invalid'; readonly why: string }
  | { readonly code: 'chunks_missing'; readonly expected: number; readonly got: number }
  | { readonly code: 'size_mismatch'; readonly expected: number; readonly got: number }
  | { readonly code: 'checksum_wrong' }
  | { readonly code: 'scan_failed' }
  /** Over a quota, or the disk is full. */
  | { readonly code: 'storage_insufficient' }
  | { readonly code: 'name_taken'; readonly name: string }
  | { readonly code: 'name_invalid'; readonly fault: NameFault }
  | { readonly code: 'email_taken' }
  | { readonly code: 'email_missing' }
  | { readonly code: 'webhook_refused' }
  | { readonly code: 'bot_by_registration' }
  | { readonly code: 'bot_with_logo' }
  | { readonly code: 'nothing_to_change' }
  | { readonly code: 'id_conflict' }
  | { readonly code: 'token_refused' }
  | { readonly code: 'mail_off' }
  | { readonly code: 'mail_failed' }
  | { readonly code: 'rate_limited'; readonly retryAfter: number }
  | { readonly code: 'busy'; readonly retryAfter: number }
  | { readonly code: 'storage_failed' }
  | { readonly code: 'internal' }

/** There is more to do than can be done now. */
export const BUSY: Refusal = { code: 'busy', retryAfter: 1 }

export type RefusalCode = Refusal['code']

/** Thrown by commands; caught where a view answers. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.code)
    this.name = 'Refused'
    this.refusal = refusal
  }
}

export function refuse(refusal: Refusal): never {
  throw new Refused(refusal)
}
