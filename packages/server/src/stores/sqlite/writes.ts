import type { DatabaseSync } from 'node:sqlite'
import type { Outcome, Write, WriteOf, WriteType } from '../../core/ports/writes.ts'
import { refused } from '../outcomes.ts'
import { approvalWrites } from './approvals.ts'
import { artefactWrites } from './artefacts.ts'
import { collectionWrites } from './collections.ts'
import { conversationWrites } from './conversations.ts'
import { credentialWrites } from './credentials.ts'
import { erasingOf } from './erase.ts'
import { isConflict } from './failure.ts'
import { fileWrites } from './files.ts'
import { guestWrites } from './guests.ts'
import { joinWrites } from './joining.ts'
import { messageWrites } from './messages.ts'
import { peopleWrites } from './people.ts'
import { readWrites } from './reads.ts'
import { roomWrites } from './rooms.ts'
import { startWrites } from './run-starts.ts'
import { runWrites } from './runs.ts'
import { changeWrites } from './search-changes.ts'
import { spendingWrites } from './spending.ts'
import { summaryWrites } from './summaries.ts'
import { type Transaction, transactionOn } from './transaction.ts'
import { trimmingOf } from './trim.ts'

/** What writes: all of a group in one transaction. */
export interface Writing {
  /** Returns once the group is synced to disk. Throws, and has changed nothing, when the transaction fails. */
  commit(writes: readonly Write[]): readonly Outcome[]
}

export function writingTo(db: DatabaseSync): Writing {
  const tx = transactionOn(db)
  const apply = writesOf(tx)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')

  function rollBack(): void {
    tx.forget()
    // SQLite rolls back by itself where it can't go on.
    if (db.isTransaction) db.exec('ROLLBACK')
  }

  return {
    commit(writes) {
      begin.run()
      try {
        const outcomes = writes.map(write => apply(write))
        tx.settle()
        end.run()
        return outcomes
      } catch (error) {
        rollBack()
        throw error
      }
    },
  }
}

type Apply<T extends WriteType> = (write: WriteOf<T>) => Outcome<T>

function writesOf(tx: Transaction) {
  const people = peopleWrites(tx)
  const credentials = credentialWrites(tx)
  const rooms = roomWrites(tx)
  const joining = joinWrites(tx)
  const trimming = trimmingOf(tx)
  const erasing = erasingOf(tx)
  const messages = messageWrites(tx)
  const reads = readWrites(tx)
  const conversations = conversationWrites(tx)
  const collections = collectionWrites(tx)
  const starts = startWrites(tx)
  const runs = runWrites(tx)
  const guests = guestWrites(tx)
  const searching = changeWrites(tx)
  const alone = aloneIn(tx)
  const all: { readonly [T in WriteType]: Apply<T> } = {
    // The frequent ones check first and write then, so that they need no savepoint.
    'message.append': messages.append,
    'read.message': reads.readMessage,
    'read.room': reads.readRoom,
    'run.start': starts.start,
    'run.append': runs.append,
    'run.end': runs.end,
    'member.heard': joining.heard,
    'message.edit': alone(messages.edit),
    'message.delete': alone(messages.remove),
    'room.open_direct': alone(rooms.openDirect),
    'room.create': alone(rooms.create),
    'room.change': alone(rooms.change),
    'room.delete': alone(rooms.remove),
    'room.erase': alone(erasing.erase),
    'member.join': alone(joining.join),
    'member.leave': alone(joining.leave),
    'room.trim': alone(trimming.trim),
    'user.create': alone(people.create),
    'user.change': alone(people.change),
    'user.delete': alone(people.remove),
    'guest.erase': alone(guests.erase),
    'key.replace': alone(credentials.replaceKey),
    'sign_in.start': alone(credentials.startSignIn),
    'sign_in.refresh': alone(credentials.refreshSignIn),
    'sign_in.end': alone(credentials.endSignIn),
    'password.set': alone(credentials.setPassword),
    'email.verify': alone(credentials.verifyEmail),
    'ticket.issue': alone(credentials.issueTicket),
    'conversation.open': alone(conversations.open),
    'conversation.change': alone(conversations.change),
    'conversation.delete': alone(conversations.remove),
    'conversation.let_go': alone(conversations.letGo),
    'collection.create': alone(collections.create),
    'collection.change': alone(collections.change),
    'collection.delete': alone(collections.remove),
    'search.forget': alone(searching.forget),
    ...madeWrites(tx, alone),
  }
  return <T extends WriteType>(write: WriteOf<T>): Outcome => all[write.type](write)
}

/** What agents and people make besides messages, and what it takes. */
function madeWrites(tx: Transaction, alone: ReturnType<typeof aloneIn>) {
  const approvals = approvalWrites(tx)
  const files = fileWrites(tx)
  const artefacts = artefactWrites(tx)
  const spending = spendingWrites(tx)
  const summaries = summaryWrites(tx)
  return {
    'summary.put': alone(summaries.put),
    'spending.forget': alone(spending.forget),
    'approval.ask': alone(approvals.ask),
    'approval.decide': alone(approvals.decide),
    'approval.sweep': alone(approvals.sweep),
    'upload.begin': alone(files.begin),
    'upload.drop': alone(files.drop),
    'file.add': alone(files.add),
    'file.drop': alone(files.forget),
    'artefact.make': alone(artefacts.make),
    'artefact.change': alone(artefacts.change),
    'artefact.delete': alone(artefacts.remove),
    'artefact.erase': alone(artefacts.erase),
  }
}

/** Gives a write a savepoint, and lets its statements see everything written before. */
function aloneIn(tx: Transaction) {
  const savepoint = tx.db.prepare('SAVEPOINT write')
  const release = tx.db.prepare('RELEASE write')
  return <T extends WriteType>(apply: Apply<T>): Apply<T> =>
    write => {
      tx.settle()
      savepoint.run()
      try {
        const outcome = apply(write)
        release.run()
        return outcome
      } catch (error) {
        if (!isConflict(error)) throw error
        tx.forget()
        tx.db.exec('ROLLBACK TO write')
        release.run()
        return refused({ code: 'id_conflict' })
      }
    }
}
