import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { DATABASE_FILE } from '../stores/sqlite/store.ts'
import { OperatorFault, systemCode } from '../system/fault.ts'
import { openSecret } from '../system/secret.ts'
import { sync } from '../system/sync.ts'
import { type Answer, type Command, mustHaveData, type Place } from './command.ts'

export const dataCommands: readonly Command[] = [
  {
    words: ['backup'],
    takes: ['FILE'],
    says: 'copies the database, whole and of one moment, beside a running server too',
    run: (place, [file = '']) => copy(place, resolve(file)),
  },
  {
    words: ['check'],
    takes: [],
    says: 'looks whether the database is undamaged and the secret belongs to it',
    run: check,
  },
]

/** All pages in one step: a step reads one moment, and another step would begin anew after each write of the server. */
const ALL_PAGES = 0x7fff_ffff

async function copy({ directory }: Place, file: string): Promise<Answer> {
  if (existsSync(file)) throw new OperatorFault(`${file} is there already. Name a new file.`)
  const draft = `${file}.partial`
  const source = open(directory)
  try {
    makeDraft(draft)
    await backup(source, draft, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
  sync(draft)
  renameSync(draft, file)
  sync(dirname(file))
  const text = `${file} is the database as it was a moment ago.\nKeep the file secret of ${directory}, or SECRET_KEY, with it: without that no key works.`
  return { text, data: { file } }
}

function makeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true })
    writeFileSync(draft, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw new OperatorFault(`The backup can't be written to ${dirname(draft)}: ${systemCode(error) ?? String(error)}.`)
  }
}

async function check({ settings, directory }: Place): Promise<Answer> {
  const database = open(directory)
  try {
    // What is no database at all can't even be looked at.
    readHeader(database, directory)
    const faults = database
      .prepare('PRAGMA integrity_check')
      .all()
      .map(row => String(row.integrity_check))
    const loose = database
      .prepare('PRAGMA foreign_key_check')
      .all()
      .map(row => `${row.table}: a row refers to nothing`)
    const wrong = [...faults.filter(text => text !== 'ok'), ...loose]
    openSecret(directory, settings.SECRET_KEY, true)
    const text = wrong.length === 0 ? `The data in ${directory} are in order.` : wrong.join('\n')
    return { text, data: { ok: wrong.length === 0, faults: wrong }, ok: wrong.length === 0 }
  } finally {
    database.close()
  }
}

function readHeader(database: DatabaseSync, directory: string): void {
  try {
    database.prepare('PRAGMA schema_version').get()
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw new OperatorFault(`${join(directory, DATABASE_FILE)} is damaged: ${what}. Restore a backup.`)
  }
}

function open(directory: string): DatabaseSync {
  mustHaveData(directory)
  return new DatabaseSync(join(directory, DATABASE_FILE), { readOnly: true })
}
