import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientUntil, failure, openClient } from '../fixture/chat.ts'
import { type Level2, openLevel2, userId } from '../fixture/level2.ts'

let server: Level2
beforeEach(async () => {
  server = await openLevel2()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

const AT = '2026-03-14T09:36:00.000Z'

function wanted(approval: string) {
  const room = server.rooms.get('team') ?? server.makeRoom('team', ['ann'])
  const agent = { user_id: userId('assistant'), username: 'assistant' }
  const where = { room: room.uuid, room_id: room.id, conversation_id: null, run_id: userId('run') }
  const use = { tool: 'make_note', arguments: { title: 'milk' }, why: 'write' } as const
  const info = { approval, agent, ...where, ...use, asked_at: AT, expires_at: AT }
  server.approvals.push({ asker: 'ann', room, info })
  return info
}

test('[CHAT-67] what agents want to do is listed and decided, once, over a lost connection too', async () => {
  const [one, two] = [wanted('AAAA2222'), wanted('BBBB2222')]
  await using client = await openClient(server, 'ann')
  expect(await client.approvals()).toEqual([one, two])
  const { room, message_id, run_id } = await client.decide('AAAA2222', 'approve')
  expect([room, run_id]).toEqual([client.room('team'), null])
  expect(message_id).toMatch(/^[0-9a-f-]{36}$/)
  const elsewhere = await client.decide('BBBB2222', 'deny', { privately: true })
  expect(elsewhere.room.id).toMatch(/^dm:/)
  expect(server.sent('decide').map(({ data }) => data)).toEqual([
    { approval: 'AAAA2222', decision: 'approve' },
    { approval: 'BBBB2222', decision: 'deny', privately: true },
  ])
  expect(await failure(client.decide('BBBB2222', 'approve'))).toMatchObject({ code: 'APPROVAL_UNKNOWN' })
  wanted('CCCC2222')
  server.rude.before = ({ type }) => {
    if (type !== 'decide') return
    server.rude.before = undefined
    server.cut()
  }
  const again = client.decide('CCCC2222', 'approve')
  await again.catch(() => undefined)
  const ids = server.sent('decide').map(({ message_id }) => message_id)
  // The same frame: the server takes it for the same decision.
  expect(ids.at(-1)).toBe(ids.at(-2))
})

test('[CHAT-68] credentials for tools are shown on every connection, before what waits for it, until they are taken back', async () => {
  server.makeRoom('team', ['ann'])
  await using client = await openClient(server, 'ann')
  const credentials = { auth_type: 'bearer_token', token: 'of-elsewhere' } as const
  await client.setToolCredentials(credentials)
  server.cut()
  await clientUntil(client, () => client.state.state !== 'live')
  await client.approvals()
  const told = server.frames.map(({ frame }) => frame.type).slice(-2)
  expect(told).toEqual(['tool_credentials', 'approvals'])
  expect(server.sent('tool_credentials').map(({ data }) => data)).toEqual([credentials, credentials])
  await client.setToolCredentials(null)
  server.cut()
  await clientUntil(client, () => client.state.state !== 'live')
  await client.approvals()
  expect(server.sent('tool_credentials').map(({ data }) => data)).toEqual([credentials, credentials, {}])
})
