import { expect } from 'vitest'
import { openWorld, until } from '../world.ts'
import { openPython, withPython } from './python.ts'

withPython('[TB-80] a Python client sends, hears, marks, types, asks and answers pings', async () => {
  await using world = await openWorld()
  const [py, bob] = [await world.member('py'), await world.member('bob')]
  const b = await world.connect(bob)
  const client = openPython(`ws://127.0.0.1:${world.port}/`, py.key)
  expect(await client.next()).toEqual({ event: 'open' })

  client.send({ content: 'hello from Python' })
  const sent = await client.next()
  expect(sent).toMatchObject({ event: 'message_sent', frame: { message: { content: 'hello from Python' } } })
  expect(await b.next()).toMatchObject({ content: 'hello from Python', from_username: 'py' })

  const answer = await b.say('hello back ☃ \u{1f600}')
  expect(await client.next()).toEqual({ event: 'message', frame: answer })
  client.send({ type: 'mark_read', message_id: answer.id })
  expect(await client.next()).toMatchObject({ event: 'marked_read' })
  expect(await b.next()).toMatchObject({ type: 'read_receipt', message_id: answer.id, read_by: 'py' })

  client.send({ type: 'typing', to_username: 'bob' })
  expect(await b.next()).toEqual({ type: 'typing', username: 'py', to_username: 'bob' })
  b.send({ type: 'typing' })
  expect(await client.next()).toMatchObject({ event: 'typing', frame: { username: 'bob', to_username: null } })

  client.send({ content: 'psst', to_username: 'bob' })
  expect(await client.next()).toMatchObject({ event: 'message_sent' })
  expect(await b.next()).toMatchObject({ content: 'psst', to_username: 'bob' })
  client.send({ type: 'get_unread_count' })
  expect(await client.next()).toMatchObject({ event: 'unread_count', frame: { total_unread: 0 } })
  client.send({ content: 'x', to_username: 'nobody' })
  expect(await client.next()).toMatchObject({ event: 'error', frame: { error: 'User nobody not found' } })

  client.send('ping')
  expect(await client.next()).toEqual({ event: 'protocol pong' })
  world.pass(30)
  expect(await client.next()).toMatchObject({ event: 'ping' })
  await until(() => world.sessions.connections().some(one => one.username === 'py' && one.lastPong !== null))

  client.send('close')
  expect(await client.next()).toEqual({ event: 'ended quietly' })
  await until(() => world.sessions.counts.sockets === 1)
})

withPython('[TB-80] a Python client is told of a wrong key by the status 401', async () => {
  await using world = await openWorld()
  const client = openPython(`ws://127.0.0.1:${world.port}/ws`, '0'.repeat(64))
  expect(await client.next()).toEqual({ event: 'refused', status: 401 })
})

withPython('[TB-80] a Python client notices when the server ends its connection', async () => {
  await using world = await openWorld()
  const py = await world.member('py')
  const client = openPython(`ws://127.0.0.1:${world.port}`, py.key)
  expect(await client.next()).toEqual({ event: 'open' })
  await world.execute(py, { type: 'me.replace_key' })
  expect(await client.next()).toEqual({ event: 'closed', code: 1008 })
})
