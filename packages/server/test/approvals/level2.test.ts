import { expect, test } from 'vitest'
import type { RoomsClient } from '../rooms/client.ts'
import type { Level2Client } from '../rooms/level2/client.ts'
import { answer, inRoom, openNotes, say, wanted } from './agent.ts'

const approvals = async (client: Level2Client) => (await client.ask({ type: 'approvals' })).data.approvals

test('[APPROVE-20] one reads what one may decide, with its arguments, from every connection; nobody else does', async () => {
  const { world: opened } = await openNotes()
  await using world = opened
  const member = await world.member('ada')
  const [ada, ben] = [await inRoom(world, member), await inRoom(world, await world.member('ben'))]
  const code = await wanted(ada)
  const { room, messages } = (await ada.ask({ type: 'history', room_id: 'kitchen' })).data
  const [, { run }] = messages as [object, { run: { run_id: string } }]
  expect(await approvals(await inRoom(world, member))).toEqual([
    {
      ...{ approval: code, agent: { user_id: expect.any(String), username: 'assistant' }, room, room_id: 'kitchen' },
      ...{
        conversation_id: expect.any(Number),
        run_id: run.run_id,
        tool: 'make_note',
        arguments: { title: 'milk' },
        why: 'write',
      },
      ...{ asked_at: '2026-01-01T00:00:00.000Z', expires_at: '2026-01-01T01:00:00.000Z' },
    },
  ])
  expect(await approvals(ben)).toEqual([])
})

test('[APPROVE-21] a decision is a message in its room, once, however often it is sent', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const ada = await inRoom(world, await world.member('ada'))
  const code = await wanted(ada)
  const frame = { type: 'decide', data: { approval: code.toLowerCase(), decision: 'approve' } }
  const { data, room_id } = await ada.ask(frame, 'd1')
  expect(room_id).toBe('kitchen')
  expect(data).toMatchObject({ approval: code, decision: 'approve', room_id: 'kitchen', run_id: expect.any(String) })
  expect(await answer(ada)).toBe('Noted.')
  // As a client does that lost the answer.
  const again = await ada.ask(frame, 'd1')
  expect(again.data).toEqual({ ...data, run_id: null })
  expect(notes()).toHaveLength(1)
  const { messages } = (await ada.ask({ type: 'history', room_id: 'kitchen' })).data as { messages: object[] }
  expect(messages.at(-2)).toMatchObject({ id: data.id, content: `/approve ${code}`, username: 'ada' })
  expect(messages).toHaveLength(4)
})

test('[APPROVE-21] a private decision is one to the agent alone', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const [ada, ben] = [await inRoom(world, await world.member('ada')), await inRoom(world, await world.member('ben'))]
  const code = await wanted(ada)
  const frame = { type: 'decide', data: { approval: code, decision: 'approve', privately: true } }
  const first = await ada.ask(frame, 'd1')
  expect(first.data.room_id).toMatch(/^dm:/)
  expect(await answer(ada)).toBe('Noted.')
  expect((await ada.ask(frame, 'd1')).data).toEqual({ ...first.data, run_id: null })
  expect(notes()).toHaveLength(1)
  expect(await say(ben, '@assistant hello')).toBe('What?')
  const { messages } = (await ben.ask({ type: 'history', room_id: 'kitchen' })).data as {
    messages: { content: string }[]
  }
  expect(messages.map(({ content }) => content.slice(0, 10))).toEqual([
    '@assistant',
    'Say /appro',
    '@assistant',
    'What?',
  ])
  expect(JSON.stringify(ben.pushed)).not.toContain('Noted.')
})

test('[APPROVE-22] what cannot be decided is refused before anything is said', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const [ada, ben] = [await inRoom(world, await world.member('ada')), await inRoom(world, await world.member('ben'))]
  const [code, late, left] = [await wanted(ada), await wanted(ada), await wanted(ada)]
  const decide = async (client: Level2Client, approval: string, decision = 'approve') =>
    (await client.ask({ type: 'decide', data: { approval, decision } })).data.code
  expect(await decide(ben, code)).toBe('APPROVAL_UNKNOWN')
  expect(await decide(ada, 'ABCD2345')).toBe('APPROVAL_UNKNOWN')
  expect(await decide(ada, code, 'maybe')).toBe('INVALID_MESSAGE')
  expect(await decide(ada, code, 'deny')).toBeUndefined()
  await answer(ada)
  expect(await decide(ada, code)).toBe('APPROVAL_DECIDED')
  await ada.ask({ type: 'leave_room', data: { room_id: 'kitchen' } })
  expect(await decide(ada, left)).toBe('NOT_MEMBER')
  await ada.ask({ type: 'join_room', data: { room_id: 'kitchen' } })
  world.clock.advance(3_600_000)
  expect(await decide(ada, late)).toBe('APPROVAL_EXPIRED')
  expect(await approvals(ada)).toEqual([])
  expect(notes()).toEqual([])
})

test('[APPROVE-30] what a connection shows goes with what it decides and asks, until it is taken back, and with nothing else', async () => {
  const { world: opened, agent } = await openNotes()
  await using world = opened
  const member = await world.member('ada')
  const [one, two] = [await inRoom(world, member), await inRoom(world, member)]
  const show = async (data: object | null) => (await one.ask({ type: 'tool_credentials', data: data ?? {} })).data
  const decide = async (client: Level2Client, title: string) => {
    const approval = await wanted(one, title)
    await client.ask({ type: 'decide', data: { approval, decision: 'approve' } })
    await answer(one)
    return agent.notes.at(-1)?.outside
  }
  const secret = { by: 'headers', headers: { Authorization: 'Bearer s3cret' } }
  expect(await decide(one, 'a')).toBeNull()
  expect(await show({ auth_type: 'bearer_token', token: 's3cret' })).toEqual({ auth_type: 'bearer_token' })
  expect(await decide(one, 'b')).toEqual(secret)
  expect(await decide(two, 'c')).toBeNull()
  const code = await wanted(one, 'd')
  expect(await say(one, `/approve ${code}`)).toBe('Noted.')
  expect(agent.notes.at(-1)?.outside).toEqual(secret)
  const oauth2 = { auth_type: 'OAuth2', client_id: 'i', client_secret: 's', token_url: 'https://example.com/token' }
  expect(await show(oauth2)).toEqual({ auth_type: 'oauth2' })
  expect(await decide(one, 'e')).toMatchObject({ by: 'oauth2', client: { id: 'i', secret: 's' } })
  expect(await show(null)).toEqual({ auth_type: null })
  expect(await decide(one, 'f')).toBeNull()
})

test('[APPROVE-31] credentials of this server are not taken, nor what is none; those of before stay', async () => {
  const { world: opened, agent } = await openNotes({
    verifier: {
      verify: async headers => ({ state: headers['X-API-Key'] === 'bad' ? 'rejected' : 'accepted', detail: null }),
    },
  })
  await using world = opened
  const member = await world.member('ada')
  const ada = await inRoom(world, member)
  const show = async (data: object) => (await ada.ask({ type: 'tool_credentials', data })).data
  await show({ auth_type: 'api_key', api_key: 'good' })
  for (const [data, code, error] of [
    [{ auth_type: 'bearer_token', token: member.key }, 'INVALID_MESSAGE', /never leave/],
    [{ auth_type: 'custom', custom_headers: { 'X-Other': member.key } }, 'INVALID_MESSAGE', /never leave/],
    [{ auth_type: 'basic_auth', username: 'ada', password: 'guess' }, 'CREDENTIALS_WRONG', /./],
    [{ auth_type: 'custom', custom_headers: { Host: 'x' } }, 'INVALID_MESSAGE', /Header/],
    [{ auth_type: 'bearer_token' }, 'INVALID_MESSAGE', /Bearer token required/],
    [{ auth_type: 'magic' }, 'INVALID_MESSAGE', /Unknown auth type: magic/],
    [{ auth_type: 'custom', custom_headers: 7 }, 'INVALID_MESSAGE', /custom_headers/],
    [{ auth_type: 'api_key', api_key: 'bad' }, 'CREDENTIALS_WRONG', /Authentication failed/],
  ] as const) {
    const said = await show(data)
    expect([said.code, data]).toEqual([code, data])
    expect(said.error).toMatch(error)
    expect(JSON.stringify(said)).not.toContain(member.key)
  }
  const approval = await wanted(ada)
  await ada.ask({ type: 'decide', data: { approval, decision: 'approve' } })
  await answer(ada)
  expect(agent.notes[0]?.outside).toEqual({ by: 'headers', headers: { 'X-API-Key': 'good' } })
})

test('[APPROVE-1] a documented client of rooms decides by a message like any other', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const member = await world.member('ada')
  const code = await wanted(await inRoom(world, member))
  const client: RoomsClient = await world.joinRooms(member, { room_id: 'kitchen' })
  client.send({ type: 'chat', room_id: 'kitchen', data: { message: `/approve ${code}` }, message_id: 'm' })
  await client.until(({ data }) => data.done === true || data.content === 'Noted.')
  expect(notes()).toEqual([{ title: 'milk' }])
})
