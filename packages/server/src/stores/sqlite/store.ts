import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { UserId } from '../../core/ids.ts'
import type { ApprovalReads, ArtefactReads, FileReads, RunReads, Store } from '../../core/ports/store.ts'
import type { Outcome, Write } from '../../core/ports/writes.ts'
import { openForReading, openForWriting, StoreUnusable } from './connection.ts'
import { migrate } from './migrations/migrate.ts'
import { type Asked, type Questions, questionsTo } from './questions.ts'
import type { ReaderData } from './reader.ts'
import { specialRooms } from './special-rooms.ts'
import { startThread, whenAsked } from './thread.ts'
import type { WriterData } from './writer.ts'

export interface SqliteOptions {
  /** The most pages of 4 KiB the database may grow to; a commit that needs more fails with `disk_full`. */
  readonly maxPages?: number
}

/** The database's name in its directory. `-wal` and `-shm` beside it belong to it. */
export const DATABASE_FILE = 'parley.db'

/** Members of more rooms than this have them listed, and their unread messages counted, in the reader thread. */
const FEW_ROOMS = 200

/**
 * The store in `directory`, made for its owner alone if it isn't there. Rejects with StoreUnusable where it can't be used,
 * a database of a newer version for instance. Other processes may have the same directory open and write.
 */
export async function openSqliteStore(directory: string, options: SqliteOptions = {}): Promise<Store> {
  const path = prepareFile(resolve(directory))
  const writer = startThread<readonly Write[], readonly Outcome[]>(new URL('./writer.ts', import.meta.url), {
    path,
    ...options,
  } satisfies WriterData)
  // An empty group shows that the writer is up.
  await writer.ask([])
  // A thread costs memory and time that a young server has a better use for.
  const reader = whenAsked<Asked, unknown>(() =>
    startThread(new URL('./reader.ts', import.meta.url), { path } satisfies ReaderData),
  )
  const connection = openForReading(path)
  return {
    ...specialRooms(connection),
    ...answers(questionsTo(connection), askIn(reader.ask)),
    commit: async writes => (writes.length === 0 ? [] : writer.ask(writes)),
    async close() {
      // The writer goes last: the last connection moves the log into the database.
      await reader.close()
      if (connection.isOpen) connection.close()
      await writer.close()
    },
  }
}

/** Makes the database what this version needs, durably, and returns its path. */
function prepareFile(directory: string): string {
  const path = join(directory, DATABASE_FILE)
  try {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 })
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    using db = openForWriting(path)
    migrate(db, path)
    syncDirectories(directory, made ? dirname(made) : directory)
    return path
  } catch (error) {
    if (error instanceof StoreUnusable) throw error
    throw new StoreUnusable(`The database ${path} can't be used: ${error instanceof Error ? error.message : error}`)
  }
}

/** Syncs a directory and those above it, up to `top`. */
function syncDirectories(directory: string, top: string): void {
  syncDirectory(directory)
  if (directory !== top) syncDirectories(dirname(directory), top)
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

type AskLater = <Name extends keyof Questions>(
  name: Name,
  ...args: Parameters<Questions[Name]>
) => Promise<ReturnType<Questions[Name]>>

// The thread answers a question with what the method of that name returns.
const askIn =
  (ask: (question: Asked) => Promise<unknown>): AskLater =>
  (name, ...args) =>
    ask([name, ...args] as unknown as Asked) as Promise<ReturnType<Questions[typeof name]>>

/** Short questions are answered at once on this thread, where no socket notices; those without a bound in the other. */
export function answers(here: Questions, later: AskLater): Omit<Store, 'commit' | 'close' | 'lobby' | 'directory'> {
  const isBusy = (user: UserId): boolean => here.isInMoreRooms(user, FEW_ROOMS)
  return {
    user: async id => here.user(id),
    users: async ids => here.users(ids),
    userByName: async key => here.userByName(key),
    isNameUsed: async key => here.isNameUsed(key),
    userByEmail: async email => here.userByEmail(email),
    userByKey: async digest => here.userByKey(digest),
    signIn: async (digest, at) => here.signIn(digest, at),
    signInAlive: async (id, at) => here.signInAlive(id, at),
    sealedKey: async user => here.sealedKey(user),
    passwordHash: async user => here.passwordHash(user),
    accountFacts: async user => here.accountFacts(user),
    everyone: () => later('everyone'),
    botsOf: async owner => here.botsOf(owner),
    guests: async (before, limit) => here.guests(before, limit),
    hasAdmin: async () => here.hasAdmin(),
    ticket: async (ticket, at) => here.ticket(ticket, at),
    room: async id => here.room(id),
    directRoom: async pair => here.directRoom(pair),
    labelled: async label => here.labelled(label),
    membership: async (room, user) => here.membership(room, user),
    members: async (room, page) => here.members(room, page),
    memberships: async user => (isBusy(user) ? later('memberships', user) : here.memberships(user)),
    latestSince: room => later('latestSince', room),
    commonRooms: room => later('commonRooms', room),
    roomList: async (user, page) => (isBusy(user) ? later('roomList', user, page) : here.roomList(user, page)),
    deletedRooms: async limit => here.deletedRooms(limit),
    conversation: async number => here.conversation(number),
    conversations: (owner, page) => later('conversations', owner, page),
    sessionsOf: (owner, prefix, page) => later('sessionsOf', owner, prefix, page),
    conversationOf: async (owner, session) => here.conversationOf(owner, session),
    sessionOwners: async session => here.sessionOwners(session),
    listedRoom: async (user, room) => here.listedRoom(user, room),
    lastActivity: async room => here.lastActivity(room),
    heads: async rooms => here.heads(rooms),
    log: async (room, after, limit) => here.log(room, after, limit),
    message: async id => here.message(id),
    roomHistory: async query => here.roomHistory(query),
    firstSent: async (sender, clientId, digest) => here.firstSent(sender, clientId, digest),
    history: async ({ of, since, ...page }) =>
      of.scope === 'lobby' ? here.lobbyHistory(since, page) : later('directHistory', of, since, page),
    unreadCounts: async user => (isBusy(user) ? later('unreadCounts', user) : here.unreadCounts(user)),
    unreadTotal: async user => (isBusy(user) ? later('unreadTotal', user) : here.unreadTotal(user)),
    unreadRooms: async (user, scope) =>
      isBusy(user) ? later('unreadRooms', user, scope) : here.unreadRooms(user, scope),
    unread: (user, scope, page) => later('unread', user, scope, page),
    receipts: id => later('receipts', id),
    collection: async id => here.collection(id),
    collections: async (owner, page) => here.collections(owner, page),
    ...agentAnswers(here),
    ...fileAnswers(here, later),
  }
}

/** Of runs, what they take and what waits in them. */
const agentAnswers = (here: Questions): RunReads & ApprovalReads => ({
  runs: async ids => here.runs(ids),
  runSteps: async (run, after, limit) => here.runSteps(run, after, limit),
  toolSteps: async run => here.toolSteps(run),
  runHeads: async runs => here.runHeads(runs),
  runsOf: async question => here.runsOf(question),
  openRuns: async () => here.openRuns(),
  spentOn: async (day, of) => here.spentOn(day, of),
  summary: async room => here.summary(room),
  approval: async code => here.approval(code),
  approvals: async (asker, at, limit) => here.approvals(asker, at, limit),
})

const fileAnswers = (here: Questions, later: AskLater): FileReads & ArtefactReads => ({
  upload: async id => here.upload(id),
  uploads: async (before, limit) => here.uploads(before, limit),
  file: async id => here.file(id),
  filesOf: async (room, after, limit) => here.filesOf(room, after, limit),
  artefact: async id => here.artefact(id),
  artefactHeads: async ids => here.artefactHeads(ids),
  artefacts: query => later('artefacts', query),
  artefactVersions: async (id, page) => here.artefactVersions(id, page),
  artefactVersion: async (id, version) => here.artefactVersion(id, version),
})
