import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { folder } from '../system/folder.ts'
import { type Frame, openWorld, type World } from '../world.ts'

const open = async (directory = folder()): Promise<World> => openWorld({ store: await openSqliteStore(directory) })

test('[TB-12] content comes back from the disk exactly as it was sent', async () => {
  await using world = await open()
  const a = await world.connect(await world.member('alice'))
  const contents = [
    '  \n\r\n\t ',
    'a\u0000b',
    '\u202eabc\u200b\ufeff',
    'e\u0301',
    '\u{1f469}\u200d\u{1f4bb}',
    '漢'.repeat(10_000),
  ]
  for (const content of contents) expect(await a.say(content)).toMatchObject({ content })
  const { messages } = await a.ask({ type: 'get_messages' })
  expect((messages as Frame[]).map(message => message.content)).toEqual(contents.reverse())
})

test('[TB-46] what was confirmed, read and counted is the same after a restart', async () => {
  const questions = [
    { type: 'get_messages' },
    { type: 'get_direct_messages' },
    { type: 'get_unread_messages' },
    { type: 'get_unread_direct_messages' },
    { type: 'get_unread_count' },
    { type: 'get_users' },
    { type: 'get_conversations' },
  ]
  const directory = folder()
  const [first, before] = await (async () => {
    await using world = await open(directory)
    const [alice, bob] = [await world.member('alice'), await world.member('bob')]
    const [a, b] = [await world.connect(alice), await world.connect(bob)]
    const one = await a.say('one')
    for (const content of ['two', 'three']) await a.say(content)
    for (const content of ['psst', 'again']) await a.say(content, 'bob')
    await b.take(5)
    await b.ask({ type: 'mark_read', message_id: one.id })
    await b.ask({ type: 'create_conversation', title: 'kept', message_ids: [one.id] })
    const answers: Frame[] = []
    for (const question of questions) answers.push(await b.ask(question))
    return [bob, answers] as const
  })()
  await using world = await open(directory)
  const b = await world.connect(first)
  for (const [i, question] of questions.entries()) expect(await b.ask(question)).toEqual(before[i])
  expect(before[4]).toMatchObject({ unread_room_messages: 2, unread_direct_messages: 2 })
  expect(await b.ask({ type: 'mark_all_read' })).toMatchObject({ marked_as_read: 4 })
})

test('[TB-44] a bulk mark of a thousand messages is one answer and one receipt each, from the disk too', async () => {
  await using world = await open()
  const [alice, bob] = [await world.member('alice'), await world.member('bob')]
  const [a, b] = [await world.connect(alice), await world.connect(bob)]
  for (let i = 0; i < 1_000; i++) a.send({ content: `message ${i}` })
  const ids = (await a.take(1_000)).map(sent => (sent.message as Frame).id)
  expect((await b.take(1_000)).map(message => message.id)).toEqual(ids)
  expect(await b.ask({ type: 'mark_all_read' })).toMatchObject({ marked_as_read: 1_000 })
  expect((await a.take(1_000)).map(receipt => receipt.message_id)).toEqual(ids)
})
