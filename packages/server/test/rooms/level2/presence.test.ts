import { expect, test } from 'vitest'
import { openWorld, until } from '../../world.ts'
import { Level2Client } from './client.ts'

async function scene() {
  const world = await openWorld()
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  const a = await Level2Client.live(world, ada)
  return { world, ada, bob, a }
}

test('[ROOMS-150] others hear who comes, who is away, and at once who closes the connection', async () => {
  const { world: opened, bob, a } = await scene()
  await using world = opened
  const who = async () => (await a.ask({ type: 'who', data: { user_ids: [bob.user.id] } })).data.users
  const shown = { user_id: bob.user.id, username: 'bob' }
  expect(await who()).toEqual([{ user_id: bob.user.id, status: 'offline', text: null }])
  const b = await Level2Client.live(world, bob)
  expect((await a.shown('presence')).data).toEqual({ ...shown, status: 'online', text: null })
  const second = await Level2Client.live(world, bob)
  const answer = await b.ask({ type: 'presence', data: { status: 'away', text: 'Cooking' } })
  expect(answer).toMatchObject({ type: 'presence', data: { ...shown, status: 'away', text: 'Cooking' } })
  // Nobody heard of the second connection.
  expect((await a.shown('presence')).data).toEqual({ ...shown, status: 'away', text: 'Cooking' })
  expect((await second.shown('presence')).data).toMatchObject({ status: 'away' })
  expect(await who()).toEqual([{ user_id: bob.user.id, status: 'away', text: 'Cooking' }])
  await b.ask({ type: 'presence', data: { status: 'online' } })
  expect((await a.shown('presence')).data).toEqual({ ...shown, status: 'online', text: null })
  b.close()
  await b.wire.closed
  expect(await a.all()).toEqual([])
  second.close()
  expect((await a.shown('presence')).data).toEqual({ ...shown, status: 'offline', text: null })
  expect(await who()).toEqual([{ user_id: bob.user.id, status: 'offline', text: null }])
  expect(await a.ask({ type: 'presence', data: { status: 'asleep' } })).toMatchObject({
    data: { code: 'INVALID_MESSAGE' },
  })
  expect(await a.ask({ type: 'presence', data: { status: 'away', text: 'x'.repeat(101) } })).toMatchObject({
    type: 'error',
  })
})

test('[ROOMS-151] whose connection broke is shown as before for a while, and nobody hears of a short break', async () => {
  const { world: opened, bob, a } = await scene()
  await using world = opened
  const b = await Level2Client.live(world, bob)
  await a.shown('presence')
  const gone = async (client: Level2Client) => {
    client.wire.ws.terminate()
    await until(() => world.sessions.connectionsOf(bob.user.id).length === 0)
  }
  await gone(b)
  world.pass(29)
  const again = await Level2Client.live(world, bob)
  world.pass(5)
  expect((await a.all()).filter(({ type }) => type === 'presence')).toEqual([])
  await gone(again)
  world.pass(29)
  expect((await a.all()).filter(({ type }) => type === 'presence')).toEqual([])
  world.pass(1)
  expect((await a.shown('presence')).data).toMatchObject({ status: 'offline' })
})

test('[ROOMS-152] typing is shown to the others in the room, of either protocol, and not to oneself', async () => {
  const { world: opened, ada, bob, a } = await scene()
  await using world = opened
  const room = await a.join('kitchen')
  const b = await Level2Client.live(world, bob)
  await b.join('kitchen')
  const bowl = await world.connect(bob)
  const other = await Level2Client.live(world, ada)
  for (const client of [a, b, other]) await client.all()
  a.wire.send({ type: 'typing', data: { is_typing: true }, room_id: 'kitchen' })
  const shown = await b.shown('typing')
  expect(shown).toMatchObject({
    room_id: 'kitchen',
    data: { room, user_id: ada.user.id, username: 'ada', is_typing: true, room_id: 'kitchen' },
  })
  world.pass(5)
  expect((await b.shown('typing')).data).toMatchObject({ is_typing: false })
  for (const client of [a, other]) expect(await client.all()).toEqual([])
  a.wire.send({ type: 'typing', data: { is_typing: true, room_id: 'lobby' } })
  expect(await bowl.next()).toMatchObject({ type: 'typing', username: 'ada' })
  bowl.send({ type: 'typing' })
  expect((await a.shown('typing')).data).toMatchObject({ username: 'bob', room_id: 'lobby', is_typing: true })
})

test('[ROOMS-152] typing to one person is shown to that one alone, before their room is made too', async () => {
  const { world: opened, ada, bob, a } = await scene()
  await using world = opened
  const b = await Level2Client.live(world, bob)
  const eve = await Level2Client.live(world, await world.member('eve'))
  const bowl = await world.connect(bob)
  for (const client of [a, b, eve]) await client.all()
  a.wire.send({ type: 'typing', data: { is_typing: true }, room_id: `dm:${bob.user.id}` })
  expect((await b.shown('typing')).data).toMatchObject({ user_id: ada.user.id, is_typing: true })
  expect(await bowl.next()).toMatchObject({ type: 'typing', username: 'ada' })
  const { room } = await a.say(`dm:${bob.user.id}`, 'hello')
  world.pass(6)
  await b.all()
  a.wire.send({ type: 'typing', data: { is_typing: true }, room_id: `dm:${bob.user.id}` })
  expect((await b.shown('typing')).data).toMatchObject({ room, is_typing: true })
  bowl.send({ type: 'typing', to_username: 'ada' })
  expect((await a.shown('typing')).data).toMatchObject({ room, user_id: bob.user.id })
  expect(await eve.all()).toEqual([])
})
