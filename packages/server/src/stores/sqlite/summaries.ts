import type { DatabaseSync } from 'node:sqlite'
import type { RoomId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Summary } from '../../core/summary.ts'
import { done, refused } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import { logCode } from './log-codes.ts'
import { chargingIn } from './spending.ts'
import type { Transaction } from './transaction.ts'

export function summaryReads(db: DatabaseSync) {
  const byRoom = query<[text: string, first: number, upTo: number]>(
    db,
    'SELECT text, first, up_to FROM summaries WHERE room_id = ?',
  )
  return {
    summary(room: RoomId): Summary | undefined {
      const [text, first, upTo] = byRoom.one(blob(room)) ?? []
      return text === undefined || first === undefined || upTo === undefined ? undefined : { text, first, upTo }
    },
  }
}

export function summaryWrites(tx: Transaction) {
  const changes = [logCode('message.edited'), logCode('message.deleted')].join()
  const changed = query<[1]>(tx.db, `SELECT 1 FROM log WHERE room_id = ? AND seq > ? AND kind IN (${changes}) LIMIT 1`)
  const put = tx.db.prepare('INSERT OR REPLACE INTO summaries (room_id, first, up_to, text) VALUES (?, ?, ?, ?)')
  const charging = chargingIn(tx)
  return {
    put({ room: id, summary, asOf, asker, charge, at }: WriteOf<'summary.put'>): Outcome<'summary.put'> {
      const room = tx.room(id)
      if (!room) return refused({ code: 'room_unknown' })
      charging.charge({ asker }, room, charge, at)
      const { first, upTo, text } = summary
      const isKept = room.floor < first && !changed.one(room.id, asOf)
      if (isKept) put.run(room.id, first, upTo, text)
      return done({ isKept })
    },
  }
}
