import { TEXTS } from '@parley/protocol/token-bowl/limits'
import { faultText } from '../../core/fields.ts'
import { NAME_MAX } from '../../core/names.ts'
import type { Capability } from '../../core/permissions.ts'
import type { Refusal, RefusalCode } from '../../core/refusals.ts'

const ACTIONS: Record<Capability, string> = {
  'lobby.send': 'send room messages',
  'conversation.send': 'talk with the assistant',
  'room.send': 'send room messages',
  'room.make': 'make rooms',
  'room.join': 'join rooms',
  'direct.send': 'send direct messages',
  'direct.receive': 'receive direct messages',
  'profile.change': 'update the profile',
  'bots.own': 'create or manage bots',
  'password.own': 'have a password',
  search: 'search messages',
  'artefacts.own': 'change artefacts',
  admin: 'administer the server',
}

const NAME_FAULTS = {
  empty: 'Username must not be empty',
  too_long: `Username must have at most ${NAME_MAX} characters`,
  invisible: 'Username must not contain control or invisible characters',
  edges: 'Username must not begin or end with a space',
  reserved: 'Username is reserved',
} as const

type Words = { readonly [C in RefusalCode]: (refusal: Refusal & { readonly code: C }) => string }

const WORDS: Words = {
  unauthenticated: () => TEXTS.unauthenticated,
  credentials_wrong: () => 'Invalid username or password',
  password_wrong: () => 'The current password is wrong',
  role_forbids: refusal => `Your role '${refusal.role}' does not have permission to ${ACTIONS[refusal.capability]}`,
  admin_only: () => TEXTS.adminRequired,
  not_owner: ({ of }) => `You can only manage your own ${of === 'collection' ? 'conversation' : of}s`,
  not_member: () => 'You are not in this room',
  room_access_denied: () => 'You may not enter this room',
  registration_closed: () => 'Registration is closed on this server',
  body_empty: () => TEXTS.missingContent,
  body_too_long: () => TEXTS.contentLength,
  user_unknown: refusal => `User ${refusal.name} not found`,
  bot_unknown: () => 'Bot not found',
  recipient_viewer: refusal => `Cannot send messages to viewer user ${refusal.name}`,
  message_unknown: refusal => `Message ${refusal.id} not found`,
  room_unknown: () => 'Room not found',
  room_exists: () => 'This room exists already',
  room_label_invalid: () => 'This name of a room cannot be chosen',
  conversation_unknown: refusal => `Conversation ${refusal.id} not found`,
  // Token Bowl calls collections so.
  collection_unknown: refusal => `Conversation ${refusal.id} not found`,
  artefact_unknown: () => 'Artefact not found',
  artefact_kind_unknown: refusal => `There is no kind of artefact called ${refusal.kind} any more`,
  artefact_invalid: refusal => faultText(refusal.faults),
  version_unknown: refusal => `There is no version ${refusal.version}`,
  version_conflict: refusal => `It was changed meanwhile, to version ${refusal.version}`,
  export_too_large: () => 'That is more than one document may hold',
  run_unknown: () => 'Answer not found',
  run_ended: () => 'The answer has ended',
  run_open: () => 'The answer has not ended yet',
  nothing_to_continue: () => 'There is nothing to go on from',
  assistant_off: () => 'The assistant is off here',
  approval_unknown: () => 'Approval not found',
  approval_expired: () => 'It is too late to decide this',
  approval_decided: ({ decision }) => `This was ${decision} already`,
  approval_elsewhere: () => 'This is decided where it was asked, or in private',
  upload_unknown: () => 'Upload not found',
  file_unknown: () => 'File not found',
  file_type_refused: refusal => `Files of type '${refusal.extension}' are not allowed`,
  file_too_large: refusal => `A file has at most ${refusal.max} bytes`,
  file_size_invalid: () => 'The size of the file is invalid',
  chunk_too_large: refusal => `A chunk has at most ${refusal.max} bytes`,
  chunk_invalid: refusal => `Invalid chunk: ${refusal.why}`,
  chunks_missing: refusal => `${refusal.got} of ${refusal.expected} chunks are there`,
  size_mismatch: refusal => `${refusal.got} of ${refusal.expected} bytes are there`,
  checksum_wrong: () => 'The checksum is wrong',
  scan_failed: () => 'The file failed the virus scan',
  storage_insufficient: () => 'Insufficient storage',
  name_taken: refusal => `Username ${refusal.name} already exists`,
  name_invalid: refusal => NAME_FAULTS[refusal.fault],
  email_taken: () => 'Email already exists',
  email_missing: () => 'This account has no email address',
  webhook_refused: () => 'This server does not call that webhook URL',
  bot_by_registration: () => 'Bots cannot register themselves: use POST /bots',
  bot_with_logo: () => 'A bot has an emoji, not a logo',
  nothing_to_change: () => 'No fields to update',
  id_conflict: () => 'This message id was used for another message',
  token_refused: () => 'Invalid or expired token',
  mail_off: () => 'Email login is not configured on this server',
  mail_failed: () => 'The email could not be sent',
  rate_limited: refusal => `Rate limit exceeded, try again in ${refusal.retryAfter} s`,
  busy: refusal => `Server is busy, try again in ${refusal.retryAfter} s`,
  storage_failed: () => TEXTS.storageFailed,
  internal: () => 'Internal server error',
}

/** What Token Bowl says for a refusal, in error frames and in `detail` bodies. */
export const words = <C extends RefusalCode>(refusal: Refusal & { readonly code: C }): string =>
  WORDS[refusal.code](refusal)
