import type { History, Marks } from '../history.ts'
import type { MemberRow, MessageRow, Unread } from '../snapshot.ts'
import { type Index, place } from './index.ts'
import type { Violation } from './violation.ts'

/** DUR-4: acknowledged marks hold, with their receipts, and nothing is read that nobody marked. */
export function marksHold(history: History, index: Index): Violation[] {
  const receipts = Map.groupBy(index.snapshot.receipts, place)
  return [...history.marks].flatMap(([reader, marks]) => {
    const members = index.membersOf.get(index.idOf.get(reader) ?? '') ?? []
    const lost = [...marks.acknowledged].flatMap(id => {
      const message = index.messages.get(id)
      const member = members.find(({ room }) => room === message?.room)
      // That a message is there at all is another rule.
      if (!message || !member || message.deleted) return []
      const receipt = receipts.get(place(member))?.some(r => r.first <= message.ordinal && message.ordinal <= r.last)
      return [
        index.isRead(member, message.ordinal) ? '' : `${reader}'s acknowledged mark of ${id} is lost`,
        receipt ? '' : `${reader}'s acknowledged mark of ${id} has no receipt`,
      ].filter(what => what !== '')
    })
    return [...lost, ...inventedMarks(reader, marks, members, index)].map(what => ({ rule: 'DUR-4', what }))
  })
}

function inventedMarks(reader: string, marks: Marks, members: readonly MemberRow[], index: Index): string[] {
  if (marks.bulk) return []
  return members
    .flatMap(member => others(member, index).filter(({ ordinal }) => index.isRead(member, ordinal)))
    .filter(({ id }) => !marks.asked.has(id))
    .map(({ id }) => `${id} is read by ${reader}, who never marked it`)
}

/** DUR-5: the counts that the server answers equal a recount from the messages. */
export function unreadIsARecount(index: Index): Violation[] {
  return [...index.snapshot.unread].flatMap(([name, answered]): Violation[] => {
    const counted = recount(index.membersOf.get(index.idOf.get(name) ?? '') ?? [], index)
    const isSame = counted.room === answered.room && counted.direct === answered.direct
    const what = `${name} has ${show(answered)} unread, a recount gives ${show(counted)}`
    return isSame ? [] : [{ rule: 'DUR-5', what }]
  })
}

function recount(members: readonly MemberRow[], index: Index): Unread {
  const count = (isDirect: boolean) =>
    members
      .filter(({ room }) => (index.rooms.get(room)?.kind === 'direct') === isDirect)
      .reduce((sum, member) => sum + others(member, index).filter(m => !index.isRead(member, m.ordinal)).length, 0)
  return { room: count(false), direct: count(true) }
}

/** Messages that can be unread for a member: those of others since they joined that are not deleted. */
const others = ({ room, user, since }: MemberRow, index: Index): readonly MessageRow[] =>
  (index.inRoom.get(room) ?? []).filter(m => m.ordinal > since && m.sender !== user && !m.deleted)

const show = ({ room, direct }: Unread): string => `${room} + ${direct}`
