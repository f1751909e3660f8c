import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { directoryOf, unknownUser } from './directory.ts'
import { blob } from './ids.ts'
import { membersOf } from './members.ts'
import type { Transaction } from './transaction.ts'

export function joinWrites(tx: Transaction) {
  const directory = directoryOf(tx)
  const members = membersOf(tx)
  // What they are shown of it begins with their asking.
  const choose = tx.db.prepare(
    'UPDATE members SET chosen = 1, heard = ? WHERE room_id = ? AND user_id = ? AND chosen = 0',
  )
  const unchoose = tx.db.prepare('UPDATE members SET chosen = 0 WHERE room_id = ? AND user_id = ? AND chosen = 1')
  const hear = tx.db.prepare('UPDATE members SET heard = ? WHERE room_id = ? AND user_id = ? AND heard < ?')

  function join({ room: id, user, at }: WriteOf<'member.join'>): Outcome<'member.join'> {
    const room = tx.room(id)
    if (!room) return refused({ code: 'room_unknown' })
    if (!directory.living(user)) return refused(unknownUser(user))
    if (!tx.member(room, user)) return done({ state: 'joined', ...members.join(room, user, at) })
    choose.run(room.seq, room.id, blob(user))
    return done({ state: 'present' })
  }

  function leave({ room: id, user, at }: WriteOf<'member.leave'>): Outcome<'member.leave'> {
    const room = tx.room(id)
    if (!room) return refused({ code: 'room_unknown' })
    if (!tx.member(room, user)) return refused({ code: 'not_member' })
    if (room.kind !== 'lobby') return done(members.leave(room, user, at))
    const { changes } = unchoose.run(room.id, blob(user))
    if (changes === 0) return refused({ code: 'not_member' })
    return done({ seq: 0, at: Math.max(at, room.lastAt), members: room.memberCount })
  }

  function heard({ user, rooms }: WriteOf<'member.heard'>): Outcome<'member.heard'> {
    for (const { room: id, seq } of rooms) {
      const room = tx.room(id)
      if (!room) continue
      const upTo = Math.min(seq, room.seq)
      hear.run(upTo, room.id, blob(user), upTo)
    }
    return done({})
  }

  return { join, leave, heard }
}
