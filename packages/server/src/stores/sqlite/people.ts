import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '../../core/ids.ts'
import { nameKey } from '../../core/names.ts'
import type { Outcome, UserPatch, WriteOf } from '../../core/ports/writes.ts'
import type { Refusal } from '../../core/refusals.ts'
import { isGiven, type User } from '../../core/user.ts'
import { done, refused } from '../outcomes.ts'
import { accountsOf } from './accounts.ts'
import { forgettingApprovalsIn } from './approvals.ts'
import { artefactErasing } from './artefacts.ts'
import { query } from './connection.ts'
import { credentialsOf } from './credentials.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob } from './ids.ts'
import { leavingIn } from './leaving.ts'
import { membersOf } from './members.ts'
import { USER_COLUMNS, type UserRow, userOf } from './rows.ts'
import { specialRooms } from './special-rooms.ts'
import type { Transaction } from './transaction.ts'

export function peopleReads(db: DatabaseSync) {
  const sql = prepareReads(db)
  const one = (row: UserRow | undefined): User | undefined => row && userOf(row)
  const user = (id: UserId): User | undefined => one(sql.byId.one(blob(id)))
  return {
    user,
    users: (ids: readonly UserId[]): readonly User[] => ids.flatMap(id => user(id) ?? []),
    userByName: (key: string): User | undefined => one(sql.byName.one(key)),
    isNameUsed: (key: string): boolean => sql.nameOwner.one(key) !== undefined,
    userByEmail: (email: string): User | undefined => one(sql.byEmail.one(email)),
    everyone: (): readonly User[] => sql.everyone.all().map(userOf),
    botsOf: (owner: UserId): readonly User[] => sql.botsOf.all(blob(owner)).map(userOf),
    hasAdmin: (): boolean => sql.admin.one() !== undefined,
  }
}

function prepareReads(db: DatabaseSync) {
  const users = (rest: string) => query<UserRow>(db, `SELECT ${USER_COLUMNS} FROM users u ${rest}`)
  return {
    byId: users('WHERE u.id = ?'),
    byName: users(`WHERE u.name_key = ? AND u.deleted_at IS NULL AND u.role <> 'guest'`),
    byEmail: users('WHERE u.email = ? AND u.deleted_at IS NULL'),
    everyone: users(`WHERE u.deleted_at IS NULL AND u.role <> 'guest' ORDER BY u.number`),
    botsOf: users('WHERE u.created_by = ? AND u.deleted_at IS NULL ORDER BY u.number'),
    nameOwner: query<[1]>(db, 'SELECT 1 FROM users WHERE name_key = ?'),
    admin: query<[1]>(db, `SELECT 1 FROM users WHERE role = 'admin' AND deleted_at IS NULL LIMIT 1`),
  }
}

export function peopleWrites(tx: Transaction) {
  const sql = prepareWrites(tx.db)
  const reads = peopleReads(tx.db)
  const directory = directoryOf(tx)
  const credentials = credentialsOf(tx)
  const accounts = accountsOf(tx.db)
  const members = membersOf(tx)
  const leaveAll = leavingIn(tx)
  const artefacts = artefactErasing(tx.db)
  const approvals = forgettingApprovalsIn(tx.db)
  const { lobby } = specialRooms(tx.db)

  function nameFault(id: UserId, { name }: UserPatch): Refusal | undefined {
    if (name === undefined) return undefined
    return sql.otherByName.one(nameKey(name), blob(id)) ? { code: 'name_taken', name } : undefined
  }

  function emailFault(id: UserId, { email }: UserPatch): Refusal | undefined {
    return email != null && sql.otherByEmail.one(email, blob(id)) ? { code: 'email_taken' } : undefined
  }

  function create({ user, key, registration, ticket, at }: WriteOf<'user.create'>): Outcome<'user.create'> {
    const fault = nameFault(user.id, user) ?? emailFault(user.id, user) ?? credentials.ticketFault(ticket, at)
    const room = tx.room(lobby)
    if (fault || !room) return refused(fault ?? { code: 'room_unknown' })
    const { name, role, email, webhookUrl, logo, emoji, createdBy, createdAt } = user
    const id = blob(user.id)
    const owner = createdBy && blob(createdBy)
    sql.insertUser.run(id, name, nameKey(name), role, email, webhookUrl, logo, emoji, owner, createdAt)
    if (key) credentials.giveKey(user.id, key, at)
    if (registration) accounts.create(user.id, registration)
    credentials.spend(ticket)
    if (role === 'guest') return done({ seq: 0 })
    if (isGiven(role)) members.putUnchosen(room, user.id, at)
    return done({ seq: directory.log('user.created', user.id, at) })
  }

  function put({ id, name, role, email, webhookUrl, logo, emoji, deletedAt }: User): void {
    sql.putUser.run(name, nameKey(name), role, email, webhookUrl, logo, emoji, deletedAt, blob(id))
  }

  function change({ id, patch, at }: WriteOf<'user.change'>): Outcome<'user.change'> {
    const before = directory.living(id)
    if (!before) return refused(unknownUser(id))
    const fault = nameFault(id, patch) ?? emailFault(id, patch)
    if (fault) return refused(fault)
    const user = { ...before, ...patch }
    put(user)
    if (user.email !== before.email) accounts.emailChanged(id)
    return done({ user, seq: directory.log('user.changed', id, at) })
  }

  function removeOne(before: User, at: number): { user: User; seq: number } {
    const user = { ...before, email: null, webhookUrl: null, logo: null, emoji: null, deletedAt: at }
    put(user)
    credentials.dropAll(user.id)
    accounts.drop(user.id)
    leaveAll(user.id, at)
    artefacts.deleteOf(blob(user.id), at)
    approvals.ofAsker(user.id)
    return { user, seq: directory.log('user.deleted', user.id, at) }
  }

  function remove({ id, at }: WriteOf<'user.delete'>): Outcome<'user.delete'> {
    const first = directory.living(id)
    if (!first) return refused(unknownUser(id))
    const leaving = [first]
    // A bot that was given another role may have bots of its own.
    for (const user of leaving) leaving.push(...reads.botsOf(user.id))
    return done({ users: leaving.map(user => removeOne(user, at)) })
  }

  return { create, change, remove }
}

function prepareWrites(db: DatabaseSync) {
  return {
    otherByName: query<[1]>(db, 'SELECT 1 FROM users WHERE name_key = ? AND id <> ?'),
    otherByEmail: query<[1]>(db, 'SELECT 1 FROM users WHERE email = ? AND id <> ?'),
    insertUser: db.prepare(
      `INSERT INTO users (id, name, name_key, role, email, webhook_url, logo, emoji, created_by, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    putUser: db.prepare(
      `UPDATE users SET name = ?, name_key = ?, role = ?, email = ?, webhook_url = ?, logo = ?, emoji = ?,
         deleted_at = ? WHERE id = ?`,
    ),
  }
}
