import { account, done, socketToken, tokens, verified } from '@parley/protocol/rooms/accounts'
import { errorBody, invalidBody } from '@parley/protocol/rooms/errors'
import { fileLink } from '@parley/protocol/rooms/files'
import type { ErrorShapes, Family } from '../endpoint.ts'
import { accounts } from './accounts.ts'
import { rooms } from './dialect.ts'
import { files } from './files.ts'
import { passwords } from './passwords.ts'

/** Where every path of the rooms protocol begins. */
export const PREFIX = '/api/v1'

const errors: ErrorShapes = { error: errorBody, invalid: invalidBody, statuses: rooms.statuses }

/** Every endpoint of the rooms protocol. */
export const families: readonly Family[] = [
  { name: 'Sign-in', endpoints: accounts, errors },
  { name: 'Passwords and addresses', endpoints: passwords, errors },
  { name: 'Files', endpoints: files, errors },
]

/** Parts come before what they are part of. */
export const schemas = {
  RoomsError: errorBody,
  RoomsValidationError: invalidBody,
  Account: account,
  Tokens: tokens,
  VerifiedToken: verified,
  SocketToken: socketToken,
  Done: done,
  FileLink: fileLink,
}
