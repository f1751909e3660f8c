import type { Chores } from './chores.ts'
import type { Entering } from './commands/sending.ts'
import type { Commits } from './commits.ts'
import type { Directory } from './directory.ts'
import type { CoreEvent } from './events.ts'
import type { DirectoryFollower } from './following.ts'
import type { GuestSettings, Guests } from './guests.ts'
import type { AgentRunner } from './ports/agents.ts'
import type { ArtefactKinds } from './ports/artefact-kinds.ts'
import type { Broker } from './ports/broker.ts'
import type { Clock } from './ports/clock.ts'
import type { FileStore, VirusScanner } from './ports/files.ts'
import type { Ids } from './ports/ids.ts'
import type { Keyring } from './ports/keyring.ts'
import type { Mailer } from './ports/mailer.ts'
import type { OutboundPolicy } from './ports/outbound.ts'
import type { Passwords } from './ports/passwords.ts'
import type { Search } from './ports/search.ts'
import type { Store } from './ports/store.ts'
import type { Tokens } from './ports/tokens.ts'
import type { Verifier } from './ports/verifier.ts'
import type { Presence } from './presence.ts'
import type { Runs } from './runs.ts'
import type { Transfers } from './transfers.ts'
import type { Turns } from './turns.ts'
import type { Typing } from './typing.ts'
import type { Rate, SlidingWindows } from './window.ts'

/** Who may do without an account: nobody, requests from this machine, or everybody. */
export type Openness = 'off' | 'local' | 'on'

export interface CoreSettings {
  /** Who may make an account for themselves. */
  readonly registration: Openness
  /** Lets registration take any role and viewers read everything: the trust model of documented test suites. */
  readonly selfAssignedRoles: boolean
  /** Messages each user may send; null for no limit. */
  readonly messageRate: Rate | null
  readonly registrationRate: Rate
  readonly signInRate: Rate
  /** Searches of each user. */
  readonly searchRate: Rate
  /** Messages kept in each room; null keeps all. */
  readonly historyLimit: number | null
  /** Where people reach this server, without a trailing slash. Mails link to it. */
  readonly publicUrl: string
  readonly files: FileSettings
  readonly guests: GuestSettings
  /** Milliseconds that somebody has to decide whether a tool may be used. */
  readonly approvalTime: number
}

/** In bytes; a quota of null is none. */
export interface FileSettings {
  readonly maxFile: number
  readonly maxChunk: number
  readonly quotaPerUser: number | null
  readonly quotaTotal: number | null
}

/** What the core is given from outside. */
export interface Ports {
  readonly store: Store
  readonly search: Search
  readonly broker: Broker
  readonly clock: Clock
  readonly ids: Ids
  readonly keyring: Keyring
  readonly passwords: Passwords
  readonly tokens: Tokens
  /** Null where no mail server is set up. */
  readonly mailer: Mailer | null
  /** Who answers when the assistant is asked. */
  readonly agents: AgentRunner
  /** What those who answer may save; nothing unless given. */
  readonly artefactKinds?: ArtefactKinds
  readonly files: FileStore
  /** Null where files are not looked at. */
  readonly scanner: VirusScanner | null
  readonly outbound: OutboundPolicy
  /** Judges credentials that are not of this server; none unless given. */
  readonly verifier?: Verifier | null
  readonly settings: CoreSettings
  /** Told of faults that no caller can be told of. */
  readonly onFault: (error: unknown) => void
  /** Told of what whoever runs the server may want to know. Holds no secret and no text of people. */
  readonly onNotice?: (fields: object, text: string) => void
}

/** What every command works with. */
export interface Context extends Ports {
  readonly artefactKinds: ArtefactKinds
  readonly commits: Commits
  readonly directory: Directory
  readonly follower: DirectoryFollower
  readonly presence: Presence
  readonly guests: Guests
  readonly typing: Typing
  readonly runs: Runs
  readonly chores: Chores
  readonly transfers: Transfers
  readonly entering: Entering
  /** Sessions with teams that are being entered: of two who come at once the second finds what the first made. */
  readonly seating: Turns<string>
  readonly limits: {
    readonly messages: SlidingWindows | null
    readonly registrations: SlidingWindows
    readonly signIns: SlidingWindows
    readonly searches: SlidingWindows
  }
  /** Hands an event over for publication: one of the directory at once, others with their commit group or turn. */
  emit(event: CoreEvent): void
}
