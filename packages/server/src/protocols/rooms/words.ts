import { TEXTS, UPLOAD_TEXTS } from '@parley/protocol/rooms/limits'
import { faultText } from '../../core/fields.ts'
import type { Refusal, RefusalCode, TokenFault } from '../../core/refusals.ts'

const TOKEN_FAULTS: Record<TokenFault, string> = {
  malformed: 'Token malformed',
  expired: 'Token expired',
  wrong_type: 'Token type not accepted',
  user_unknown: 'User unknown or disabled',
}

const NAME_FAULTS = {
  empty: 'Username must not be empty',
  too_long: 'Username is too long',
  invisible: 'Username must not contain control or invisible characters',
  edges: 'Username must not begin or end with a space',
  reserved: 'Username is reserved',
} as const

const mebibytes = (bytes: number): number => Math.floor(bytes / 1_048_576)

type Words = { readonly [C in RefusalCode]: (refusal: Refusal & { readonly code: C }) => string }

const WORDS: Words = {
  unauthenticated: ({ why }) => (why ? TOKEN_FAULTS[why] : 'Token missing'),
  credentials_wrong: () => 'Invalid username or password',
  password_wrong: () => 'The current password is wrong',
  role_forbids: ({ role }) => `The role ${role} does not allow this`,
  admin_only: () => TEXTS.adminRequired,
  not_owner: ({ of }) => `Only the owner of the ${of} may do this`,
  not_member: () => TEXTS.forbidden,
  room_access_denied: () => TEXTS.accessDenied,
  assistant_off: () => 'The assistant is off in this room',
  registration_closed: () => 'Registration is closed on this server',
  body_empty: () => TEXTS.messageRequired,
  body_too_long: () => TEXTS.messageTooLong,
  user_unknown: () => 'User not found',
  bot_unknown: () => 'Bot not found',
  recipient_viewer: () => 'The recipient takes no messages',
  message_unknown: () => 'Message not found',
  room_unknown: () => TEXTS.roomUnknown,
  room_exists: () => TEXTS.roomExists,
  room_label_invalid: () => 'This room id cannot be chosen',
  conversation_unknown: () => 'Conversation not found',
  collection_unknown: () => 'Collection not found',
  artefact_unknown: () => 'Artefact not found',
  artefact_kind_unknown: ({ kind }) => `There is no kind of artefact called ${kind} any more`,
  artefact_invalid: ({ faults }) => faultText(faults),
  version_unknown: ({ version }) => `There is no version ${version}`,
  version_conflict: ({ version }) => `It was changed meanwhile, to version ${version}`,
  export_too_large: () => 'That is more than one document may hold',
  run_unknown: () => 'Run not found',
  run_ended: () => 'The run has ended',
  run_open: () => 'The run has not ended yet',
  nothing_to_continue: () => 'The answer is whole, or has no text to go on from',
  approval_unknown: () => 'Approval not found',
  approval_expired: () => 'It is too late to decide this',
  approval_decided: ({ decision }) => `This was ${decision} already`,
  approval_elsewhere: () => 'This is decided where it was asked, or in private',
  upload_unknown: () => UPLOAD_TEXTS.unknown,
  file_unknown: () => 'File not found',
  file_type_refused: ({ extension }) => `${UPLOAD_TEXTS.typeRefused}: ${extension || 'none'}`,
  file_too_large: ({ max }) => `${UPLOAD_TEXTS.tooLarge}${mebibytes(max)}MB`,
  file_size_invalid: () => UPLOAD_TEXTS.sizeInvalid,
  chunk_too_large: () => UPLOAD_TEXTS.chunkTooLarge,
  chunk_invalid: ({ why }) => `${UPLOAD_TEXTS.chunkInvalid}: ${why}`,
  chunks_missing: ({ expected, got }) => `${UPLOAD_TEXTS.missing}: expected ${expected}, got ${got}`,
  size_mismatch: ({ expected, got }) => `${UPLOAD_TEXTS.mismatch}: expected ${expected}, got ${got}`,
  checksum_wrong: () => UPLOAD_TEXTS.checksum,
  scan_failed: () => UPLOAD_TEXTS.scan,
  storage_insufficient: () => UPLOAD_TEXTS.storage,
  name_taken: () => 'Username already registered',
  name_invalid: ({ fault }) => NAME_FAULTS[fault],
  email_taken: () => 'Email already registered',
  email_missing: () => 'This account has no email address',
  webhook_refused: () => 'This server does not call that webhook URL',
  bot_by_registration: () => 'Bots cannot register themselves',
  bot_with_logo: () => 'A bot has an emoji, not a logo',
  nothing_to_change: () => 'No fields to update',
  id_conflict: () => 'This id was used for something else',
  token_refused: () => 'Invalid or expired token',
  mail_off: () => 'This server sends no email',
  mail_failed: () => 'The email could not be sent',
  rate_limited: () => TEXTS.rateLimit,
  busy: () => 'Server is busy',
  storage_failed: () => 'Could not store the change',
  internal: () => 'Internal server error',
}

/** What the rooms protocol says for a refusal, over HTTP and in uploads. */
export const words = <C extends RefusalCode>(refusal: Refusal & { readonly code: C }): string =>
  WORDS[refusal.code](refusal)
