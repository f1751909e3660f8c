import type { DatabaseSync } from 'node:sqlite'
import { query, StoreUnusable } from '../connection.ts'
import { first } from './0001-first.ts'
import { accounts } from './0002-accounts.ts'
import { rooms } from './0003-rooms.ts'
import { runsAndFiles } from './0004-runs-files.ts'
import { guests } from './0005-guests.ts'
import { search } from './0006-search.ts'
import { approvals } from './0007-approvals.ts'
import { runOrigins } from './0008-run-origins.ts'
import { budgets } from './0009-budgets.ts'
import { artefacts } from './0010-artefacts.ts'
import { teams } from './0011-teams.ts'

/** The migration at index n makes version n + 1. Released ones never change. */
const MIGRATIONS: readonly ((db: DatabaseSync) => void)[] = [
  first,
  accounts,
  rooms,
  runsAndFiles,
  guests,
  search,
  approvals,
  runOrigins,
  budgets,
  artefacts,
  teams,
]

/** The version this server reads and writes. */
export const VERSION = MIGRATIONS.length

/**
 * Brings the database up to VERSION, each step in a transaction of its own, so that a crash in the middle leaves a
 * database that the next start carries on with. Throws StoreUnusable and changes nothing when it is of a newer version.
 */
export function migrate(db: DatabaseSync, path: string): void {
  for (let version = versionOf(db); version < VERSION; version = versionOf(db)) step(db)
  const version = versionOf(db)
  if (version > VERSION) {
    throw new StoreUnusable(
      `The database ${path} has version ${version}, written by a newer Parley; this one knows versions up to ${VERSION}.`,
    )
  }
}

// The version is read again inside the transaction: another process may have taken the step meanwhile.
function step(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    const version = versionOf(db)
    const migration = MIGRATIONS[version]
    migration?.(db)
    if (migration) db.exec(`PRAGMA user_version = ${version + 1}`)
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

const versionOf = (db: DatabaseSync): number => query<[number]>(db, 'PRAGMA user_version').one()?.[0] ?? 0
