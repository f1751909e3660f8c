import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GivenRole } from '../../src/core/user.ts'
import { type Frame, type Member, openWorld, type TestClient, type World } from '../world.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'

let world: World
let members: Record<GivenRole, Member>
let clients: Record<GivenRole, TestClient>

beforeAll(async () => {
  world = await openWorld()
  const join = (role: GivenRole) => world.member(`the ${role}`, role)
  members = {
    admin: await join('admin'),
    member: await join('member'),
    viewer: await join('viewer'),
    bot: await join('bot'),
  }
  clients = {
    admin: await world.connect(members.admin),
    member: await world.connect(members.member),
    viewer: await world.connect(members.viewer),
    bot: await world.connect(members.bot),
  }
})

afterAll(async () => {
  for (const client of Object.values(clients)) await client.quiet()
  await world[Symbol.asyncDispose]()
})

const error = (text: string): Frame => ({ type: 'error', error: text })

test.each<[situation: string, frame: object | string, error: string]>([
  ['no content', {}, 'Missing content field'],
  ['no content in a named message', { type: 'message', to_username: 'the bot' }, 'Missing content field'],
  ['content null', { content: null }, 'Missing content field'],
  ['content empty', { content: '' }, 'Missing content field'],
  ['content a number', { content: 5 }, 'Content must be 1-10000 characters'],
  ['content false', { content: false }, 'Content must be 1-10000 characters'],
  ['content an array', { content: ['a'] }, 'Content must be 1-10000 characters'],
  ['content too long', { content: 'x'.repeat(10_001) }, 'Content must be 1-10000 characters'],
  ['no JSON', 'hello', 'Invalid JSON'],
  ['nothing', '', 'Invalid JSON'],
  ['half of JSON', '{"content":"a"', 'Invalid JSON'],
  ['two objects', '{"content":"a"}{"content":"b"}', 'Invalid JSON'],
  ['an array', '[{"content":"a"}]', 'Invalid JSON'],
  ['a string', '"content"', 'Invalid JSON'],
  ['null', 'null', 'Invalid JSON'],
  ['an unknown recipient', { content: 'a', to_username: 'nobody' }, 'User nobody not found'],
  ['a recipient that is no text', { content: 'a', to_username: 5 }, 'User 5 not found'],
  [
    'a viewer as recipient',
    { content: 'a', to_username: 'the viewer' },
    'Cannot send messages to viewer user the viewer',
  ],
  ['mark_read without id', { type: 'mark_read' }, 'Missing message_id field'],
  ['mark_read with id null', { type: 'mark_read', message_id: null }, 'Missing message_id field'],
  ['mark_read with an empty id', { type: 'mark_read', message_id: '' }, 'Missing message_id field'],
  ['mark_read of an unknown id', { type: 'mark_read', message_id: UNKNOWN }, `Message ${UNKNOWN} not found`],
  ['mark_read of an id of another shape', { type: 'mark_read', message_id: 'msg_1' }, 'Message msg_1 not found'],
  ['mark_direct_read without name', { type: 'mark_direct_read' }, 'Missing from_username field'],
  ['mark_direct_read with a number', { type: 'mark_direct_read', from_username: 1 }, 'Missing from_username field'],
  ['get_user_profile without name', { type: 'get_user_profile' }, 'Missing username field'],
  ['get_user_profile of nobody', { type: 'get_user_profile', username: 'nobody' }, 'User nobody not found'],
  [
    'a since that is no time',
    { type: 'get_messages', since: 'yesterday' },
    'Invalid timestamp format. Use ISO 8601 format.',
  ],
  [
    'a since that is a number',
    { type: 'get_direct_messages', since: 5 },
    'Invalid timestamp format. Use ISO 8601 format.',
  ],
  ['get_conversation without id', { type: 'get_conversation' }, 'Missing conversation_id field'],
  ['update_conversation without id', { type: 'update_conversation' }, 'Missing conversation_id field'],
  ['delete_conversation without id', { type: 'delete_conversation' }, 'Missing conversation_id field'],
  ['get_conversation of an unknown id', { type: 'get_conversation', conversation_id: 'x' }, 'Conversation x not found'],
  ['a message id that is none', { type: 'create_conversation', message_ids: ['x'] }, 'Invalid message ID format'],
  ['a message id that is a number', { type: 'create_conversation', message_ids: [5] }, 'Invalid message ID format'],
  ['an unknown message', { type: 'create_conversation', message_ids: [UNKNOWN] }, `Message ${UNKNOWN} not found`],
  ['delete_message by a member', { type: 'delete_message', message_id: UNKNOWN }, 'Only admins can delete messages'],
  ['delete_message without id', { type: 'delete_message' }, 'Missing message_id field'],
  ['an unknown type', { type: 'dance' }, 'Unknown message type: dance'],
  ['an empty type', { type: '' }, 'Unknown message type: '],
  ['a type of an object', { type: '__proto__' }, 'Unknown message type: __proto__'],
  ['a type of every object', { type: 'constructor', content: 'a' }, 'Unknown message type: constructor'],
  ['a number as type', { type: 5, content: 'a' }, 'Unknown message type: 5'],
  ['an object as type', '{"type":{"toString":null}}', 'Unknown message type: object'],
  ['an array as type', { type: ['ping'] }, 'Unknown message type: array'],
])('[TB-20] %s', async (_, frame, text) => {
  expect(await clients.member.ask(frame)).toEqual(error(text))
  await clients.member.quiet()
})

test.each<[GivenRole, toUsername: string | null, error: string]>([
  ['viewer', null, "Your role 'viewer' does not have permission to send room messages"],
  ['viewer', 'the member', "Your role 'viewer' does not have permission to send direct messages"],
  ['bot', 'the member', "Your role 'bot' does not have permission to send direct messages"],
])('[TB-20] a %s may not send to %s', async (role, toUsername, text) => {
  expect(await clients[role].ask({ content: 'a', to_username: toUsername })).toEqual(error(text))
  await clients[role].quiet()
})

test('[TB-20] delete_message of an unknown message by an admin', async () => {
  expect(await clients.admin.ask({ type: 'delete_message', message_id: UNKNOWN })).toEqual(
    error(`Message ${UNKNOWN} not found`),
  )
})

test('[TB-20] errors of others: conversations', async () => {
  const created = await clients.member.ask({ type: 'create_conversation', title: 'mine' })
  const { id } = created.conversation as { id: string }
  const ask = (type: string) => clients.bot.ask({ type, conversation_id: id })
  expect(await ask('get_conversation')).toEqual(error('You can only view your own conversations'))
  expect(await ask('update_conversation')).toEqual(error('You can only update your own conversations'))
  expect(await ask('delete_conversation')).toEqual(error('You can only delete your own conversations'))
})

test.each<[what: string, role: GivenRole, frame: object, error: string]>([
  ['content before recipient', 'viewer', { content: '', to_username: 'nobody' }, 'Missing content field'],
  [
    'length before recipient',
    'viewer',
    { content: 'x'.repeat(10_001), to_username: 'nobody' },
    'Content must be 1-10000 characters',
  ],
  ['recipient before role', 'viewer', { content: 'a', to_username: 'nobody' }, 'User nobody not found'],
  [
    'viewer before role',
    'bot',
    { content: 'a', to_username: 'the viewer' },
    'Cannot send messages to viewer user the viewer',
  ],
  [
    'viewer before role, to oneself',
    'viewer',
    { content: 'a', to_username: 'the viewer' },
    'Cannot send messages to viewer user the viewer',
  ],
])('[TB-21] a message is checked in order: %s', async (_, role, frame, text) => {
  expect(await clients[role].ask(frame)).toEqual(error(text))
})

test('[TB-22] a message that one cannot see is not found', async () => {
  const secret = await clients.admin.say('between us', 'the member')
  await clients.member.next()
  const answer = await clients.bot.ask({ type: 'mark_read', message_id: secret.id })
  expect(answer).toEqual(error(`Message ${secret.id} not found`))
  const collected = await clients.bot.ask({ type: 'create_conversation', message_ids: [secret.id] })
  expect(collected).toEqual(error(`Message ${secret.id} not found`))
  await clients.admin.quiet()
})

test('[TB-23] over the message rate: an error that says when to try again, and only messages count', async () => {
  await using limited = await openWorld({ settings: { messageRate: { count: 2, seconds: 10 } } })
  const alice = await limited.connect(await limited.member('alice'))
  const bob = await limited.connect(await limited.member('bob'))
  for (const content of ['one', 'two']) await alice.say(content)
  await alice.quiet()
  limited.clock.advance(4_000)
  expect(await alice.ask({ content: 'three' })).toEqual(error('Rate limit exceeded, try again in 6 s'))
  expect(await alice.ask({ type: 'get_unread_count' })).toMatchObject({ type: 'unread_count' })
  expect(await bob.take(2)).toMatchObject([{ content: 'one' }, { content: 'two' }])
  await bob.quiet()
  await bob.say('others have a rate of their own')
  limited.clock.advance(6_000)
  await alice.next()
  await alice.say('four')
})
