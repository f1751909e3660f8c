import type { HistoryPage } from './client.ts'
import { type Incoming, readMessage } from './frames.ts'
import { newestFirst } from './history.ts'
import { createSeen, type Seen, timeOf } from './seen.ts'
import type { MessageResponse, PaginatedMessages } from './types.ts'

/** What a catch-up needs of a TokenBowlClient. */
export interface HistorySource {
  getMyProfile(): Promise<{ readonly id: string }>
  getMessages(page: HistoryPage): Promise<PaginatedMessages>
  getDirectMessages(page: HistoryPage): Promise<PaginatedMessages>
}

/**
 * Tells, across any number of connections, which messages to deliver, so that each one stored after `begin` is delivered
 * once.
 *
 * The server pushes messages of one kind (room, direct) in the order in which it stored them. So once one is delivered,
 * everything of its kind that is more than 5 s older was delivered too. What is younger is fetched again and told apart by id.
 */
export interface CatchUp {
  /** Finds where the history ends now. Without effect when it was found before. */
  begin(): Promise<void>
  /** Everything since, oldest first and each kind in its order, with errors for what is malformed. Notes nothing. */
  fetch(): Promise<Incoming[]>
  /** Notes a message of `fetch`. Whether to deliver it: not the second time, nor what the server would not push to us. */
  admitFetched(message: MessageResponse): boolean
  /** Notes a pushed message. Whether to deliver it: not the second time. */
  admitPushed(message: MessageResponse): boolean
}

const END_PAGE = 50
const MISSED_PAGE = 500

export function createCatchUp(source: HistorySource): CatchUp {
  const room = { seen: createSeen(), list: (page: HistoryPage) => source.getMessages(page) }
  const direct = { seen: createSeen(), list: (page: HistoryPage) => source.getDirectMessages(page) }
  const note = (message: MessageResponse) => (message.message_type === 'direct' ? direct : room).seen.note(message)
  let me: string | undefined

  return {
    async begin() {
      if (me !== undefined) return
      const [{ id }] = await Promise.all([source.getMyProfile(), noteEnd(room), noteEnd(direct)])
      me = id
    },
    async fetch() {
      const found = (await Promise.all([missed(room), missed(direct)])).flat()
      const messages = found.filter(isMessage).sort((a, b) => timeOf(a.message) - timeOf(b.message))
      return [...found.filter(incoming => !isMessage(incoming)), ...messages]
    },
    admitFetched: message => note(message) && isPushedTo(me, message),
    admitPushed: note,
  }
}

/** The messages of one kind: what was seen of them, and where the others are. */
interface Kind {
  readonly seen: Seen
  readonly list: (page: HistoryPage) => Promise<PaginatedMessages>
}

const isMessage = (incoming: Incoming) => incoming.is === 'message'

/** Notes the newest messages, so that they don't count as missed later. */
async function noteEnd({ seen, list }: Kind): Promise<void> {
  for await (const found of newestFirst(offset => list({ limit: END_PAGE, offset }))) {
    const incoming = readMessage(found, 'message')
    if (!isMessage(incoming)) continue
    seen.note(incoming.message)
    if (seen.isPast(incoming.message)) return
  }
}

/** Oldest first. */
async function missed({ seen, list }: Kind): Promise<Incoming[]> {
  const since = seen.since()
  const found: Incoming[] = []
  for await (const message of newestFirst(offset => list({ limit: MISSED_PAGE, offset, since }))) {
    found.push(readMessage(message, 'message'))
  }
  return found.reverse()
}

/** Our own messages are pushed to us only when they are to ourselves, or the server's words. */
const isPushedTo = (me: string | undefined, { message_type, from_user_id, to_user_id }: MessageResponse): boolean =>
  message_type === 'direct' ? to_user_id === me : message_type === 'system' || from_user_id !== me
