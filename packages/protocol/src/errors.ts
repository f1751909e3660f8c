/** What a client may make of a refusal. */
export interface ErrorKind {
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean
  /** HTTP status of the answer, where it is one. */
  readonly status: number
  /** Close code of the connection, where it ends with this. */
  readonly close?: number
}

const final = (status: number, close?: number): ErrorKind => ({
  retryable: false,
  status,
  ...(close !== undefined && { close }),
})
const later = (status: number): ErrorKind => ({ retryable: true, status })

/** Every reason for which a request is refused, by its stable code. Each protocol has its own words for them. */
export const ERRORS = {
  // who asks
  unauthenticated: final(401, 1008),
  token_refused: final(401),
  credentials_wrong: final(401),
  password_wrong: final(403),
  forbidden: final(403),
  role_forbids: final(403),
  admin_only: final(403),
  not_owner: final(403),
  not_member: final(403),
  room_access_denied: final(403),
  assistant_off: final(403),
  registration_closed: final(403),
  // what is asked for
  user_unknown: final(404),
  bot_unknown: final(404),
  message_unknown: final(404),
  room_unknown: final(404),
  conversation_unknown: final(404),
  collection_unknown: final(404),
  run_unknown: final(404),
  artefact_unknown: final(404),
  version_unknown: final(404),
  approval_unknown: final(404),
  upload_unknown: final(404),
  file_unknown: final(404),
  // what was sent
  unknown_type: final(400),
  missing: final(422),
  invalid: final(422),
  too_long: final(422),
  body_empty: final(422),
  body_too_long: final(422),
  name_invalid: final(422),
  room_label_invalid: final(422),
  webhook_refused: final(422),
  bot_with_logo: final(422),
  bot_by_registration: final(400),
  recipient_viewer: final(400),
  nothing_to_change: final(400),
  email_missing: final(400),
  artefact_invalid: final(422),
  export_too_large: final(413),
  file_type_refused: final(415),
  file_too_large: final(413),
  file_size_invalid: final(422),
  chunk_too_large: final(413),
  chunk_invalid: final(422),
  size_mismatch: final(422),
  checksum_wrong: final(422),
  scan_failed: final(422),
  // what is there already
  name_taken: final(409),
  email_taken: final(409),
  room_exists: final(409),
  id_conflict: final(409),
  run_ended: final(409),
  run_open: final(409),
  nothing_to_continue: final(409),
  version_conflict: final(409),
  artefact_kind_unknown: final(409),
  approval_expired: final(409),
  approval_decided: final(409),
  approval_elsewhere: final(409),
  chunks_missing: final(409),
  // the server's own condition
  rate_limited: later(429),
  busy: later(503),
  storage_failed: later(500),
  storage_insufficient: later(507),
  not_configured: final(503),
  mail_off: final(503),
  mail_failed: later(500),
  internal: final(500),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS
