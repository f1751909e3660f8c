import type { DatabaseSync } from 'node:sqlite'
import {
  ARTEFACT_VERSIONS_MAX,
  ARTEFACTS_MAX,
  type Artefact,
  type ArtefactHead,
  type ArtefactLink,
  type ArtefactVersion,
  type WholeVersion,
} from '../../core/artefact.ts'
import type { ArtefactId, RoomId, RunId, UserId } from '../../core/ids.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ArtefactQuery, PageOf, PageQuery } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { inOneMoment, query } from './connection.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob, uuid } from './ids.ts'
import type { Transaction } from './transaction.ts'

type HeadRow = [
  id: string,
  team: string,
  kind: string,
  owner: string,
  room: string,
  conversation: number | null,
  run: string,
  title: string,
  version: number,
  createdAt: number,
  changedAt: number,
]

const HEAD =
  'hex(a.id), a.team, a.kind, hex(a.owner_id), hex(a.room_id), a.conversation, hex(a.run_id), a.title, a.version, a.created_at, a.changed_at'
const THERE = 'a.deleted_at IS NULL'

function headOf(row: HeadRow): ArtefactHead {
  const [id, team, kind, owner, room, conversation, run, title, version, createdAt, changedAt] = row
  const made = { id: uuid<ArtefactId>(id), team, kind, owner: uuid<UserId>(owner) }
  const where = { room: uuid<RoomId>(room), conversation, run: uuid<RunId>(run) }
  return { ...made, ...where, title, version, createdAt, changedAt }
}

type VersionRow = [version: number, title: string, by: string, at: number]

const VERSION = 'v.version, v.title, hex(v.by_id), v.at'

const versionOf = ([version, title, by, at]: VersionRow | [...VersionRow, unknown]): ArtefactVersion => ({
  version,
  title,
  by: uuid<UserId>(by),
  at,
})

const dataOf = (text: string): JsonObject => JSON.parse(text) as JsonObject // what a write made of one

export function artefactReads(db: DatabaseSync) {
  const sql = prepareReads(db)
  const atOnce = inOneMoment(db)

  function lists({ of, kind, conversation, limit, offset }: ArtefactQuery): PageOf<ArtefactHead> {
    const isOwners = 'owner' in of
    const [rows, count] = isOwners ? [sql.ofOwner, sql.countOfOwner] : [sql.inRoom, sql.countInRoom]
    const first = isOwners ? [blob(of.owner)] : [blob(of.room), of.since]
    const which = [...first, kind, kind, conversation, conversation]
    return { items: rows.all(...which, limit, offset).map(headOf), total: count.one(...which)?.[0] ?? 0 }
  }

  return {
    artefact: (id: ArtefactId): Artefact | undefined => atOnce(() => artefactOf(sql, id)),
    artefactHeads: (ids: readonly ArtefactId[]): readonly ArtefactHead[] =>
      ids.flatMap(id => sql.head.all(blob(id)).map(headOf)),
    artefacts: (query: ArtefactQuery): PageOf<ArtefactHead> => atOnce(() => lists(query)),
    artefactVersions: (id: ArtefactId, { limit, offset }: PageQuery): PageOf<ArtefactVersion> => ({
      items: sql.versions.all(blob(id), limit, offset).map(versionOf),
      // Versions are dense.
      total: sql.place.one(blob(id))?.[1] ?? 0,
    }),
    artefactVersion(id: ArtefactId, version: number): WholeVersion | undefined {
      const row = sql.version.one(blob(id), version)
      return row && { ...versionOf(row), data: dataOf(row[4]) }
    },
  }
}

type Reads = ReturnType<typeof prepareReads>

function artefactOf(sql: Reads, id: ArtefactId): Artefact | undefined {
  const row = sql.whole.one(blob(id))
  if (!row) return undefined
  const [data, ...head] = row
  const links = sql.links.all(blob(id)).map(([field, to]) => ({ field, to: uuid<ArtefactId>(to) }))
  return { ...headOf(head), data: dataOf(data), links }
}

function prepareReads(db: DatabaseSync) {
  const filters = `${THERE} AND (? IS NULL OR a.kind = ?) AND (? IS NULL OR a.conversation = ?)`
  const [owners, rooms] = [
    `FROM artefacts a WHERE a.owner_id = ? AND ${filters}`,
    `FROM artefacts a WHERE a.room_id = ? AND a.created_at >= ? AND ${filters}`,
  ]
  const latest = 'ORDER BY a.number DESC LIMIT ? OFFSET ?'
  const versions = `artefact_versions v JOIN artefacts a ON a.number = v.artefact WHERE a.id = ? AND ${THERE}`
  return {
    head: query<HeadRow>(db, `SELECT ${HEAD} FROM artefacts a WHERE a.id = ? AND ${THERE}`),
    whole: query<[data: string, ...HeadRow]>(db, `SELECT v.data, ${HEAD} FROM ${versions} AND v.version = a.version`),
    version: query<[...VersionRow, data: string]>(db, `SELECT ${VERSION}, v.data FROM ${versions} AND v.version = ?`),
    versions: query<VersionRow>(db, `SELECT ${VERSION} FROM ${versions} ORDER BY v.version DESC LIMIT ? OFFSET ?`),
    place: placeIn(db),
    links: query<[field: string, to: string]>(
      db,
      `SELECT l.field, hex(a.id) FROM artefact_links l JOIN artefacts a ON a.number = l.target AND ${THERE}
       WHERE l.artefact = (SELECT number FROM artefacts WHERE id = ?)`,
    ),
    ofOwner: query<HeadRow>(db, `SELECT ${HEAD} ${owners} ${latest}`),
    countOfOwner: query<[count: number]>(db, `SELECT count(*) ${owners}`),
    inRoom: query<HeadRow>(db, `SELECT ${HEAD} ${rooms} ${latest}`),
    countInRoom: query<[count: number]>(db, `SELECT count(*) ${rooms}`),
  }
}

/** Number and version of one that is there. */
const placeIn = (db: DatabaseSync) =>
  query<[number: number, version: number]>(
    db,
    `SELECT a.number, a.version FROM artefacts a WHERE a.id = ? AND ${THERE}`,
  )

type Content = Pick<WriteOf<'artefact.change'>, 'title' | 'data' | 'by' | 'at'>

interface Target {
  readonly field: string
  readonly number: number
}

export function artefactWrites(tx: Transaction) {
  const sql = prepareWrites(tx.db)
  const directory = directoryOf(tx)
  const reads = prepareReads(tx.db)
  const erase = artefactErasing(tx.db)

  /** What is linked to; or the one that is not there. */
  function targetsOf(links: readonly ArtefactLink[]): readonly Target[] | ArtefactId {
    const targets: Target[] = []
    for (const { field, to } of links) {
      const [number] = sql.place.one(blob(to)) ?? []
      if (number === undefined) return to
      targets.push({ field, number })
    }
    return targets
  }

  function put(artefact: number, version: number, content: Content, targets: readonly Target[]): void {
    const { title, data, by, at } = content
    sql.insertVersion.run(artefact, version, title, JSON.stringify(data), blob(by), at)
    sql.dropLinks.run(artefact)
    for (const { field, number } of targets) sql.insertLink.run(artefact, field, number)
  }

  function shown(id: ArtefactId): Outcome<'artefact.make'> {
    const artefact = artefactOf(reads, id)
    if (!artefact) throw new Error('An artefact that was just written is missing')
    return done({ artefact })
  }

  function make(write: WriteOf<'artefact.make'>): Outcome<'artefact.make'> {
    const { artefact, title, at } = write
    const { id, team, kind, owner, room, conversation, run } = artefact
    if (!directory.living(owner)) return refused(unknownUser(owner))
    if ((sql.count.one(blob(owner))?.[0] ?? 0) >= ARTEFACTS_MAX) return refused({ code: 'storage_insufficient' })
    const targets = targetsOf(write.links)
    if (typeof targets === 'string') return refused({ code: 'artefact_unknown', id: targets })
    const { lastInsertRowid } = sql.insert.run(
      ...[blob(id), team, kind, blob(owner), blob(room), conversation, blob(run), title, at, at],
    )
    put(Number(lastInsertRowid), 1, write, targets)
    return shown(id)
  }

  function change(write: WriteOf<'artefact.change'>): Outcome<'artefact.change'> {
    const { id, title, at } = write
    const [number, version] = sql.place.one(blob(id)) ?? []
    if (number === undefined || version === undefined) return refused({ code: 'artefact_unknown', id })
    if (version !== write.expected) return refused({ code: 'version_conflict', version })
    if (version >= ARTEFACT_VERSIONS_MAX) return refused({ code: 'storage_insufficient' })
    const targets = targetsOf(write.links)
    if (typeof targets === 'string') return refused({ code: 'artefact_unknown', id: targets })
    sql.move.run(title, version + 1, at, number)
    put(number, version + 1, write, targets)
    return shown(id)
  }

  function remove({ id, at }: WriteOf<'artefact.delete'>): Outcome<'artefact.delete'> {
    return sql.mark.run(at, blob(id)).changes > 0 ? done({}) : refused({ code: 'artefact_unknown', id })
  }

  return {
    make,
    change,
    remove,
    erase: ({ limit }: WriteOf<'artefact.erase'>): Outcome<'artefact.erase'> => done({ removed: erase.rows(limit) }),
  }
}

function prepareWrites(db: DatabaseSync) {
  return {
    place: placeIn(db),
    count: query<[count: number]>(db, `SELECT count(*) FROM artefacts a WHERE a.owner_id = ? AND ${THERE}`),
    insert: db.prepare(
      `INSERT INTO artefacts (id, team, kind, owner_id, room_id, conversation, run_id, title, version, created_at, changed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    ),
    move: db.prepare('UPDATE artefacts SET title = ?, version = ?, changed_at = ? WHERE number = ?'),
    mark: db.prepare('UPDATE artefacts SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL'),
    insertVersion: db.prepare(
      'INSERT INTO artefact_versions (artefact, version, title, data, by_id, at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    dropLinks: db.prepare('DELETE FROM artefact_links WHERE artefact = ?'),
    insertLink: db.prepare('INSERT INTO artefact_links (artefact, field, target) VALUES (?, ?, ?)'),
  }
}

/** Deletes what somebody has, and erases what is deleted, whoever had it. */
export function artefactErasing(db: DatabaseSync) {
  const mark = db.prepare('UPDATE artefacts SET deleted_at = ? WHERE owner_id = ? AND deleted_at IS NULL')
  // Comparing the time, instead of asking whether there is one, makes a search of the index out of a scan.
  const parts = [
    `DELETE FROM artefact_versions WHERE (artefact, version) IN (SELECT v.artefact, v.version
       FROM artefacts a JOIN artefact_versions v ON v.artefact = a.number WHERE a.deleted_at > 0 LIMIT ?)`,
    `DELETE FROM artefact_links WHERE (artefact, field, target) IN (SELECT l.artefact, l.field, l.target
       FROM artefacts a JOIN artefact_links l ON l.artefact = a.number WHERE a.deleted_at > 0 LIMIT ?)`,
    `DELETE FROM artefact_links WHERE (artefact, field, target) IN (SELECT l.artefact, l.field, l.target
       FROM artefacts a JOIN artefact_links l ON l.target = a.number WHERE a.deleted_at > 0 LIMIT ?)`,
    `DELETE FROM artefacts WHERE number IN (SELECT number FROM artefacts WHERE deleted_at > 0 LIMIT ?)`,
  ].map(sql => db.prepare(sql))
  return {
    deleteOf: (owner: Uint8Array, at: number): void => void mark.run(at, owner),
    /** Erases at most `limit` rows and answers how many. */
    rows(limit: number): number {
      let removed = 0
      for (const part of parts) if (removed < limit) removed += Number(part.run(limit - removed).changes)
      return removed
    },
  }
}
