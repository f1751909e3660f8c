import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { membersOf } from '../cast.ts'
import type { Violation } from '../checker/violation.ts'
import { check } from '../checker.ts'
import { examine } from '../examine.ts'
import { type History, newHistory, noteSending, noteStored } from '../history.ts'
import type { Member } from '../load/actor.ts'
import { openWire } from '../load/wire.ts'
import { within } from '../load/within.ts'
import { freePort, startServer } from '../server.ts'
import type { Image } from './image.ts'

export interface Filled {
  readonly violations: readonly Violation[]
  /** Messages acknowledged before the disk was full, until it was, and after it was freed. */
  readonly acknowledged: readonly number[]
  /** What was said to those that were refused. */
  readonly errors: readonly string[]
}

const SOME = 20

/** Fills the disk under a server that works, frees it again, and compares what is there with what was acknowledged. */
export async function fillDisk(image: Image): Promise<Filled> {
  const place = { directory: join(image.mountpoint, 'data'), port: await freePort() }
  const { ann } = await membersOf(place, ['ann'])
  const cast = { history: newHistory(), members: [ann] }
  const violations: Violation[] = []
  let server = await startServer(place)
  const compare = async () => {
    violations.push(
      ...check(cast.history, await examine(server, place.directory, cast), { lives: [], heads: new Map() }),
    )
  }
  try {
    const talker = await openTalker(server.url, ann, cast.history)
    const before = await talker.until('stored')
    const ballast = fill(join(image.mountpoint, 'ballast'))
    const during = await talker.until('refused')
    await compare()
    rmSync(ballast)
    const after = await talker.until('stored')
    await compare()
    await server.kill('SIGKILL')
    server = await startServer(place)
    await compare()
    return {
      violations,
      acknowledged: [before.stored, during.stored, after.stored],
      errors: [...before.errors, ...during.errors, ...after.errors],
    }
  } finally {
    await server.kill('SIGKILL')
  }
}

/** Takes all space there is. Returns the path of what has to be removed to have it back. */
function fill(path: string): string {
  const file = openSync(path, 'w')
  // Smaller pieces at the end leave no corner free.
  for (let piece = 1 << 20; piece >= 512; piece >>= 1) while (writes(file, Buffer.alloc(piece)));
  closeSync(file)
  return path
}

function writes(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}

/** Sends that may still fit into blocks which the log has already. */
const MOST = 3_000
const ANSWER = 10_000
const BODY = 'x'.repeat(5_000)

interface Said {
  stored: number
  readonly errors: string[]
}

async function openTalker(url: string, member: Member, history: History) {
  let count = 0
  let answered = Promise.withResolvers<string | undefined>()
  const wire = await openWire(url, member.key, ({ message, error }) => {
    if (message) noteStored(history, message.id, message.content)
    if (message || error !== undefined) answered.resolve(error)
  })
  void wire.closed.then(code => answered.reject(new Error(`the server closed with ${code}`)))

  /** Sends one message and returns the error, if there was one. */
  function say(): Promise<string | undefined> {
    answered = Promise.withResolvers()
    const body = `${member.name}.${++count} ${BODY}`
    noteSending(history, { sender: member.name, to: null, body })
    wire.send({ content: body })
    return within(ANSWER, 'an answer', answered.promise)
  }
  return {
    /** Sends one message after the other until there were SOME of the wanted answers. */
    async until(wanted: 'stored' | 'refused'): Promise<Said> {
      const said: Said = { stored: 0, errors: [] }
      for (let i = 0; i < MOST; i++) {
        const error = await say()
        if (error === undefined) said.stored++
        else said.errors.push(error)
        if ((wanted === 'stored' ? said.stored : said.errors.length) === SOME) return said
      }
      throw new Error(`of ${MOST} messages too few were ${wanted}`)
    },
  }
}
