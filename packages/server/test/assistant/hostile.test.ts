import fc from 'fast-check'
import { expect, test } from 'vitest'
import { character } from '../unicode.ts'
import { openWorld } from '../world.ts'
import { AssistantClient } from './client.ts'

const name = fc.constantFrom(
  ...['type', 'message', 'auth_type', 'token', 'api_key', 'api_key_header', 'username', 'password', 'client_id'],
  ...['client_secret', 'token_url', 'scope', 'custom_headers', 'metadata', '__proto__', 'constructor'],
)
const word = fc.constantFrom(
  ...['chat', 'auth', 'history', 'clear', 'ping', 'logout', 'get_history', 'bearer_token', 'api_key', 'basic_auth'],
  ...[
    'oauth2',
    'custom',
    'Authorization',
    'Host',
    'X-API-Key',
    '',
    ' ',
    '\u0000',
    '\ud800',
    'Basic eDp5',
    '.',
    'a.b.c',
  ],
)
const value = fc.oneof(
  word,
  fc.string({ unit: character }),
  fc.jsonValue(),
  fc.dictionary(word, fc.oneof(word, fc.jsonValue())),
)
const rubbish = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(name, value, { maxKeys: 5 }).map(frame => JSON.stringify(frame)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: character }) },
)

test('[ASSIST-8] whatever a client sends, it gets documented frames and the connection stays', async () => {
  await using world = await openWorld()
  const client = await AssistantClient.open(world)
  await fc.assert(
    fc.asyncProperty(fc.array(rubbish, { maxLength: 8 }), async frames => {
      for (const frame of frames) client.send(frame)
      client.send({ type: 'no such type' })
      for (;;) {
        const { type, message } = await client.next()
        if (type === 'error' && message === 'Unknown message type: no such type') return
      }
    }),
    { numRuns: 60 },
  )
  expect(world.faults).toEqual([])
})

test('[ASSIST-8] whatever an upgrade asks for, it gets a session', async () => {
  await using world = await openWorld()
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom('session_id', 'user_id', 'token'), fc.string()), async query => {
      const client = await AssistantClient.open(world, `/ws/chat?${new URLSearchParams(query)}`)
      expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
      await client.leave()
    }),
    { numRuns: 20 },
  )
})
