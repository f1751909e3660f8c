import type { DatabaseSync } from 'node:sqlite'
import { accountReads } from './accounts.ts'
import { approvalReads } from './approvals.ts'
import { artefactReads } from './artefacts.ts'
import { collectionReads } from './collections.ts'
import { conversationReads } from './conversations.ts'
import { credentialReads } from './credentials.ts'
import { fileReads } from './files.ts'
import { guestReads } from './guests.ts'
import { historyReads } from './history.ts'
import { logReads } from './log.ts'
import { memberReads } from './members.ts'
import { messageReads } from './messages.ts'
import { peopleReads } from './people.ts'
import { receiptReads } from './receipts.ts'
import { retryReads } from './retries.ts'
import { roomHistoryReads } from './room-history.ts'
import { roomListReads } from './room-list.ts'
import { roomReads } from './rooms.ts'
import { runReads } from './runs.ts'
import { specialRooms } from './special-rooms.ts'
import { spendingReads } from './spending.ts'
import { summaryReads } from './summaries.ts'
import { unreadReads } from './unread.ts'

/** Everything a connection can be asked. Each answer is of one moment where that can be told from outside. */
export function questionsTo(db: DatabaseSync) {
  const { lobby } = specialRooms(db)
  return {
    ...peopleReads(db),
    ...guestReads(db),
    ...credentialReads(db),
    ...accountReads(db),
    ...roomReads(db),
    ...memberReads(db),
    ...roomListReads(db),
    ...conversationReads(db),
    ...roomHistoryReads(db),
    ...retryReads(db),
    ...logReads(db),
    ...messageReads(db),
    ...historyReads(db, lobby),
    ...unreadReads(db),
    ...receiptReads(db),
    ...collectionReads(db),
    ...runReads(db),
    ...spendingReads(db),
    ...summaryReads(db),
    ...approvalReads(db),
    ...fileReads(db),
    ...artefactReads(db),
  }
}

export type Questions = ReturnType<typeof questionsTo>

/** A question as the reader thread is asked it: the name of a method and its arguments. */
export type Asked = { [Name in keyof Questions]: readonly [Name, ...Parameters<Questions[Name]>] }[keyof Questions]
