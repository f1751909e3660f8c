import { expect, test } from 'vitest'
import { openWorld } from '../world.ts'

test('[TB-10] a frame without type is a message; without content too it is what action says', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  expect(await alice.ask({ content: 'plain' })).toMatchObject({ type: 'message_sent' })
  expect(await alice.ask({ type: 'message', content: 'named' })).toMatchObject({ type: 'message_sent' })
  expect(await alice.ask({ type: null, content: 'null type' })).toMatchObject({ type: 'message_sent' })
  expect(await alice.ask({ action: 'get_unread_count' })).toMatchObject({ type: 'unread_count' })
  expect(await alice.ask({ action: 'ping', content: null, type: null })).toEqual({ type: 'pong' })
  expect(await alice.ask({ action: 'ping', content: 'a message after all' })).toMatchObject({ type: 'message_sent' })
  expect(await alice.ask({ type: 'ping', action: 'get_users' })).toEqual({ type: 'pong' })
  expect(await alice.ask({ action: 5 })).toEqual({ type: 'error', error: 'Missing content field' })
  expect(await alice.ask({ action: 'dance' })).toEqual({ type: 'error', error: 'Unknown message type: dance' })
})

test('[TB-11] unknown fields are dropped and null means absent', async () => {
  await using world = await openWorld()
  const [alice, bob] = [
    await world.connect(await world.member('alice')),
    await world.connect(await world.member('bob')),
  ]
  const sent = await alice.ask({
    content: 'hello',
    id: 'mine',
    from_username: 'bob',
    nested: { a: [1] },
    type: 'message',
  })
  expect(sent).toMatchObject({ message: { content: 'hello', from_username: 'alice' } })
  expect(sent.message).not.toHaveProperty('nested')
  expect((sent.message as { id: string }).id).not.toBe('mine')
  await bob.next()
  expect(await bob.ask({ type: 'get_messages', limit: null, offset: null, since: null, x: 1 })).toMatchObject({
    pagination: { limit: 50, offset: 0, total: 1 },
  })
  const created = await bob.ask({ type: 'create_conversation', title: null, description: null, message_ids: null })
  expect(created).toMatchObject({ conversation: { title: null, description: null, message_ids: [] } })
  bob.send({ type: 'pong', timestamp: 'whenever', extra: true })
  await bob.quiet()
})

test.each([
  ['line breaks and outer spaces', '  \n two lines \r\n\t '],
  ['a single space', ' '],
  ['decomposed letters', 'e\u0301 is not \u00e9'],
  ['NUL and control characters', 'a\u0000b\u0007c'],
  ['bidi marks and zero-width characters', '\u202eabc\u200b\ufeff'],
  ['markup and quotes', '<b>"\\u0041"</b> \\ /'],
  ['emoji made of several characters', '\u{1f469}\u200d\u{1f4bb} \u{1f1e9}\u{1f1ea}'],
  ['separators that JavaScript breaks lines at', 'a\u2028b\u2029c'],
])('[TB-12] content travels exactly as sent: %s', async (_, content) => {
  await using world = await openWorld()
  const [alice, bob] = [
    await world.connect(await world.member('alice')),
    await world.connect(await world.member('bob')),
  ]
  expect(await alice.say(content)).toMatchObject({ content })
  expect(await bob.next()).toMatchObject({ content })
  expect(await bob.ask({ type: 'get_messages' })).toMatchObject({ messages: [{ content }] })
})

test('[TB-12] half of a surrogate pair becomes U+FFFD, alike in the confirmation, the push and the history', async () => {
  await using world = await openWorld()
  const [alice, bob] = [
    await world.connect(await world.member('alice')),
    await world.connect(await world.member('bob')),
  ]
  const content = 'x\ufffdy'
  expect(await alice.say('x\ud800y')).toMatchObject({ content })
  expect(await bob.next()).toMatchObject({ content })
  expect(await bob.ask({ type: 'get_messages' })).toMatchObject({ messages: [{ content }] })
})

test('[TB-12] content has 1 to 10,000 code points, whatever they take in UTF-16 or UTF-8', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  for (const character of ['x', 'é', '漢', '\u{1f600}', '\u0001']) {
    expect(await alice.ask({ content: character.repeat(10_000) })).toMatchObject({ type: 'message_sent' })
    const answer = await alice.ask({ content: character.repeat(10_001) })
    expect(answer).toEqual({ type: 'error', error: 'Content must be 1-10000 characters' })
  }
})

test('[TB-12] the longest content fits a frame written in escapes', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  const frame = `{"content":"${'\\ud83d\\ude00'.repeat(10_000)}"}`
  expect(Buffer.byteLength(frame)).toBeGreaterThan(120_000)
  expect(await alice.ask(frame)).toMatchObject({ message: { content: '\u{1f600}'.repeat(10_000) } })
})

test('[TB-13] a recipient that is absent, null or empty means the room', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  for (const frame of [{}, { to_username: null }, { to_username: '' }]) {
    expect(await alice.ask({ content: 'all', ...frame })).toMatchObject({
      message: { to_username: null, to_user_id: null, message_type: 'room' },
    })
  }
})

test('[TB-13] a recipient is found by name in any case; the message shows the name as it is', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  await world.member('Bob')
  expect(await alice.say('hi', 'bOB')).toMatchObject({ to_username: 'Bob' })
})

test('[TB-14] message_sent shows sender, bot flag, description and a time that clients can parse', async () => {
  await using world = await openWorld()
  const [member, bot] = [await world.member('alice'), await world.member('bot', 'bot')]
  await world.execute(member, { type: 'me.logo', logo: 'openai.png' })
  const alice = await world.connect(member)
  const said = await alice.say('hello')
  expect(said).toEqual({
    id: expect.any(String),
    from_user_id: member.user.id,
    from_username: 'alice',
    from_user_logo: 'openai.png',
    from_user_emoji: null,
    from_user_bot: false,
    to_user_id: null,
    to_username: null,
    content: 'hello',
    message_type: 'room',
    description: expect.stringContaining('group chat'),
    timestamp: '2026-01-01T00:00:00.000Z',
  })
  const direct = await alice.say('hello', 'bot')
  expect(direct).toMatchObject({ description: expect.stringMatching(/bot.*alice/) })
  expect(await (await world.connect(bot)).say('beep')).toMatchObject({ from_user_bot: true })
})

test('[TB-14] ping is answered with pong', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  expect(await alice.ask({ type: 'ping' })).toEqual({ type: 'pong' })
})

test('[TB-15] pong is never answered', async () => {
  await using world = await openWorld()
  const alice = await world.connect(await world.member('alice'))
  for (const frame of [{ type: 'pong' }, { type: 'pong', timestamp: 5 }, { action: 'pong' }]) alice.send(frame)
  await alice.quiet()
})
