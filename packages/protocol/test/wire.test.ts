import { expect, test } from 'vitest'
import { z } from 'zod'
import { ERRORS } from '../src/errors.ts'
import * as roomsAccounts from '../src/rooms/accounts.ts'
import * as roomsErrors from '../src/rooms/errors.ts'
import * as accounts from '../src/token-bowl/accounts.ts'
import * as admin from '../src/token-bowl/admin.ts'
import * as bots from '../src/token-bowl/bots.ts'
import * as conversations from '../src/token-bowl/conversations.ts'
import { downFrame } from '../src/token-bowl/down.ts'
import * as errors from '../src/token-bowl/errors.ts'
import * as health from '../src/token-bowl/health.ts'
import * as heartbeat from '../src/token-bowl/heartbeat.ts'
import * as limits from '../src/token-bowl/limits.ts'
import * as messages from '../src/token-bowl/messages.ts'
import * as pages from '../src/token-bowl/pages.ts'
import * as reads from '../src/token-bowl/reads.ts'
import * as typing from '../src/token-bowl/typing.ts'
import { up } from '../src/token-bowl/up.ts'
import * as users from '../src/token-bowl/users.ts'

const families = {
  accounts,
  admin,
  bots,
  conversations,
  errors,
  health,
  heartbeat,
  messages,
  pages,
  reads,
  typing,
  users,
}

const shapeOf = (schema: z.ZodType): object => {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return shape
}

const shapesOf = (family: object): object =>
  Object.fromEntries(
    Object.entries(family).flatMap(([name, value]) => (value instanceof z.ZodType ? [[name, shapeOf(value)]] : [])),
  )

const frozen = (name: string, value: object) =>
  expect(`${JSON.stringify(value, null, 1)}\n`).toMatchFileSnapshot(`./wire/${name}.snap`)

// Clients in the field depend on every line of these files. Change one only together with its protocol document.
test.each(Object.entries(families))('[WIRE-1] the wire of token-bowl %s is what it was', (name, family) =>
  frozen(`token-bowl-${name}`, shapesOf(family)),
)

test.each(Object.entries({ accounts: roomsAccounts, errors: roomsErrors }))(
  '[WIRE-1] the wire of rooms %s is what it was',
  (name, family) => frozen(`rooms-${name}`, shapesOf(family)),
)

test('[WIRE-1] the frames a token-bowl client may send are what they were', () =>
  frozen('token-bowl-up', Object.fromEntries(Object.entries(up).map(([type, schema]) => [type, shapeOf(schema)]))))

test('[WIRE-1] the frames a token-bowl server may send are what they were', () =>
  frozen('token-bowl-down', shapeOf(downFrame)))

test('[WIRE-1] the numbers and fixed words of token-bowl are what they were', () => {
  const { codePoints: _, ...constants } = limits
  return frozen('token-bowl-limits', constants)
})

test('[WIRE-1] the error codes are what they were', () => frozen('errors', ERRORS))
