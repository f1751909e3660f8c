import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { membersOf } from '../cast.ts'
import { ask, type Member } from '../load/actor.ts'
import { openWire } from '../load/wire.ts'
import { within } from '../load/within.ts'
import { newPlace } from '../place.ts'
import type { Plant } from '../planted/plants.ts'
import { type Server, startServer } from '../server.ts'
import { callsOf } from './calls.ts'
import { syncedBeforeTold, type Told } from './syncs.ts'

const CALLS = 'trace=pwrite64,pwritev,pwritev2,fdatasync,fsync,write,writev,sendto,sendmsg'
/** As children of their own, so that the server keeps its parent; whole pages of the database, in hex. */
const STRACE = ['strace', '-D', '-f', '-yy', '-xx', '-s', '8192', '-e', CALLS, '-e', 'signal=none']

/** Why system calls can't be traced here; undefined where they can. */
export function whyNoTrace(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-e', 'trace=none', 'true'], { encoding: 'utf8' })
  if (error) return 'strace is not installed (Debian: apt-get install strace)'
  return status === 0 ? undefined : `strace may not trace here: ${stderr.trim()}`
}

/** Texts of this test: the dot at the end tells 1 and 11 apart. */
const TEXT = /traced\.\d+\./g
const ALONE = 40
const TOGETHER = 120
const WINDOW = 16
/** Longest time for all of it, in milliseconds. */
const TALK = 60_000

/** Has the real server store messages under strace, one after the other and many at once, and judges what it did. */
export async function traced(plant?: Plant): Promise<Told> {
  using place = await newPlace()
  const { ann, ben } = await membersOf(place.server, ['ann', 'ben'])
  const directory = mkdtempSync(join(tmpdir(), 'parley-trace-'))
  const output = join(directory, 'trace')
  try {
    const server = await startServer({ ...place.server, plant, under: [...STRACE, '-o', output] })
    await within(TALK, 'talking', talk(server, ann, ben)).finally(() => server.kill('SIGTERM'))
    return syncedBeforeTold(callsOf(readFileSync(output, 'latin1')), TEXT)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function talk(server: Server, ann: Member, ben: Member): Promise<void> {
  let count = 0
  let [left, window] = [0, 0]
  let done = () => {}
  const next = () => `traced.${++count}.`
  const listener = await openWire(server.url, ben.key, () => undefined)
  const wire = await openWire(server.url, ann.key, ({ message }) => {
    if (!message) return
    left--
    if (left >= window) wire.send({ content: next() })
    else if (left === 0) done()
  })
  const say = (messages: number, atOnce: number) =>
    new Promise<void>(resolve => {
      left = messages
      window = atOnce
      done = resolve
      for (let i = 0; i < atOnce; i++) wire.send({ content: next() })
    })
  await say(ALONE, 1)
  await say(TOGETHER, WINDOW)
  for (let i = 0; i < 5; i++) await ask(server.url, 'POST', '/messages', ann.key, { content: next() })
  listener.close()
  wire.close()
}
