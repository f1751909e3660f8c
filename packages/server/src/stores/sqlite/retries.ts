import type { Message } from '../../core/message.ts'
import type { NewMessage, RetryKey } from '../../core/ports/writes.ts'
import { query } from './connection.ts'
import { blob, bytes } from './ids.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './rows.ts'
import type { MemberHead, Transaction } from './transaction.ts'

/** Messages that clients named, so that a second attempt finds the first. Never forgotten. */
export function retriesOf({ db }: Transaction) {
  const number = query<[number: number]>
  const byKey = number(db, 'SELECT number FROM retries WHERE sender_id = ? AND client_id = ? AND digest = ?')
  const byClientId = number(db, 'SELECT number FROM retries WHERE sender_id = ? AND client_id = ? LIMIT 1')
  const message = query<MessageRow>(db, `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.number = ?`)
  const erased = query<MessageRow>(
    db,
    `SELECT ${MESSAGE_COLUMNS.replace('m.body', "''")} FROM erased m WHERE m.number = ?`,
  )
  const insert = db.prepare('INSERT INTO retries (sender_id, client_id, digest, number) VALUES (?, ?, ?, ?)')
  return {
    /** What an earlier attempt stored, as it is now; without its text where it was deleted or erased. */
    first({ sender, retry }: NewMessage): Message | undefined {
      if (!retry) return undefined
      const found = byKey.one(blob(sender), retry.clientId, bytes(retry.digest))
      const row = found && (message.one(found[0]) ?? erased.one(found[0]))
      return row && messageOf(row)
    },
    /** Whether the client id stands for another message, and may not. */
    conflicts: (sender: MemberHead, retry: RetryKey | null): boolean =>
      retry?.onConflict === 'refuse' && byClientId.one(sender.id, retry.clientId) !== undefined,
    remember(sender: MemberHead, retry: RetryKey | null, number: number): void {
      if (retry) insert.run(sender.id, retry.clientId, bytes(retry.digest), number)
    },
  }
}
