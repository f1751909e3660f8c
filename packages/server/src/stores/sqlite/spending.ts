import type { DatabaseSync } from 'node:sqlite'
import type { RoomId, UserId } from '../../core/ids.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { hasOthers } from '../../core/room.ts'
import type { Run } from '../../core/run.ts'
import { dayOf } from '../../core/runs/spending.ts'
import type { Role } from '../../core/user.ts'
import { done } from '../outcomes.ts'
import { query } from './connection.ts'
import { blob } from './ids.ts'
import type { RoomHead, Transaction } from './transaction.ts'

const NOBODY = new Uint8Array()

export function spendingReads(db: DatabaseSync) {
  const spent = query<[micros: number]>(db, 'SELECT micros FROM spent WHERE day = ? AND whose = ? AND id = ?')
  const by = (day: number, whose: string, id: Uint8Array): number => spent.one(day, whose, id)?.[0] ?? 0
  return {
    spentOn: (day: number, { asker, room }: { asker: UserId; room: RoomId }) => ({
      person: by(day, 'person', blob(asker)),
      room: by(day, 'room', blob(room)),
      guests: by(day, 'guests', NOBODY),
    }),
  }
}

/** Charges what answers took. */
export function chargingIn({ db }: Transaction) {
  const role = query<[role: Role]>(db, 'SELECT role FROM users WHERE id = ?')
  const add = db.prepare(
    `INSERT INTO spent (day, whose, id, micros) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET micros = micros + excluded.micros`,
  )
  return {
    /** `room`: where it was asked, unless that is deleted. */
    charge({ asker }: Pick<Run, 'asker'>, room: RoomHead | undefined, charge: number, at: number): void {
      if (charge === 0) return
      const [day, person] = [dayOf(at), blob(asker)]
      if (role.one(person)?.[0] === 'guest') add.run(day, 'guests', NOBODY, charge)
      else add.run(day, 'person', person, charge)
      if (room && hasOthers(room)) add.run(day, 'room', room.id, charge)
    },
  }
}

export function spendingWrites({ db }: Transaction) {
  const forget = db.prepare('DELETE FROM spent WHERE day < ?')
  return {
    forget({ before }: WriteOf<'spending.forget'>): Outcome<'spending.forget'> {
      forget.run(before)
      return done({})
    },
  }
}
