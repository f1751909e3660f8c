import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '../../core/ids.ts'
import type { AccountFacts } from '../../core/ports/store.ts'
import type { Registration } from '../../core/ports/writes.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'

type FactsRow = [fullName: string | null, emailVerifiedAt: number | null, lastSignInAt: number | null]

export function accountReads(db: DatabaseSync) {
  const password = query<[hash: string | null]>(db, 'SELECT password FROM accounts WHERE user_id = ?')
  const facts = query<FactsRow>(
    db,
    'SELECT full_name, email_verified_at, last_sign_in_at FROM accounts WHERE user_id = ?',
  )
  return {
    passwordHash: (user: UserId): string | undefined => password.one(blob(user))?.[0] ?? undefined,
    accountFacts(user: UserId): AccountFacts {
      const [fullName, emailVerifiedAt, lastSignInAt] = facts.one(blob(user)) ?? [null, null, null]
      return { fullName, emailVerifiedAt, lastSignInAt }
    },
  }
}

/** What is kept of accounts, for the writes that change it beside other things. A deleted user has nothing here. */
export function accountsOf(db: DatabaseSync) {
  const put = (column: string) =>
    db.prepare(
      `INSERT INTO accounts (user_id, ${column}) VALUES (?, ?) ON CONFLICT DO UPDATE SET ${column} = excluded.${column}`,
    )
  const putPassword = put('password')
  const putSignIn = put('last_sign_in_at')
  const putVerified = put('email_verified_at')
  const insert = db.prepare('INSERT INTO accounts (user_id, password, full_name) VALUES (?, ?, ?)')
  const unverify = db.prepare('UPDATE accounts SET email_verified_at = NULL WHERE user_id = ?')
  const drop = db.prepare('DELETE FROM accounts WHERE user_id = ?')
  const dropTickets = db.prepare(
    "DELETE FROM tickets WHERE purpose IN ('password-reset', 'verify-email') AND subject = ?",
  )
  return {
    create: (user: UserId, { password, fullName }: Registration) => void insert.run(blob(user), password, fullName),
    setPassword: (user: UserId, hash: string | null) => void putPassword.run(blob(user), hash),
    signedIn: (user: UserId, at: number) => void putSignIn.run(blob(user), at),
    verifyEmail: (user: UserId, at: number) => void putVerified.run(blob(user), at),
    /** What was mailed to the address before is worth nothing any more. */
    emailChanged(user: UserId): void {
      unverify.run(blob(user))
      dropTickets.run(user)
    },
    drop(user: UserId): void {
      drop.run(blob(user))
      dropTickets.run(user)
    },
  }
}
