import { expect, test } from 'vitest'
import { z } from 'zod'
import * as agentsCompletions from '../src/agents/completions.ts'
import * as agentsDown from '../src/agents/down.ts'
import * as agentsEndpoints from '../src/agents/endpoints.ts'
import * as agentsLimits from '../src/agents/limits.ts'
import { connectQuery as agentsQuery, up as agentsUp } from '../src/agents/up.ts'
import * as assistantAuth from '../src/assistant/auth.ts'
import * as assistantDown from '../src/assistant/down.ts'
import * as assistantEndpoints from '../src/assistant/endpoints.ts'
import * as assistantLimits from '../src/assistant/limits.ts'
import { connectQuery as assistantQuery, up as assistantUp } from '../src/assistant/up.ts'
import { ERRORS } from '../src/errors.ts'
import * as roomsAccounts from '../src/rooms/accounts.ts'
import * as roomsChat from '../src/rooms/chat.ts'
import { CODES, WIRE_CODES } from '../src/rooms/codes.ts'
import * as roomsConnection from '../src/rooms/connection.ts'
import * as roomsDelivery from '../src/rooms/delivery.ts'
import { downFrame as roomsDown } from '../src/rooms/down.ts'
import * as roomsEndpoints from '../src/rooms/endpoints.ts'
import * as roomsErrors from '../src/rooms/errors.ts'
import * as level2Approvals from '../src/rooms/level2/approvals.ts'
import * as level2Artefacts from '../src/rooms/level2/artefacts.ts'
import { downFrame as level2Down } from '../src/rooms/level2/down.ts'
import * as level2Endpoints from '../src/rooms/level2/endpoints.ts'
import * as level2Limits from '../src/rooms/level2/limits.ts'
import * as level2Messages from '../src/rooms/level2/messages.ts'
import * as level2Presence from '../src/rooms/level2/presence.ts'
import * as level2Resume from '../src/rooms/level2/resume.ts'
import * as level2RoomList from '../src/rooms/level2/room-list.ts'
import * as level2Runs from '../src/rooms/level2/runs.ts'
import * as level2Search from '../src/rooms/level2/search.ts'
import { up as level2Up } from '../src/rooms/level2/up.ts'
import * as roomsLimits from '../src/rooms/limits.ts'
import * as roomsRooms from '../src/rooms/rooms.ts'
import * as roomsTyping from '../src/rooms/typing.ts'
import { up as roomsUp } from '../src/rooms/up.ts'
import * as roomsUploads from '../src/rooms/uploads.ts'
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

const roomsFamilies = {
  accounts: roomsAccounts,
  chat: roomsChat,
  connection: roomsConnection,
  delivery: roomsDelivery,
  endpoints: roomsEndpoints,
  errors: roomsErrors,
  rooms: roomsRooms,
  typing: roomsTyping,
  uploads: roomsUploads,
  'level2-artefacts': level2Artefacts,
  'level2-approvals': level2Approvals,
  'level2-endpoints': level2Endpoints,
  'level2-messages': level2Messages,
  'level2-presence': level2Presence,
  'level2-resume': level2Resume,
  'level2-room-list': level2RoomList,
  'level2-runs': level2Runs,
  'level2-search': level2Search,
}

test.each(Object.entries(roomsFamilies))('[WIRE-1] the wire of rooms %s is what it was', (name, family) =>
  frozen(`rooms-${name}`, shapesOf(family)),
)

const assistantFamilies = {
  auth: assistantAuth,
  down: assistantDown,
  endpoints: assistantEndpoints,
  query: { connectQuery: assistantQuery },
}

test.each(Object.entries(assistantFamilies))('[WIRE-1] the wire of the assistant %s is what it was', (name, family) =>
  frozen(`assistant-${name}`, shapesOf(family)),
)

const agentsFamilies = {
  down: agentsDown,
  endpoints: agentsEndpoints,
  completions: agentsCompletions,
  query: { connectQuery: agentsQuery },
}

test.each(Object.entries(agentsFamilies))('[WIRE-1] the wire of agents %s is what it was', (name, family) =>
  frozen(`agents-${name}`, shapesOf(family)),
)

const ups = { 'token-bowl': up, rooms: roomsUp, 'rooms-level2': level2Up, assistant: assistantUp, agents: agentsUp }

test.each(Object.entries(ups))('[WIRE-1] the frames a %s client may send are what they were', (name, frames) =>
  frozen(`${name}-up`, shapesOf(frames)),
)

test('[WIRE-1] the frames a token-bowl server may send are what they were', () =>
  frozen('token-bowl-down', shapeOf(downFrame)))

/** Where a schema is in the files above. */
const nameOf = (schema: z.ZodType): string | undefined =>
  Object.entries(roomsFamilies)
    .flatMap(([family, exported]) =>
      Object.entries(exported).map(([name, value]) => ({ name: `${family} ${name}`, value })),
    )
    .find(({ value }) => value === schema)?.name

test.each(Object.entries({ rooms: roomsDown, 'rooms-level2': level2Down }))(
  '[WIRE-1] the frames a %s server may send are those they were',
  (name, { options }) => {
    const names = options.map(nameOf)
    expect(names).not.toContain(undefined)
    return frozen(`${name}-down`, names)
  },
)

test.each(
  Object.entries({
    'token-bowl': limits,
    rooms: roomsLimits,
    'rooms-level2': level2Limits,
    assistant: assistantLimits,
    agents: agentsLimits,
  }),
)(
  '[WIRE-1] the numbers and fixed words of %s are what they were',
  (name, { ...constants }: Record<string, unknown>) => {
    delete constants.codePoints
    return frozen(`${name}-limits`, constants)
  },
)

test('[WIRE-1] the codes of rooms are what they were', () => frozen('rooms-codes', { WIRE_CODES, CODES }))

test('[WIRE-1] the error codes are what they were', () => frozen('errors', ERRORS))
