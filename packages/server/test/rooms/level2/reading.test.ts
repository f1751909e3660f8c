import { expect, test } from 'vitest'
import { openWorld } from '../../world.ts'
import { Level2Client } from './client.ts'

async function scene() {
  const world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const [a, b] = [await Level2Client.live(world, ada), await Level2Client.live(world, bob)]
  return { world, ada, bob, a, b }
}

interface Page {
  readonly messages: readonly { readonly ordinal: number; readonly content: string }[]
  readonly more_before: boolean
  readonly more_after: boolean
}

const history = async (client: Level2Client, room_id: string, data: object = {}) =>
  (await client.ask({ type: 'history', room_id, data })).data as unknown as Page // the answer's shape is the schema's

test('[ROOMS-140] history shows the newest, those before, after and around an ordinal, and whether there are more', async () => {
  const { world: opened, a } = await scene()
  await using _world = opened
  await a.join('kitchen')
  for (let i = 1; i <= 10; i++) await a.say('kitchen', `${i}`)
  const page = async (data: object) => {
    const { messages, more_before, more_after } = await history(a, 'kitchen', data)
    return [messages.map(({ ordinal }) => ordinal).join(), more_before, more_after]
  }
  expect(await page({})).toEqual(['1,2,3,4,5,6,7,8,9,10', false, false])
  expect(await page({ limit: 3 })).toEqual(['8,9,10', true, false])
  expect(await page({ before: 8, limit: 3 })).toEqual(['5,6,7', true, true])
  expect(await page({ before: 4, limit: 3 })).toEqual(['1,2,3', false, true])
  expect(await page({ before: 1 })).toEqual(['', false, true])
  expect(await page({ after: 0, limit: 3 })).toEqual(['1,2,3', false, true])
  expect(await page({ after: 7, limit: 3 })).toEqual(['8,9,10', true, false])
  expect(await page({ after: 10 })).toEqual(['', true, false])
  expect((await page({ around: 5, limit: 3 }))[0]).toContain('5')
  expect((await page({ around: 5, limit: 3 })).slice(1)).toEqual([true, true])
  expect(await page({ limit: 1000 })).toEqual(['1,2,3,4,5,6,7,8,9,10', false, false])
  expect(await a.ask({ type: 'history', room_id: 'kitchen', data: { before: 2, after: 1 } })).toMatchObject({
    data: { code: 'INVALID_MESSAGE', error: expect.stringContaining('before') },
  })
  expect(await a.ask({ type: 'history', room_id: 'nowhere' })).toMatchObject({ data: { code: 'ROOM_UNKNOWN' } })
})

test('[ROOMS-141] who comes into a private room finds nothing older there', async () => {
  const { world: opened, a, b } = await scene()
  await using _world = opened
  await a.join('secret', 'private')
  await a.ask({ type: 'change_room', room_id: 'secret', data: { assistant: 'off' } })
  for (const text of ['one', 'two']) await a.say('secret', text)
  await b.join('secret')
  expect(await history(b, 'secret')).toEqual(expect.objectContaining({ messages: [], more_before: false }))
  await a.say('secret', 'three')
  for (const data of [{}, { before: 99 }, { after: 0 }, { around: 1 }]) {
    const { messages, more_before } = await history(b, 'secret', data)
    expect(messages.map(({ content }) => content)).toEqual(['three'])
    expect(more_before).toBe(false)
  }
  expect((await b.ask({ type: 'room', room_id: 'secret' })).data).toMatchObject({
    since_ordinal: 2,
    unread: 1,
    ordinal: 3,
  })
  expect((await history(a, 'secret')).messages).toHaveLength(3)
})

test('[ROOMS-142] history can be that of one conversation of a private room', async () => {
  const { world: opened, a } = await scene()
  await using _world = opened
  await a.join('secret', 'private')
  const say = async (message: string, conversation_id?: number) => {
    const { data } = await a.ask({ type: 'chat', data: { message, conversation_id }, room_id: 'secret' })
    await a.shown('chat', ({ role }) => role === 'assistant')
    return data.conversation_id as number
  }
  const one = await say('1+1')
  const two = await say('2+2')
  expect(two).not.toBe(one)
  expect(await say('3+3', one)).toBe(one)
  const texts = async (conversation_id?: number) =>
    (await history(a, 'secret', { conversation_id })).messages.map(({ content }) => content)
  expect(await texts(one)).toEqual(['1+1', '1+1 = 2', '3+3', '3+3 = 6'])
  expect(await texts(two)).toEqual(['2+2', '2+2 = 4'])
  expect(await texts()).toHaveLength(6)
  expect(await texts(999)).toEqual([])
})

test('[ROOMS-143] a mark is told to all one’s connections, and to each author once with how far it goes', async () => {
  const { world: opened, ada, bob, a, b } = await scene()
  await using world = opened
  const eve = await Level2Client.live(world, await world.member('eve'))
  const room = await a.join('kitchen')
  for (const client of [b, eve]) await client.join('kitchen')
  const other = await Level2Client.live(world, bob)
  const asleep = await Level2Client.open(world, ada)
  const said = [
    await a.say('kitchen', '1'),
    await eve.say('kitchen', '2'),
    await a.say('kitchen', '3'),
    await a.say('kitchen', '4'),
  ]
  const unread = async () => ((await b.ask({ type: 'rooms' })).data as { unread_total: number }).unread_total
  expect(await unread()).toBe(4)
  for (const client of [a, b, eve, other]) await client.all()
  expect(await b.ask({ type: 'read_to', room_id: 'kitchen', data: { up_to: 3 } })).toMatchObject({
    type: 'read_state',
    data: { room, read_to: 3, unread: 1 },
  })
  expect(await other.all()).toMatchObject([
    { type: 'read_state', message_id: null, data: { room, read_to: 3, unread: 1 } },
  ])
  const receipt = { room, user_id: bob.user.id, username: 'bob', up_to: 3 }
  expect(await a.all()).toMatchObject([
    { type: 'read_receipt', data: { ...receipt, message_ids: [said[0]?.id, said[2]?.id] } },
  ])
  expect(await eve.all()).toMatchObject([{ type: 'read_receipt', data: { ...receipt, message_ids: [said[1]?.id] } }])
  expect(await unread()).toBe(1)
  // Further back nothing changes, and nobody hears of it.
  expect(await b.ask({ type: 'read_to', room_id: 'kitchen', data: { up_to: 1 } })).toMatchObject({
    data: { read_to: 3, unread: 1 },
  })
  await b.ask({ type: 'read_to', room_id: 'kitchen' })
  expect(await unread()).toBe(0)
  expect(await a.all()).toMatchObject([{ data: { up_to: 4, message_ids: [said[3]?.id] } }])
  expect(await eve.all()).toEqual([])
  expect(await asleep.all()).toEqual([])
  expect(await b.ask({ type: 'read_to', room_id: 'kitchen', data: { up_to: 99 } })).toMatchObject({
    data: { read_to: 4 },
  })
  expect(await b.ask({ type: 'read_to', room_id: 'nowhere' })).toMatchObject({ data: { code: 'ROOM_UNKNOWN' } })
})

test('[ROOMS-143] marks of Token Bowl and single receipts count as well', async () => {
  const { world: opened, bob, a, b } = await scene()
  await using world = opened
  const bowl = await world.connect(bob)
  const [one, two] = [await a.say(`dm:${bob.user.id}`, 'one'), await a.say(`dm:${bob.user.id}`, 'two')]
  b.wire.send({ type: 'read_receipt', data: { message_id: two.id }, room_id: 'any' })
  expect(await b.shown('read_state')).toMatchObject({ data: { room: one.room, unread: 1 } })
  expect(await a.shown('read_receipt')).toMatchObject({ data: { message_ids: [two.id], up_to: 0 } })
  bowl.send({ type: 'mark_all_read' })
  expect(await b.shown('read_state')).toMatchObject({ data: { room: one.room, read_to: 2, unread: 0 } })
  expect(await a.shown('read_receipt')).toMatchObject({ data: { message_ids: [one.id], up_to: 2 } })
})
