import { expect, test } from 'vitest'
import { start } from '../start/server.ts'
import { folder } from '../system/folder.ts'
import { openJavaScript, person } from './clients/clients.ts'
import { chats, goesOn, types, uploads } from './clients/conforms.ts'

test('[ROOMS-80] the guide’s JavaScript client chats in a room and is answered', () => chats(openJavaScript))
test('[ROOMS-80] the guide’s JavaScript client goes on with a conversation', () => goesOn(openJavaScript))
test('[ROOMS-80] the guide’s JavaScript client shows who is typing', () => types(openJavaScript))
test('[ROOMS-80] the guide’s JavaScript client sends a file', () => uploads(openJavaScript))

test('[ROOMS-81] the guide’s JavaScript client comes back after a restart, into its room', async () => {
  const DATA_DIR = folder()
  const before = await start({ DATA_DIR })
  const { token } = await person(before, 'ada')
  // Its five attempts are spread over nine seconds.
  const client = openJavaScript({ url: before.url, token, room: 'kitchen' }, 150)
  await client.happens('open')
  await client.frame('connect')
  await client.frame('join_room')
  await before.stop()
  expect(await client.happens('closed')).toMatchObject({ code: 1012 })

  const after = await start({ DATA_DIR, PORT: new URL(before.url).port })
  await client.happens('open')
  await client.frame('connect')
  await client.frame('join_room', { room_id: 'kitchen' })
  client.do({ command: 'chat', text: 'Back again' })
  await client.frame('delivery_confirmation')
  await after.stop()
})

test('[ROOMS-82] the guide’s JavaScript client gives up on a token that is no good', async () => {
  const server = await start({ DATA_DIR: folder() })
  const client = openJavaScript({ url: server.url, token: 'no.good.token' })
  const happened: string[] = []
  while (happened.at(-1) !== 'gave up') happened.push((await client.happens()).event)
  expect(happened).toEqual([...Array(6).fill('closed'), 'gave up'])
  await server.stop()
})
