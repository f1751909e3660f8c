import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { MessageId, RoomId, UserId } from '../../src/core/ids.ts'
import type { Store } from '../../src/core/ports/store.ts'
import { blob } from '../../src/stores/sqlite/ids.ts'
import { first } from '../../src/stores/sqlite/migrations/0001-first.ts'
import { accounts } from '../../src/stores/sqlite/migrations/0002-accounts.ts'
import { DATABASE_FILE, openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { digestOf, newId, START, worldOn } from '../contracts/store-world.ts'
import { temporaryDirectory } from './temporary.ts'

test('[STORE-82] a database of version 1 is brought up, with everybody and everything in it', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, DATABASE_FILE)
  const old = new DatabaseSync(path)
  first(old)
  const [user, signIn, digest] = [randomBytes(16), randomBytes(16), randomBytes(32)]
  old.prepare("INSERT INTO users (id, name, name_key, role, created_at) VALUES (?, 'Ann', 'ann', 'admin', 5)").run(user)
  old
    .prepare('INSERT INTO sign_ins (id, user_id, digest, created_at, expires_at) VALUES (?, ?, ?, 5, 100)')
    .run(signIn, user, digest)
  old.exec('PRAGMA user_version = 1')
  old.close()
  const store = await openSqliteStore(directory.path)
  const ann = await store.userByName('ann')
  expect(ann).toMatchObject({ name: 'Ann', role: 'admin' })
  expect((await store.signIn(digest.toString('hex'), 99))?.user).toEqual(ann)
  const world = worldOn(store)
  await world.write({ type: 'password.set', user: ann!.id, hash: 'hash', keep: null, ticket: null, at: 6 })
  expect(await store.passwordHash(ann!.id)).toBe('hash')
  expect(await store.signIn(digest.toString('hex'), 99)).toBeUndefined()
  await store.close()
})

/** What a server of version 2 left behind: ann wrote in the lobby and to ben, who read some of it. */
function fillVersion2(db: DatabaseSync) {
  first(db)
  accounts(db)
  const [ann, ben, room] = [newId<UserId>(), newId<UserId>(), newId<RoomId>()]
  const lobby = db.prepare("SELECT id FROM rooms WHERE kind = 'lobby'").get()?.id as Uint8Array // a column of blobs
  const user = db.prepare("INSERT INTO users (id, name, name_key, role, created_at) VALUES (?, ?, ?, 'member', ?)")
  for (const [id, name] of [
    [ann, 'ann'],
    [ben, 'ben'],
  ] as const)
    user.run(blob(id), name, name, START)
  const heads = 'seq = ?, ordinal = ?, floor = ?, deleted = ?, last_at = ?, last_number = ?'
  db.prepare(`UPDATE rooms SET ${heads} WHERE id = ?`).run(5, 4, 1, 1, START + 9, 4, lobby)
  db.prepare("INSERT INTO rooms (id, kind, pair_a, pair_b, created_at) VALUES (?, 'direct', ?, ?, ?)").run(
    ...[blob(room), blob(ann), blob(ben), START],
  )
  db.prepare(`UPDATE rooms SET ${heads} WHERE id = ?`).run(1, 1, 0, 0, START + 8, 5, blob(room))
  const member = db.prepare(
    'INSERT INTO members (room_id, user_id, joined_at, since, read_to, singles, own, own_erased) VALUES (?, ?, ?, 0, ?, ?, ?, ?)',
  )
  member.run(lobby, blob(ann), START, 0, 0, 4, 1)
  member.run(lobby, blob(ben), START, 2, 1, 0, 0)
  member.run(blob(room), blob(ann), START, 0, 0, 1, 0)
  member.run(blob(room), blob(ben), START, 0, 0, 0, 0)
  db.prepare('INSERT INTO reads (room_id, user_id, ordinal) VALUES (?, ?, 4)').run(lobby, blob(ben))
  const message = db.prepare(
    `INSERT INTO messages (number, id, room_id, ordinal, seq, sender_id, kind, body, client_id, at, deleted_at)
     VALUES (?, ?, ?, ?, ?, ?, 'text', ?, ?, ?, ?)`,
  )
  const log = db.prepare('INSERT INTO log (room_id, seq, kind, ref, at) VALUES (?, ?, ?, ?, ?)')
  const ids = [1, 2, 3, 4, 5].map(() => newId<MessageId>())
  for (const [number, ordinal] of [
    [2, 2],
    [3, 3],
    [4, 4],
  ] as const) {
    const gone = number === 3 ? START + 9 : null
    const body = gone ? '' : `m${number}`
    message.run(
      number,
      blob(ids[number - 1]!),
      lobby,
      ordinal,
      ordinal,
      blob(ann),
      body,
      `c${number}`,
      START + number,
      gone,
    )
  }
  message.run(5, blob(ids[4]!), blob(room), 1, 1, blob(ann), 'm5', null, START + 8, null)
  for (const seq of [1, 2, 3, 4]) log.run(lobby, seq, 1, seq, START + seq)
  log.run(lobby, 5, 3, 3, START + 9)
  log.run(blob(room), 1, 1, 5, START + 8)
  const erased = `INSERT INTO erased (number, id, room_id, ordinal, seq, sender_id, kind, client_id, at)
    VALUES (1, ?, ?, 1, 1, ?, 'text', 'c1', ?)`
  db.prepare(erased).run(blob(ids[0]!), lobby, blob(ann), START + 1)
  const retry = db.prepare('INSERT INTO retries (sender_id, client_id, digest, number) VALUES (?, ?, ?, ?)')
  for (const number of [1, 4]) retry.run(blob(ann), `c${number}`, Buffer.from(digestOf('x'), 'hex'), number)
  db.exec('PRAGMA user_version = 2')
  return { ann, ben, room, ids }
}

test('[STORE-82] a database of version 2 is brought up, with rooms, members, messages and counts', async () => {
  await using directory = await temporaryDirectory()
  const old = new DatabaseSync(join(directory.path, DATABASE_FILE))
  const { ann, ben, room, ids } = fillVersion2(old)
  old.close()
  const store = await openSqliteStore(directory.path)
  const world = worldOn(store)
  const lobby = (await store.labelled('lobby'))!
  expect(lobby).toMatchObject({ id: store.lobby, kind: 'lobby', name: 'Lobby', assistant: 'mention', owner: null })
  expect(await store.conversation(lobby.conversation!)).toMatchObject({ room: store.lobby, lastAt: START + 4 })
  expect(await store.room(room)).toMatchObject({ kind: 'direct', pair: [ann, ben], label: null, conversation: null })
  for (const id of [store.lobby, room]) {
    expect(await store.members(id, { after: null, limit: 9 })).toEqual({ items: [ann, ben], total: 2 })
  }
  const open = await store.memberships(ben)
  expect(open).toHaveLength(2)
  for (const [id, seq, isChosen] of [
    [store.lobby, 5, false],
    [room, 1, true],
  ] as const) {
    expect(open.find(one => one.room.id === id)).toMatchObject({ seq, heard: seq, sinceSeq: 0, isChosen })
  }
  expect([await store.unreadCounts(ben), await store.unreadCounts(ann)]).toEqual([
    { lobby: 0, direct: 1 },
    { lobby: 0, direct: 0 },
  ])
  const { items } = await store.roomList(ben, { limit: 9, offset: 0 })
  expect(items.map(one => [one.room.id, one.unread, one.lastAt])).toEqual([
    [room, 1, START + 8],
    [store.lobby, 0, START + 9],
  ])
  expect(await world.historyIds()).toEqual([ids[3], ids[1]])
  expect(await store.message(ids[1]!)).toMatchObject({ body: 'm2', conversation: lobby.conversation, run: null })
  expect(await store.message(ids[4]!)).toMatchObject({ body: 'm5', conversation: null })
  await expectGoesOn(store, ids[0]!, ids[3]!, ann)
  await store.close()
})

async function expectGoesOn(store: Store, erased: MessageId, kept: MessageId, ann: UserId): Promise<void> {
  const { lobby } = store
  expect(await store.firstSent(ann, 'c1', digestOf('x'))).toMatchObject({ id: erased, body: '', run: null })
  expect(await store.firstSent(ann, 'c4', digestOf('x'))).toMatchObject({ id: kept, body: 'm4' })
  const types = (await store.log(lobby, 0, 9)).map(row => row.type)
  expect(types).toEqual(['gone', 'message.sent', 'message.sent', 'message.sent', 'message.deleted'])
  const world = worldOn(store)
  const user = (await store.user(ann))!
  expect(await world.send(user)).toMatchObject({ number: 6, ordinal: 5, seq: 6 })
  expect(await world.roomOf(user)).toMatchObject({ owner: ann, conversation: 2 })
  await world.person('cat')
  expect(await store.members(lobby, { after: null, limit: 0 })).toMatchObject({ total: 3 })
}
