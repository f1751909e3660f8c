import { expect } from 'vitest'
import { start } from '../start/server.ts'
import { folder } from '../system/folder.ts'
import { withPython } from '../token-bowl/python.ts'
import { openPython, person } from './clients/clients.ts'
import { chats, goesOn, types, uploads } from './clients/conforms.ts'

withPython('[ROOMS-80] the guide’s Python client chats in a room and is answered', () => chats(openPython))
withPython('[ROOMS-80] the guide’s Python client goes on with a conversation', () => goesOn(openPython))
withPython('[ROOMS-80] the guide’s Python client shows who is typing', () => types(openPython))
withPython('[ROOMS-80] the guide’s Python client sends a file', () => uploads(openPython))

withPython('[ROOMS-81] the guide’s Python client finds after a restart what was said before it came back', async () => {
  const DATA_DIR = folder()
  const before = await start({ DATA_DIR })
  const [ada, bob] = [await person(before, 'ada'), await person(before, 'bob')]
  const client = openPython({ url: before.url, token: ada.token, room: 'kitchen' })
  await client.happens('open')
  await client.frame('join_room')
  await before.stop()
  expect(await client.happens('closed')).toMatchObject({ code: 1012 })

  const after = await start({ DATA_DIR, PORT: new URL(before.url).port })
  const other = openPython({ url: after.url, token: bob.token, room: 'kitchen' })
  await other.happens('open')
  await other.frame('join_room')
  other.do({ command: 'chat', text: 'Are you there?' })
  const answer = await other.frame('chat', { done: true })

  client.do({ command: 'connect' })
  await client.happens('open')
  await client.frame('connect')
  await client.frame('chat', { role: 'user', content: 'Are you there?', username: 'bob' })
  expect(await client.frame('chat', { done: true })).toEqual(answer)
  await client.frame('join_room', { room_id: 'kitchen' })
  await after.stop()
})

withPython('[ROOMS-82] the guide’s Python client is refused with 401 where its token is no good', async () => {
  const server = await start({ DATA_DIR: folder() })
  const client = openPython({ url: server.url, token: 'no.good.token' })
  expect(await client.happens()).toMatchObject({ event: 'failed', status: 401 })
  await server.stop()
})
