import type { ErrorCode } from '../errors.ts'

/** The codes that the protocol's document names. */
export const DOCUMENTED_CODES = [
  'RATE_LIMIT',
  'INVALID_JSON',
  'INVALID_TYPE',
  'INVALID_MESSAGE',
  'MESSAGE_REQUIRED',
  'ROOM_ACCESS_DENIED',
  'AI_ERROR',
  'INTERNAL_ERROR',
] as const

/** `code` of an `error` frame for each reason of a refusal: the documented one where it applies, else the reason's own. */
export const WIRE_CODES = {
  // who asks
  unauthenticated: 'UNAUTHENTICATED',
  token_refused: 'TOKEN_REFUSED',
  credentials_wrong: 'CREDENTIALS_WRONG',
  password_wrong: 'PASSWORD_WRONG',
  forbidden: 'FORBIDDEN',
  role_forbids: 'ROLE_FORBIDS',
  admin_only: 'ADMIN_ONLY',
  not_owner: 'NOT_OWNER',
  not_member: 'NOT_MEMBER',
  room_access_denied: 'ROOM_ACCESS_DENIED',
  assistant_off: 'ASSISTANT_OFF',
  registration_closed: 'REGISTRATION_CLOSED',
  // what is asked for
  user_unknown: 'USER_UNKNOWN',
  bot_unknown: 'BOT_UNKNOWN',
  message_unknown: 'MESSAGE_UNKNOWN',
  room_unknown: 'ROOM_UNKNOWN',
  conversation_unknown: 'CONVERSATION_UNKNOWN',
  collection_unknown: 'COLLECTION_UNKNOWN',
  run_unknown: 'RUN_UNKNOWN',
  artefact_unknown: 'ARTEFACT_UNKNOWN',
  version_unknown: 'VERSION_UNKNOWN',
  approval_unknown: 'APPROVAL_UNKNOWN',
  upload_unknown: 'UPLOAD_UNKNOWN',
  file_unknown: 'FILE_UNKNOWN',
  // what was sent
  unknown_type: 'INVALID_TYPE',
  missing: 'INVALID_MESSAGE',
  invalid: 'INVALID_MESSAGE',
  too_long: 'INVALID_MESSAGE',
  body_empty: 'MESSAGE_REQUIRED',
  body_too_long: 'BODY_TOO_LONG',
  name_invalid: 'NAME_INVALID',
  room_label_invalid: 'ROOM_LABEL_INVALID',
  webhook_refused: 'WEBHOOK_REFUSED',
  bot_with_logo: 'BOT_WITH_LOGO',
  bot_by_registration: 'BOT_BY_REGISTRATION',
  recipient_viewer: 'RECIPIENT_VIEWER',
  nothing_to_change: 'NOTHING_TO_CHANGE',
  email_missing: 'EMAIL_MISSING',
  artefact_invalid: 'ARTEFACT_INVALID',
  export_too_large: 'EXPORT_TOO_LARGE',
  file_type_refused: 'FILE_TYPE_REFUSED',
  file_too_large: 'FILE_TOO_LARGE',
  file_size_invalid: 'FILE_SIZE_INVALID',
  chunk_too_large: 'CHUNK_TOO_LARGE',
  chunk_invalid: 'CHUNK_INVALID',
  size_mismatch: 'SIZE_MISMATCH',
  checksum_wrong: 'CHECKSUM_WRONG',
  scan_failed: 'SCAN_FAILED',
  // what is there already
  name_taken: 'NAME_TAKEN',
  email_taken: 'EMAIL_TAKEN',
  room_exists: 'ROOM_EXISTS',
  id_conflict: 'ID_CONFLICT',
  run_ended: 'RUN_ENDED',
  run_open: 'RUN_OPEN',
  nothing_to_continue: 'NOTHING_TO_CONTINUE',
  version_conflict: 'VERSION_CONFLICT',
  artefact_kind_unknown: 'ARTEFACT_KIND_UNKNOWN',
  approval_expired: 'APPROVAL_EXPIRED',
  approval_decided: 'APPROVAL_DECIDED',
  approval_elsewhere: 'APPROVAL_ELSEWHERE',
  chunks_missing: 'CHUNKS_MISSING',
  // the server's own condition
  rate_limited: 'RATE_LIMIT',
  busy: 'BUSY',
  storage_failed: 'INTERNAL_ERROR',
  storage_insufficient: 'STORAGE_INSUFFICIENT',
  not_configured: 'NOT_CONFIGURED',
  mail_off: 'MAIL_OFF',
  mail_failed: 'MAIL_FAILED',
  internal: 'INTERNAL_ERROR',
} as const satisfies Record<ErrorCode, string>

export type WireCode = (typeof DOCUMENTED_CODES)[number] | (typeof WIRE_CODES)[ErrorCode]

/** Every `code` there is. */
export const CODES: readonly WireCode[] = [...new Set<WireCode>([...DOCUMENTED_CODES, ...Object.values(WIRE_CODES)])]
