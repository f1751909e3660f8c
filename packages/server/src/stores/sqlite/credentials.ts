import type { DatabaseSync } from 'node:sqlite'
import type { SignInId, UserId } from '../../core/ids.ts'
import type { NewKey, Outcome, Ticket, WriteOf } from '../../core/ports/writes.ts'
import type { Refusal } from '../../core/refusals.ts'
import type { User } from '../../core/user.ts'
import { done, refused } from '../outcomes.ts'
import { accountReads, accountsOf } from './accounts.ts'
import { query } from './connection.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob, bytes, uuid } from './ids.ts'
import { USER_COLUMNS, type UserRow, userOf } from './rows.ts'
import type { Transaction } from './transaction.ts'

export function credentialReads(db: DatabaseSync) {
  const owner = `users u WHERE u.deleted_at IS NULL AND u.id`
  const byKey = query<UserRow>(db, `SELECT ${USER_COLUMNS} FROM ${owner} = (SELECT user_id FROM keys WHERE digest = ?)`)
  const person = query<UserRow>(db, `SELECT ${USER_COLUMNS} FROM ${owner} = ?`)
  const signIn = query<[id: string, user: Uint8Array]>(
    db,
    'SELECT hex(id), user_id FROM sign_ins WHERE digest = ? AND expires_at > ?',
  )
  const alive = query<[1]>(db, 'SELECT 1 FROM sign_ins WHERE id = ? AND expires_at > ?')
  const sealed = query<[sealed: string]>(db, 'SELECT sealed FROM keys WHERE user_id = ?')
  const subject = query<[subject: string]>(
    db,
    'SELECT subject FROM tickets WHERE digest = ? AND purpose = ? AND expires_at > ?',
  )
  return {
    userByKey(digest: string): User | undefined {
      const row = byKey.one(bytes(digest))
      return row && userOf(row)
    },
    signIn(digest: string, at: number): { readonly id: SignInId; readonly user: User } | undefined {
      const found = signIn.one(bytes(digest), at)
      const row = found && person.one(found[1])
      return row && { id: uuid<SignInId>(found[0]), user: userOf(row) }
    },
    signInAlive: (id: SignInId, at: number): boolean => alive.one(blob(id), at) !== undefined,
    sealedKey: (user: UserId): string | undefined => sealed.one(blob(user))?.[0],
    ticket: ({ digest, purpose }: Ticket, at: number): string | undefined =>
      subject.one(bytes(digest), purpose, at)?.[0],
  }
}

/** Keys and tickets, for the writes that need them beside others. */
export function credentialsOf(tx: Transaction) {
  const reads = credentialReads(tx.db)
  const insertKey = tx.db.prepare('INSERT INTO keys (digest, user_id, sealed, created_at) VALUES (?, ?, ?, ?)')
  const dropKeys = tx.db.prepare('DELETE FROM keys WHERE user_id = ?')
  const dropKeySignIns = tx.db.prepare('DELETE FROM sign_ins WHERE user_id = ? AND by_key = 1')
  const dropSignIns = tx.db.prepare('DELETE FROM sign_ins WHERE user_id = ?')
  const dropTicket = tx.db.prepare('DELETE FROM tickets WHERE digest = ?')
  return {
    ticketFault: (ticket: Ticket | null, at: number): Refusal | undefined =>
      ticket && reads.ticket(ticket, at) === undefined ? { code: 'token_refused' } : undefined,
    spend(ticket: Ticket | null): void {
      if (ticket) dropTicket.run(bytes(ticket.digest))
    },
    /** Gives the user a key in place of the one before, and of the sign-ins made with that. */
    giveKey(user: UserId, { digest, sealed }: NewKey, at: number): void {
      dropKeys.run(blob(user))
      dropKeySignIns.run(blob(user))
      insertKey.run(bytes(digest), blob(user), sealed, at)
    },
    /** Ends everything the user could prove themselves with. */
    dropAll(user: UserId): void {
      dropKeys.run(blob(user))
      dropSignIns.run(blob(user))
    },
  }
}

export function credentialWrites(tx: Transaction) {
  const sql = prepare(tx.db)
  const directory = directoryOf(tx)
  const credentials = credentialsOf(tx)
  const accounts = accountsOf(tx.db)
  const reads = accountReads(tx.db)

  function replaceKey({ user: id, key, at }: WriteOf<'key.replace'>): Outcome<'key.replace'> {
    const user = directory.living(id)
    if (!user) return refused(unknownUser(id))
    credentials.giveKey(id, key, at)
    return done({ user, seq: directory.log('credentials.revoked', id, at) })
  }

  function startSignIn({ signIn, hash, ticket, at }: WriteOf<'sign_in.start'>): Outcome<'sign_in.start'> {
    const { id, user, digest, byKey = false, createdAt, expiresAt } = signIn
    const fault = directory.living(user) ? credentials.ticketFault(ticket, at) : unknownUser(user)
    if (fault) return refused(fault)
    if (hash !== undefined && hash !== reads.passwordHash(user)) return refused({ code: 'credentials_wrong' })
    sql.dropExpiredSignIns.run(blob(user), at)
    sql.insertSignIn.run(blob(id), blob(user), bytes(digest), Number(byKey), createdAt, expiresAt)
    if (!byKey) accounts.signedIn(user, at)
    credentials.spend(ticket)
    return done({})
  }

  function refreshSignIn(write: WriteOf<'sign_in.refresh'>): Outcome<'sign_in.refresh'> {
    const { id, user, digest, next, expiresAt, at } = write
    if (!directory.living(user)) return refused(unknownUser(user))
    if (!sql.signIn.one(blob(id), blob(user), at)) return refused({ code: 'token_refused' })
    const { changes } = sql.refresh.run(bytes(next), expiresAt, blob(id), bytes(digest))
    if (changes > 0) return done({ state: 'refreshed' })
    sql.dropSignIn.run(blob(id), blob(user))
    return done({ state: 'reused', seq: directory.log('credentials.revoked', user, at) })
  }

  function setPassword(write: WriteOf<'password.set'>): Outcome<'password.set'> {
    const { user: id, hash, keep, ticket, at } = write
    const user = directory.living(id)
    if (!user) return refused(unknownUser(id))
    const fault = credentials.ticketFault(ticket, at)
    if (fault) return refused(fault)
    credentials.spend(ticket)
    sql.dropTicketsFor.run('password-reset', id)
    accounts.setPassword(id, hash)
    sql.dropOtherSignIns.run(blob(id), keep ? blob(keep) : NO_ID)
    return done({ user, seq: directory.log('credentials.revoked', id, at) })
  }

  function verifyEmail({ user, ticket, at }: WriteOf<'email.verify'>): Outcome<'email.verify'> {
    const fault = directory.living(user) ? credentials.ticketFault(ticket, at) : unknownUser(user)
    if (fault) return refused(fault)
    credentials.spend(ticket)
    accounts.verifyEmail(user, at)
    return done({})
  }

  function endSignIn({ id, user, at }: WriteOf<'sign_in.end'>): Outcome<'sign_in.end'> {
    if (!directory.living(user)) return refused(unknownUser(user))
    sql.dropSignIn.run(blob(id), blob(user))
    return done({ seq: directory.log('credentials.revoked', user, at) })
  }

  function issueTicket({ ticket, subject, expiresAt, at }: WriteOf<'ticket.issue'>): Outcome<'ticket.issue'> {
    const digest = bytes(ticket.digest)
    if (sql.ticket.one(digest)) return refused({ code: 'id_conflict' })
    sql.dropOlderTickets.run(ticket.purpose, subject, at)
    sql.insertTicket.run(digest, ticket.purpose, subject, expiresAt)
    return done({})
  }

  return { replaceKey, startSignIn, refreshSignIn, endSignIn, setPassword, verifyEmail, issueTicket }
}

/** Stands where an id can, and is nobody's. */
const NO_ID = new Uint8Array()

function prepare(db: DatabaseSync) {
  return {
    insertSignIn: db.prepare(
      'INSERT INTO sign_ins (id, user_id, digest, by_key, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    signIn: query<[1]>(db, 'SELECT 1 FROM sign_ins WHERE id = ? AND user_id = ? AND expires_at > ?'),
    refresh: db.prepare('UPDATE sign_ins SET digest = ?, expires_at = ? WHERE id = ? AND digest = ?'),
    dropOtherSignIns: db.prepare('DELETE FROM sign_ins WHERE user_id = ? AND id <> ?'),
    dropSignIn: db.prepare('DELETE FROM sign_ins WHERE id = ? AND user_id = ?'),
    dropExpiredSignIns: db.prepare('DELETE FROM sign_ins WHERE user_id = ? AND expires_at <= ?'),
    dropTicketsFor: db.prepare('DELETE FROM tickets WHERE purpose = ? AND subject = ?'),
    ticket: query<[1]>(db, 'SELECT 1 FROM tickets WHERE digest = ?'),
    insertTicket: db.prepare('INSERT INTO tickets (digest, purpose, subject, expires_at) VALUES (?, ?, ?, ?)'),
    dropOlderTickets: db.prepare('DELETE FROM tickets WHERE (purpose = ? AND subject = ?) OR expires_at <= ?'),
  }
}
