// Sends a file to a room with progress, and says where everybody there finds it.
import assert from 'node:assert/strict'
import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { ChatClient } from '@parley/client/chat'
import { example } from './support/example.ts'

const path = process.env.FILE ?? 'README.md'

async function main() {
  await using client = await ChatClient.open()
  const room = await client.join('pictures', { type: 'shared' })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()) // takes it back

  const file = await room.upload(await openAsBlob(path), {
    name: basename(path),
    signal: stop.signal,
    onProgress: ({ sent, total }) => console.log(`${Math.round((sent / total) * 100)} %`),
  })
  console.log(`${file.file_name}, ${file.file_size} bytes, SHA-256 ${file.checksum.slice(0, 8)}…`)
}

// --- the check: `node examples/rooms-files.ts`

await example(import.meta, main, async ({ ann, server, start }) => {
  const apiKey = await server.register('bob')
  await using bob = await ChatClient.open({ url: server.url, apiKey })
  const room = await bob.join('pictures', { type: 'shared' })
  const added = new Promise<string>(resolve => room.on('file', ({ file }) => resolve(file.file_id)))
  const text = 'x'.repeat(2_500_000)
  const program = await start({ env: { ...ann.env, FILE: 'letter.txt' }, files: { 'letter.txt': text } })
  await program.prints('100 %')
  await program.prints('letter.txt, 2500000 bytes, SHA-256 ')
  await program.ends()
  const { url } = await bob.fileLink(await added)
  assert.equal(await (await fetch(new URL(url, server.url))).text(), text)
})
