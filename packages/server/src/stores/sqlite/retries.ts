import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { NewMessage, RetryKey } from '../../core/ports/writes.ts'
import { query } from './connection.ts'
import { blob, bytes } from './ids.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf, ROOM_IS_THERE } from './rows.ts'
import type { MemberHead, Transaction } from './transaction.ts'

export function retryReads(db: DatabaseSync) {
  const byKey = query<[number: number]>(
    db,
    'SELECT number FROM retries WHERE sender_id = ? AND client_id = ? AND digest = ?',
  )
  const columns = (body: string) => MESSAGE_COLUMNS.replace('m.body', body)
  const message = query<MessageRow>(
    db,
    `SELECT ${columns(`iif(${ROOM_IS_THERE}, m.body, '')`)} FROM messages m WHERE m.number = ?`,
  )
  const erased = query<MessageRow>(db, `SELECT ${columns("''")} FROM erased m WHERE m.number = ?`)
  return {
    /** What an earlier attempt stored, as it is now; without its text where it was deleted or erased, or its room was. */
    firstSent(sender: UserId, clientId: string, digest: string): Message | undefined {
      const found = byKey.one(blob(sender), clientId, bytes(digest))
      const row = found && (message.one(found[0]) ?? erased.one(found[0]))
      return row && messageOf(row)
    },
  }
}

/** Messages that clients named, so that a second attempt finds the first. Never forgotten. */
export function retriesOf({ db }: Transaction) {
  const reads = retryReads(db)
  const byClientId = query<[number: number]>(
    db,
    'SELECT number FROM retries WHERE sender_id = ? AND client_id = ? LIMIT 1',
  )
  const insert = db.prepare('INSERT INTO retries (sender_id, client_id, digest, number) VALUES (?, ?, ?, ?)')
  return {
    first: ({ sender, retry }: NewMessage): Message | undefined =>
      retry ? reads.firstSent(sender, retry.clientId, retry.digest) : undefined,
    /** Whether the client id stands for another message, and may not. */
    conflicts: (sender: MemberHead, retry: RetryKey | null): boolean =>
      retry?.onConflict === 'refuse' && byClientId.one(sender.id, retry.clientId) !== undefined,
    remember(sender: MemberHead, retry: RetryKey | null, number: number): void {
      if (retry) insert.run(sender.id, retry.clientId, bytes(retry.digest), number)
    },
  }
}
