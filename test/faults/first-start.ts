import { setTimeout as pause } from 'node:timers/promises'
import { register } from './cast.ts'
import type { Violation } from './checker/violation.ts'
import { check } from './checker.ts'
import { examine } from './examine.ts'
import { newHistory, noteSending, noteStored } from './history.ts'
import { ask } from './load/actor.ts'
import type { Random } from './random.ts'
import { type ServerOptions, spawnServer, startServer } from './server.ts'
import type { End } from './siege.ts'

/** Longer than a first start takes: some of them are over when their server goes. */
const START = 700

/**
 * Ends the first server that a directory ever saw in the middle of its start, has the next one take the first account and
 * message, and ends that one right after it acknowledged them: nothing was closed in order yet.
 */
export async function firstStart(place: ServerOptions, random: Random, end: End): Promise<readonly Violation[]> {
  await using halfway = spawnServer(place)
  await pause(random.below(START))
  await end.run(halfway)

  const history = newHistory()
  await using server = await startServer(place)
  const ann = await register(server.url, 'ann')
  history.accounts.set(ann.name, { id: ann.id, key: ann.key, dead: [] })
  const body = 'first message'
  noteSending(history, { sender: ann.name, to: null, body })
  const { body: stored } = await ask(server.url, 'POST', '/messages', ann.key, { content: body })
  noteStored(history, (stored as { id: string }).id, body) // the contract of POST /messages
  await end.run(server)

  await using next = await startServer(place)
  const snapshot = await examine(next, place.directory, { history, members: [ann] })
  return check(history, snapshot, { lives: [], heads: new Map() })
}
