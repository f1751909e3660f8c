// The check of listener.py and sender.py: `node examples/python/check.ts`. Needs /usr/bin/python3 with its websockets library.
import assert from 'node:assert/strict'
import { join as path } from 'node:path'
import { onStage } from '../support/stage.ts'

const PYTHON = '/usr/bin/python3'
const listener = [PYTHON, path(import.meta.dirname, 'listener.py')]
const sender = (...args: string[]) => [PYTHON, path(import.meta.dirname, 'sender.py'), ...args]

await onStage({ name: 'python', command: listener }, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  const cemKey = await server.register('cem')
  const listening = await start()
  await listening.prints('listening\n')
  const asCem = { ...ann.env, TOKEN_BOWL_CHAT_API_KEY: cemKey }

  const toAll = await start({ command: sender('Grüße 👋'), env: asCem })
  const [, id] = await toAll.prints(/stored as (\S+)\n/)
  await toAll.ends()
  assert.equal((await bob.hears('Grüße 👋')).id, id)
  await listening.prints('cem: Grüße 👋\n')

  const toAnn = await start({ command: sender('--to', 'ann', 'Only you'), env: asCem })
  await toAnn.ends()
  await listening.prints('cem to you: Only you\n')
  await bob.says('Bye')
  await listening.prints('bob: Bye\n')
  assert.equal(bob.messages.length, 1)

  const toNobody = await start({ command: sender('--to', 'nobody', 'Hello?'), env: asCem })
  await assert.rejects(toNobody.ends(), /User nobody not found/)
  const stranger = await start({ env: { ...ann.env, TOKEN_BOWL_CHAT_API_KEY: 'made-up' } })
  await assert.rejects(stranger.ends(), /refused: .*401/)

  await listening.interrupt()
  await listening.prints('goodbye\n')
})
