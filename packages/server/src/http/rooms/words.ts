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

type Words = { readonly [C in RefusalCode]: (refusal: Refusal & { readonly code: C }) => string }

const WORDS: Words = {
  unauthenticated: ({ why }) => (why ? TOKEN_FAULTS[why] : 'Token missing'),
  credentials_wrong: () => 'Invalid username or password',
  password_wrong: () => 'The current password is wrong',
  role_forbids: ({ role }) => `The role ${role} does not allow this`,
  admin_only: () => 'Admin access required',
  not_owner: ({ of }) => `Only the owner of the ${of} may do this`,
  not_member: () => 'Access denied',
  registration_closed: () => 'Registration is closed on this server',
  body_empty: () => 'Message content required',
  body_too_long: () => 'Message is too long',
  user_unknown: () => 'User not found',
  bot_unknown: () => 'Bot not found',
  recipient_viewer: () => 'The recipient takes no messages',
  message_unknown: () => 'Message not found',
  room_unknown: () => 'Room not found',
  conversation_unknown: () => 'Conversation not found',
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
  rate_limited: () => 'Rate limit exceeded',
  busy: () => 'Server is busy',
  storage_failed: () => 'Could not store the change',
  internal: () => 'Internal server error',
}

/** What the rooms protocol says over HTTP for a refusal. */
export const words = <C extends RefusalCode>(refusal: Refusal & { readonly code: C }): string =>
  WORDS[refusal.code](refusal)
