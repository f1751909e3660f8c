import { type Store, StoreFailed } from '../../core/ports/store.ts'
import type { Outcome, WriteOf, WriteType } from '../../core/ports/writes.ts'
import { done } from '../outcomes.ts'
import { endRun } from './answers.ts'
import { approvalReads, askApproval, decideApproval, sweepApprovals } from './approvals.ts'
import { artefactReads, changeArtefact, deleteArtefact, eraseArtefacts, makeArtefact } from './artefacts.ts'
import { changeCollection, collectionReads, createCollection, deleteCollection } from './collections.ts'
import { changeConversation, conversationReads, deleteConversation, letGo, openConversation } from './conversations.ts'
import {
  credentialReads,
  endSignIn,
  issueTicket,
  refreshSignIn,
  replaceKey,
  setPassword,
  startSignIn,
  verifyEmail,
} from './credentials.ts'
import { addFile, beginUpload, dropFile, dropUpload, fileReads } from './files.ts'
import { eraseGuest, guestReads } from './guests.ts'
import { hearRooms, joinRoom, leaveRoom } from './members.ts'
import { appendMessage, deleteMessage, editMessage, messageReads } from './messages.ts'
import { changeUser, createUser, deleteUser, peopleReads } from './people.ts'
import { readMessage, readRoom, readStateReads } from './reads.ts'
import { roomHistoryReads } from './room-history.ts'
import { changeRoom, createRoom, deleteRoom, eraseRoom, openDirect, roomReads, trimRoom } from './rooms.ts'
import { appendSteps, runReads, startAgain } from './runs.ts'
import { forgetSpending, spendingReads } from './spending.ts'
import { emptyState, type State } from './state.ts'
import { putSummary, summaryReads } from './summaries.ts'

/** A store for tests: keeps everything in memory and recounts everything it is asked. */
export function openMemoryStore(): Store {
  const state = emptyState()
  let open = true
  return {
    ...peopleReads(state),
    ...guestReads(state),
    ...credentialReads(state),
    ...roomReads(state),
    ...conversationReads(state),
    ...messageReads(state),
    ...roomHistoryReads(state),
    ...readStateReads(state),
    ...collectionReads(state),
    ...runReads(state),
    ...spendingReads(state),
    ...summaryReads(state),
    ...approvalReads(state),
    ...fileReads(state),
    ...artefactReads(state),
    lobby: state.lobby.room.id,
    directory: state.directory.room.id,
    async commit(writes) {
      if (!open) throw new StoreFailed('closed')
      return writes.map(write => apply(state, write))
    },
    async close() {
      open = false
    },
  }
}

const WRITES: { readonly [T in WriteType]: (state: State, write: WriteOf<T>) => Outcome<T> } = {
  'message.append': appendMessage,
  'message.edit': editMessage,
  'message.delete': deleteMessage,
  'room.open_direct': openDirect,
  'room.trim': trimRoom,
  'read.message': readMessage,
  'read.room': readRoom,
  'user.create': createUser,
  'user.change': changeUser,
  'user.delete': deleteUser,
  'guest.erase': eraseGuest,
  'key.replace': replaceKey,
  'sign_in.start': startSignIn,
  'sign_in.refresh': refreshSignIn,
  'sign_in.end': endSignIn,
  'password.set': setPassword,
  'email.verify': verifyEmail,
  'ticket.issue': issueTicket,
  'collection.create': createCollection,
  'collection.change': changeCollection,
  'collection.delete': deleteCollection,
  'room.create': createRoom,
  'room.change': changeRoom,
  'room.delete': deleteRoom,
  'room.erase': eraseRoom,
  'member.join': joinRoom,
  'member.leave': leaveRoom,
  'member.heard': hearRooms,
  'conversation.open': openConversation,
  'conversation.change': changeConversation,
  'conversation.delete': deleteConversation,
  'conversation.let_go': letGo,
  'run.start': startAgain,
  'run.append': appendSteps,
  'run.end': endRun,
  'spending.forget': forgetSpending,
  'summary.put': putSummary,
  'approval.ask': askApproval,
  'approval.decide': decideApproval,
  'approval.sweep': sweepApprovals,
  'upload.begin': beginUpload,
  'upload.drop': dropUpload,
  'file.add': addFile,
  'file.drop': dropFile,
  // Nothing is noted that could be forgotten: the search of this store reads everything anew.
  'search.forget': () => done({ removed: 0 }),
  'artefact.make': makeArtefact,
  'artefact.change': changeArtefact,
  'artefact.delete': deleteArtefact,
  'artefact.erase': eraseArtefacts,
}

const apply = <T extends WriteType>(state: State, write: WriteOf<T>): Outcome => WRITES[write.type](state, write)
