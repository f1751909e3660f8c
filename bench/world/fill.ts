import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { RoomId, SignInId, UserId } from '../../packages/server/src/core/ids.ts'
import type { Store } from '../../packages/server/src/core/ports/store.ts'
import type { Write } from '../../packages/server/src/core/ports/writes.ts'
import type { User } from '../../packages/server/src/core/user.ts'
import { openSqliteStore } from '../../packages/server/src/stores/sqlite/store.ts'
import { createIds } from '../../packages/server/src/system/ids.ts'
import { openSecret } from '../../packages/server/src/system/secret.ts'
import { createTokens } from '../../packages/server/src/system/tokens.ts'
import { roomLabel } from '../generator/rooms.ts'
import { type Stock, sharedRoom, stockWrites } from './stock.ts'

const DAY = 86_400_000
/** Writes of one commit: large enough that syncs don't count, small enough to leave memory alone. */
const GROUP = 2_000

/** Who is there before a server starts, and what was said. */
export interface World {
  /** Names of the users, by number. */
  readonly names: readonly string[]
  /** The room each of them is in. */
  room(user: number): number
  readonly stock: Stock | undefined
}

/** Makes the data directory `directory`, through the store's own commits. Resolves with a token of each user for WebSockets. */
export async function fill(directory: string, { names, room, stock }: World): Promise<readonly string[]> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const tokens = createTokens(openSecret(directory, null, false))
  const store = await openSqliteStore(directory)
  const ids = createIds()
  const at = Date.now()
  const users = names.map(name => person(ids.uuid() as UserId, name, at)) // a fresh uuid is what an id is
  const signIns = names.map(() => ids.uuid() as SignInId)
  try {
    await commitAll(store, userWrites(users, signIns, at))
    await commitAll(
      store,
      roomWrites(users, room, () => ids.uuid() as RoomId, at),
    )
    if (stock !== undefined) await commitAll(store, stockWrites(stock, users, at))
  } finally {
    await store.close()
  }
  return Promise.all(
    users.map(({ id: user, name, role }, index) => {
      const claims = { type: 'websocket', user, name, role, signIn: signIns[index]!, id: ids.secret(16) } as const
      const issuedAt = at - (at % 1000)
      return tokens.sign({ ...claims, issuedAt, expiresAt: issuedAt + DAY })
    }),
  )
}

export const person = (id: UserId, name: string, createdAt: number): User => ({
  id,
  name,
  role: 'member',
  email: null,
  webhookUrl: null,
  logo: null,
  emoji: null,
  createdBy: null,
  createdAt,
  deletedAt: null,
})

function* userWrites(users: readonly User[], signIns: readonly SignInId[], at: number): Generator<Write> {
  for (const [index, user] of users.entries()) {
    yield { type: 'user.create', user, key: null, ticket: null, at }
    const digest = createHash('sha256').update(user.id).digest('hex')
    const signIn = { id: signIns[index]!, user: user.id, digest, createdAt: at, expiresAt: at + DAY }
    yield { type: 'sign_in.start', signIn, ticket: null, at }
  }
}

function* roomWrites(users: readonly User[], room: World['room'], newId: () => RoomId, at: number): Generator<Write> {
  const rooms = new Map<number, RoomId>()
  for (const [index, { id: user }] of users.entries()) {
    const number = room(index)
    const known = rooms.get(number)
    const id = known ?? newId()
    rooms.set(number, id)
    if (known === undefined) yield { type: 'room.create', room: sharedRoom(id, roomLabel(number), user), at }
    else yield { type: 'member.join', room: id, user, at }
  }
}

/** Commits group after group; the next one is made while the one before is on its way. */
export async function commitAll(store: Store, writes: Iterable<Write>): Promise<void> {
  let group: Write[] = []
  let open: Promise<void> = Promise.resolve()
  const commit = async (full: readonly Write[]): Promise<void> => {
    const outcomes = await store.commit(full)
    const refused = outcomes.find(outcome => outcome.state === 'refused')
    if (refused !== undefined) throw new Error(`the store refused what it is filled with: ${refused.refusal.code}`)
  }
  for (const write of writes) {
    group.push(write)
    if (group.length < GROUP) continue
    await open
    open = commit(group)
    group = []
  }
  await open
  await commit(group)
}
