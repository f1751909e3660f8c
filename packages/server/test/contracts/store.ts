import { describe } from 'vitest'
import { accountRules } from './store-accounts.ts'
import { approvalRules } from './store-approvals.ts'
import { artefactRules } from './store-artefacts.ts'
import { collectionRules } from './store-collections.ts'
import { commitRules } from './store-commits.ts'
import { conversationRules } from './store-conversations.ts'
import { credentialRules } from './store-credentials.ts'
import { fileRules } from './store-files.ts'
import { guestRules } from './store-guests.ts'
import { historyRules } from './store-history.ts'
import { membershipRules } from './store-membership.ts'
import { messageRules } from './store-messages.ts'
import { modelRules } from './store-model.ts'
import { peopleRules } from './store-people.ts'
import { readRules } from './store-reads.ts'
import { roomHistoryRules } from './store-room-history.ts'
import { roomLifeRules } from './store-room-life.ts'
import { roomRules } from './store-rooms.ts'
import { deletedRoomRunRules, runRules } from './store-runs.ts'
import { runAgainRules } from './store-runs-again.ts'
import { spendingRules } from './store-spending.ts'
import { summaryRules } from './store-summaries.ts'
import type { OpenStore } from './store-world.ts'

/** What every store promises (docs/spec/store.md), proved on the stores that `open` makes. Each is used by one test. */
export function storeContract(name: string, open: OpenStore): void {
  describe(`${name} store`, () => {
    commitRules(open)
    messageRules(open)
    roomRules(open)
    roomLifeRules(open)
    membershipRules(open)
    conversationRules(open)
    historyRules(open)
    roomHistoryRules(open)
    readRules(open)
    peopleRules(open)
    credentialRules(open)
    accountRules(open)
    collectionRules(open)
    runRules(open)
    runAgainRules(open)
    deletedRoomRunRules(open)
    spendingRules(open)
    summaryRules(open)
    approvalRules(open)
    fileRules(open)
    artefactRules(open)
    guestRules(open)
    modelRules(open, 6)
  })
}
