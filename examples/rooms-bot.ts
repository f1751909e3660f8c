// A bot that answers each message in a room once, also those that came while it was down: it keeps its place in a file.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { ChatClient, type ChatStorage, memoryStorage } from '@parley/client/chat'
import { example } from './support/example.ts'

async function main() {
  const client = new ChatClient({ storage: fileStorage('bot.json') })
  process.once('SIGINT', () => client.close())
  const events = client.events()
  const loop = (async () => {
    for await (const event of events) {
      if (event.type !== 'message' || event.message.username === client.me?.username) continue
      const { id, username, content } = event.message
      // A client id made of the question's: should the place in the file be too old, the server knows the answer already.
      void event.room.send(`${username} said: ${content}`, { replyTo: id, clientId: `echo-${id}` })
    }
  })()
  await client.connect()
  await client.join('echo', { type: 'shared' })
  console.log('listening')
  await loop
}

/** Keeps everything in one small file. */
function fileStorage(path: string): ChatStorage {
  const kept = memoryStorage()
  const all = new Map<string, string>(Object.entries(read(path)))
  for (const [key, value] of all) kept.set(key, value)
  const save = () => writeFileSync(path, JSON.stringify(Object.fromEntries(all)))
  return {
    entries: prefix => kept.entries(prefix),
    set(key, value) {
      all.set(key, value)
      save()
    },
    delete(key) {
      if (all.delete(key)) save()
    },
  }
}

function read(path: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {} // the first time
  }
}

// --- the check: `node examples/rooms-bot.ts`

await example(import.meta, main, async ({ server, start, ann }) => {
  const apiKey = await server.register('bob')
  await using bob = await ChatClient.open({ url: server.url, apiKey })
  const room = await bob.join('echo', { type: 'shared' })
  const answers: string[] = []
  const answered = async (count: number) => {
    for await (const { username, content } of room.messages) {
      if (username === 'ann') answers.push(content)
      if (answers.length === count) return
    }
  }
  const first = await start()
  await first.prints('listening')
  const one = answered(1)
  await room.send('one')
  await one
  await first.interrupt()

  await room.send('two')
  const two = answered(2)
  const state = readFileSync(`${first.cwd}/bot.json`, 'utf8')
  const second = await start({ files: { 'bot.json': state }, env: ann.env })
  await two
  const three = answered(3)
  await room.send('three')
  await three
  await second.interrupt()
  assert.deepEqual(answers, ['bob said: one', 'bob said: two', 'bob said: three'])
})
