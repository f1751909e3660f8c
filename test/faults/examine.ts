import { join } from 'node:path'
import type { Cast } from './cast.ts'
import type { History } from './history.ts'
import { ask, type Member } from './load/actor.ts'
import type { Server } from './server.ts'
import { readDatabase, type Snapshot, type Unread } from './snapshot.ts'

/** What a server has while nobody writes: the file behind its back, and its own answers. */
export async function examine(
  server: Server,
  directory: string,
  { history, members }: Pick<Cast, 'history' | 'members'>,
): Promise<Snapshot> {
  const keys = [...keysIn(history)]
  return {
    ...readDatabase(join(directory, 'parley.db')),
    unread: new Map(await inLanes(members, async member => [member.name, await unreadOf(server.url, member)] as const)),
    keys: new Map(await inLanes(keys, async key => [key, await holderOf(server.url, key)] as const)),
  }
}

function* keysIn({ accounts }: History): Generator<string> {
  for (const { key, dead } of accounts.values()) {
    if (key !== null) yield key
    yield* dead
  }
}

async function unreadOf(url: string, { key }: Member): Promise<Unread> {
  const { body } = await ask(url, 'GET', '/messages/unread/count', key)
  const counts = body as { unread_room_messages: number; unread_direct_messages: number } // the contract of this endpoint
  return { room: counts.unread_room_messages, direct: counts.unread_direct_messages }
}

async function holderOf(url: string, key: string): Promise<string | null> {
  const { status, body } = await ask(url, 'GET', '/users/me', key)
  return status === 200 ? (body as { username: string }).username : null // the contract of this endpoint
}

const LANES = 8

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = [...items]
  const lane = async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) results.push(await work(item))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return results
}
