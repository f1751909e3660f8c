import type { DatabaseSync } from 'node:sqlite'
import type { Collection } from '../../core/collection.ts'
import type { CollectionId, MessageId, UserId } from '../../core/ids.ts'
import type { PageOf, PageQuery } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob, uuid } from './ids.ts'
import type { Transaction } from './transaction.ts'

type CollectionRow = [
  number: number,
  id: string,
  owner: string,
  title: string | null,
  description: string | null,
  createdAt: number,
]

export function collectionReads(db: DatabaseSync) {
  const columns = 'number, hex(id), hex(owner_id), title, description, created_at'
  const sql = {
    byId: query<CollectionRow>(db, `SELECT ${columns} FROM collections WHERE id = ?`),
    items: query<[message: string]>(
      db,
      'SELECT hex(message_id) FROM collection_items WHERE collection = ? ORDER BY position',
    ),
    all: query<CollectionRow>(db, `SELECT ${columns} FROM collections ORDER BY number DESC LIMIT ? OFFSET ?`),
    ofOwner: query<CollectionRow>(
      db,
      `SELECT ${columns} FROM collections WHERE owner_id = ? ORDER BY number DESC LIMIT ? OFFSET ?`,
    ),
    count: query<[count: number]>(db, 'SELECT count(*) FROM collections'),
    countOfOwner: query<[count: number]>(db, 'SELECT count(*) FROM collections WHERE owner_id = ?'),
  }

  function collectionOf([number, id, owner, title, description, createdAt]: CollectionRow): Collection {
    const messages = sql.items.all(number).map(([message]) => uuid<MessageId>(message))
    return { id: uuid<CollectionId>(id), owner: uuid<UserId>(owner), title, description, messages, createdAt }
  }

  return {
    collection(id: CollectionId): Collection | undefined {
      const row = sql.byId.one(blob(id))
      return row && collectionOf(row)
    },
    collections(owner: UserId | null, { limit, offset }: PageQuery): PageOf<Collection> {
      const id = owner && blob(owner)
      const rows = id ? sql.ofOwner.all(id, limit, offset) : sql.all.all(limit, offset)
      const count = id ? sql.countOfOwner.one(id) : sql.count.one()
      return { items: rows.map(collectionOf), total: count?.[0] ?? 0 }
    },
  }
}

export function collectionWrites({ db }: Transaction) {
  const reads = collectionReads(db)
  const sql = {
    number: query<[number: number]>(db, 'SELECT number FROM collections WHERE id = ?'),
    insert: db.prepare('INSERT INTO collections (id, owner_id, title, description, created_at) VALUES (?, ?, ?, ?, ?)'),
    put: db.prepare('UPDATE collections SET title = ?, description = ? WHERE number = ?'),
    drop: db.prepare('DELETE FROM collections WHERE number = ?'),
    insertItem: db.prepare('INSERT INTO collection_items (collection, position, message_id) VALUES (?, ?, ?)'),
    dropItems: db.prepare('DELETE FROM collection_items WHERE collection = ?'),
  }

  const numberOf = (id: CollectionId): number | undefined => sql.number.one(blob(id))?.[0]

  function fill(number: number, messages: readonly MessageId[]): void {
    for (const [position, message] of messages.entries()) sql.insertItem.run(number, position, blob(message))
  }

  function create({ collection }: WriteOf<'collection.create'>): Outcome<'collection.create'> {
    const { id, owner, title, description, messages, createdAt } = collection
    const { lastInsertRowid } = sql.insert.run(blob(id), blob(owner), title, description, createdAt)
    fill(Number(lastInsertRowid), messages)
    return done({})
  }

  function change({ id, patch }: WriteOf<'collection.change'>): Outcome<'collection.change'> {
    const number = numberOf(id)
    const before = reads.collection(id)
    if (number === undefined || !before) return refused({ code: 'collection_unknown', id })
    const collection = { ...before, ...patch }
    sql.put.run(collection.title, collection.description, number)
    if (patch.messages) {
      sql.dropItems.run(number)
      fill(number, patch.messages)
    }
    return done({ collection })
  }

  function remove({ id }: WriteOf<'collection.delete'>): Outcome<'collection.delete'> {
    const number = numberOf(id)
    if (number === undefined) return refused({ code: 'collection_unknown', id })
    sql.dropItems.run(number)
    sql.drop.run(number)
    return done({})
  }

  return { create, change, remove }
}
