import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Running, register, start } from '../start/server.ts'
import { folder } from '../system/folder.ts'
import { openWorld, until } from '../world.ts'
import { corpus, giants, type Rubbish } from './rubbish.ts'

/** Fewer than the bad frames that a connection is closed for. */
const FRAMES_A_CONNECTION = 500

test('[TB-24] every piece of rubbish gets its documented error, and the connection goes on', async () => {
  await using world = await openWorld()
  const alice = await world.member('alice')
  const pieces = [...corpus, ...giants]
  for (let at = 0; at < pieces.length; at += FRAMES_A_CONNECTION) {
    const client = await world.connect(alice)
    for (const { up, down } of pieces.slice(at, at + FRAMES_A_CONNECTION)) {
      client.send(up)
      if (down) expect(JSON.stringify(await client.next()), up.slice(0, 300)).toMatch(down)
    }
    await client.quiet()
  }
  expect(await world.store.heads([world.store.lobby])).toEqual([0])
  expect({}).not.toHaveProperty('polluted')
})

/** Sends rubbish to a server as it can take it, and checks each answer. Resolves after the last one. */
async function pelt(url: string, pieces: readonly Rubbish[]): Promise<void> {
  const ws = new WebSocket(url)
  const expected = pieces.flatMap(({ down }) => down ?? [])
  expected.push(/^\{"type":"pong"\}$/)
  let at = 0
  const done = new Promise<void>((resolve, reject) => {
    ws.on('close', code => reject(new Error(`closed with ${code}`))).on('error', reject)
    ws.on('message', data => {
      const [text, down] = [data.toString(), expected[at++]]
      if (!down?.test(text)) reject(new Error(`${text} is not ${down}`))
      if (at === expected.length) resolve()
    })
  })
  await once(ws, 'open')
  for (const { up } of pieces) ws.send(up)
  ws.send('{"type":"ping"}')
  await done
  ws.removeAllListeners('close').close()
}

/** Pelts a server with `count` frames over several connections at a time. */
async function peltWith(count: number, url: string): Promise<void> {
  let sent = 0
  const thrower = async () => {
    while (sent < count) {
      const pieces = Array.from({ length: FRAMES_A_CONNECTION }, (_, i) => corpus[(sent + i) % corpus.length]!)
      sent += FRAMES_A_CONNECTION
      await pelt(url, pieces)
    }
  }
  await Promise.all(Array.from({ length: 4 }, thrower))
}

/** The server's memory after a collection of garbage, in bytes. */
async function memory(server: Running): Promise<number> {
  const measured = () => [...server.output().matchAll(/^\{"rss":(\d+)\}$/gm)].map(found => Number(found[1]))
  const before = measured().length
  server.kill('SIGUSR2')
  await until(() => measured().length > before)
  return measured().at(-1)!
}

test('[TB-24] after 100,000 frames of rubbish the server is up and at most 10 MB larger', {
  timeout: 60_000,
}, async () => {
  // With a small nursery garbage outside the heap goes soon, so that what is measured is what is held.
  const measure = fileURLToPath(new URL('./measure.ts', import.meta.url))
  const server = await start({ DATA_DIR: folder() }, ['--expose-gc', '--max-semi-space-size=1', '--import', measure])
  const key = await register(server.url, 'alice')
  const url = `${server.url.replace('http', 'ws')}/ws?api_key=${key}`
  await pelt(url, giants)
  // As many before: the first ones fill buffers and heaps that stay, and whatever leaks, leaks again.
  await peltWith(100_000, url)
  const before = await memory(server)
  await peltWith(100_000, url)
  const after = await memory(server)
  console.info(`rubbish: 100,000 frames, ${before} bytes before, ${after} after`)
  expect(after - before).toBeLessThan(10 * 1024 * 1024)
  expect((await server.stop()).code).toBe(0)
})
