import { Chores } from './chores.ts'
import { type AccountCommands, accountCommands } from './commands/accounts.ts'
import { type AdminCommands, adminCommands } from './commands/admin.ts'
import { type ApprovalCommands, approvalCommands } from './commands/approvals.ts'
import { type ArtefactCommands, artefactCommands, eraseArtefacts } from './commands/artefacts.ts'
import { type AskingCommands, askingCommands } from './commands/asking.ts'
import { type BotCommands, botCommands } from './commands/bots.ts'
import { type CollectionCommands, collectionCommands } from './commands/collections.ts'
import type { Implementation } from './commands/command.ts'
import { type ConversationCommands, conversationCommands } from './commands/conversations.ts'
import { type EmailCommands, emailCommands } from './commands/emails.ts'
import { type FileCommands, fileCommands } from './commands/files.ts'
import { type GuestCommands, guestCommands, recallGuests } from './commands/guests.ts'
import { type HistoryCommands, historyCommands } from './commands/history.ts'
import { type InvitationCommands, invitationCommands } from './commands/invitations.ts'
import { type LinkCommands, linkCommands } from './commands/links.ts'
import { type MemberCommands, memberCommands } from './commands/members.ts'
import { type MessageCommands, messageCommands } from './commands/messages.ts'
import { type PasswordCommands, passwordCommands } from './commands/passwords.ts'
import { type PeopleCommands, peopleCommands } from './commands/people.ts'
import { expirePresence, type PresenceCommands, presenceCommands } from './commands/presence.ts'
import { mark, type ReadingCommands, readingCommands } from './commands/reading.ts'
import { type RecognizingCommands, recognizingCommands } from './commands/recognizing.ts'
import { type ResumingCommands, resumingCommands } from './commands/resuming.ts'
import { eraseLeft, type RoomCommands, roomCommands } from './commands/rooms.ts'
import { type RunCommands, runCommands } from './commands/runs.ts'
import { type SearchCommands, searchCommands } from './commands/search.ts'
import { type MarkMessage, type SendMessage, type Submitter, send } from './commands/sending.ts'
import { type SessionListCommands, sessionListCommands } from './commands/session-lists.ts'
import { type SignInCommands, signInCommands } from './commands/sign-ins.ts'
import { type TalkingCommands, talkingCommands } from './commands/talking.ts'
import { type TeamSessionCommands, teamSessionCommands } from './commands/team-sessions.ts'
import { type UploadCommands, uploadCommands } from './commands/uploads.ts'
import { Commits } from './commits.ts'
import type { Context, Ports } from './context.ts'
import { Directory } from './directory.ts'
import { type CoreEvent, isDirectoryEvent } from './events.ts'
import { DirectoryFollower } from './following.ts'
import { Guests } from './guests.ts'
import { StoreFailed } from './ports/store.ts'
import { Presence } from './presence.ts'
import { BUSY, Refused } from './refusals.ts'
import { later, Runs } from './runs.ts'
import { Transfers } from './transfers.ts'
import { Turns } from './turns.ts'
import { Typing } from './typing.ts'
import type { Actor } from './user.ts'
import { SlidingWindows } from './window.ts'
import { Working } from './working.ts'

/** Everything anybody can ask of Parley, by name. */
export type Commands = MessageCommands &
  RoomCommands &
  MemberCommands &
  InvitationCommands &
  HistoryCommands &
  ConversationCommands &
  PresenceCommands &
  ResumingCommands &
  RunCommands &
  ApprovalCommands &
  AskingCommands &
  TeamSessionCommands &
  SessionListCommands &
  GuestCommands &
  RecognizingCommands &
  ReadingCommands &
  TalkingCommands &
  PeopleCommands &
  AccountCommands &
  LinkCommands &
  SignInCommands &
  PasswordCommands &
  EmailCommands &
  BotCommands &
  CollectionCommands &
  UploadCommands &
  FileCommands &
  SearchCommands &
  ArtefactCommands &
  AdminCommands

export type CommandType = keyof Commands
export type CommandOf<T extends CommandType> = { readonly type: T } & Commands[T]['input']
export type ResultOf<T extends CommandType> = Commands[T]['result']

const commands: Implementation<Commands> = {
  ...messageCommands,
  ...roomCommands,
  ...memberCommands,
  ...invitationCommands,
  ...historyCommands,
  ...conversationCommands,
  ...presenceCommands,
  ...resumingCommands,
  ...runCommands,
  ...approvalCommands,
  ...askingCommands,
  ...teamSessionCommands,
  ...sessionListCommands,
  ...guestCommands,
  ...recognizingCommands,
  ...readingCommands,
  ...talkingCommands,
  ...peopleCommands,
  ...accountCommands,
  ...linkCommands,
  ...signInCommands,
  ...passwordCommands,
  ...emailCommands,
  ...botCommands,
  ...collectionCommands,
  ...uploadCommands,
  ...fileCommands,
  ...searchCommands,
  ...artefactCommands,
  ...adminCommands,
}

/** Time that commands have when everything is to end, in milliseconds. */
const COMMAND_GRACE = 1_000

/** The one door to the core. */
export interface Core {
  /** Does what the command says and answers after its writes are durable. Rejects with Refused. */
  execute<T extends CommandType>(actor: Actor, command: CommandOf<T>): Promise<ResultOf<T>>
  /** A send or a mark without a promise each: see `send` and `mark`. */
  submit(actor: Actor, command: SendMessage | MarkMessage, submitter: Submitter): Promise<void> | undefined
  readonly context: Context
  /** Writes that wait for their transaction. */
  readonly backlog: number
  /** To be called once before the first command. */
  start(): Promise<void>
  /**
   * Goes on with what an earlier process that served this store left: by the one that serves it now, before its first client and
   * when everybody is there who follows what goes on.
   */
  recover(): Promise<void>
  /** Ends what goes on by itself. What it makes is in the store when this resolves. */
  stop(): Promise<void>
  /** Hears of changes that another process wrote to the store. To be called every few seconds. */
  refresh(): Promise<void>
  /** To be called every second: what ends or is told by time alone. */
  tick(): void
  /**
   * Resolves once every accepted write has been committed or refused, also those of commands that are still reading: what takes
   * longer than COMMAND_GRACE, such as asking another server, is not waited for.
   */
  drained(): Promise<void>
}

export function createCore(ports: Ports): Core {
  const context = createContext(ports)
  const working = new Working(later)
  return {
    context,
    execute: (actor, command) => working.during(execute(context, actor, command)),
    submit(actor, command, submitter) {
      if (command.type !== 'message.send') return void mark(context, actor, command, submitter)
      const looked = send(context, actor, command, submitter)
      return looked && working.during(looked)
    },
    get backlog() {
      return context.commits.waiting
    },
    start: () => context.follower.start(),
    recover: () => recover(context),
    async stop() {
      await context.runs.interruptAll()
      await context.chores.stop()
    },
    refresh: () => context.follower.refresh(),
    tick: () => {
      context.typing.tick()
      expirePresence(context)
    },
    async drained() {
      // Before it has read, a command has no write.
      await working.over(COMMAND_GRACE)
      await context.commits.drained()
    },
  }
}

async function recover(context: Context): Promise<void> {
  await recallGuests(context)
  await context.runs.recover()
  eraseLeft(context)
  eraseArtefacts(context)
}

async function execute<T extends CommandType>(
  context: Context,
  actor: Actor,
  command: CommandOf<T>,
): Promise<ResultOf<T>> {
  try {
    return await commands[command.type](context, actor, command)
  } catch (error) {
    // More is being asked of the store than it answers in time.
    throw error instanceof StoreFailed && error.code === 'busy' ? new Refused(BUSY) : error
  }
}

function createContext(ports: Ports): Context {
  const { store, broker, clock, settings } = ports
  const directory = new Directory(store)
  const bell = ringer(events => broker.publish(events))
  const commits = new Commits(store, bell.ring, ports.onFault)
  const chores = new Chores(ports.onFault)
  const emit = (event: CoreEvent): void => {
    bell.add(event)
    // Who is told that a user was changed finds them changed everywhere here.
    if (isDirectoryEvent(event)) bell.ring()
  }
  return {
    ...ports,
    artefactKinds: ports.artefactKinds ?? { teams: [] },
    directory,
    follower: new DirectoryFollower(store, broker, directory),
    commits,
    chores,
    presence: new Presence(),
    guests: new Guests(settings.guests),
    transfers: new Transfers(ports.files),
    entering: new Map(),
    seating: new Turns(),
    typing: new Typing(clock, emit),
    runs: new Runs({ ...ports, commits, chores, directory, emit, runner: ports.agents, later }),
    limits: {
      messages: settings.messageRate && new SlidingWindows(settings.messageRate, clock),
      registrations: new SlidingWindows(settings.registrationRate, clock),
      signIns: new SlidingWindows(settings.signInRate, clock),
      searches: new SlidingWindows(settings.searchRate, clock),
    },
    emit,
  }
}

/** Gathers events so that those of one commit group, or of one turn, are published as one batch. */
function ringer(publish: (events: readonly CoreEvent[]) => void) {
  let events: CoreEvent[] = []
  const ring = () => {
    if (events.length === 0) return
    const batch = events
    events = []
    publish(batch)
  }
  const add = (event: CoreEvent) => {
    if (events.push(event) === 1) setImmediate(ring)
  }
  return { add, ring }
}
