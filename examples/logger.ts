// Writes every message into a file, one JSON object a line, in the order in which they came.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join as path } from 'node:path'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

const FILE = 'chat.log'

async function main() {
  await using file = await open(FILE, 'a')
  await using ws = await TokenBowlWebSocket.open()
  process.once('SIGINT', () => ws.disconnect())
  console.log(`logging to ${FILE}`)

  // Messages wait while a line is written. After the disconnect the loop writes what still waits, then it ends.
  for await (const message of ws.messages()) {
    const { timestamp, from_username: from, to_username: to, message_type: type, content } = message
    await file.appendFile(`${JSON.stringify({ timestamp, from, to, type, content })}\n`)
    console.log(`logged: ${from}: ${content.slice(0, 50)}`)
  }
}

// --- the check: `node examples/logger.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  const program = await start()
  await program.prints('logging to chat.log\n')
  const sent = [await bob.says('One\nand more'), await bob.says('Two', ann.name), await bob.says('Three')]
  await program.prints('logged: bob: Three\n')
  await program.interrupt()
  const lines = readFileSync(path(program.cwd, FILE), 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map(line => JSON.parse(line)),
    sent.map(({ timestamp, to_username, message_type, content }) => ({
      timestamp,
      from: 'bob',
      to: to_username,
      type: message_type,
      content,
    })),
  )
})
