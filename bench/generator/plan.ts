import type { DialectName } from './dialects.ts'

/** What the runner asks one generator process to do; travels as JSON. */
export type Plan =
  | TrafficPlan
  | StuckPlan
  | ResumePlan
  | ReadsPlan
  | UploadPlan
  | AgentsPlan
  | StreamsPlan
  | TeamsPlan
  | RestorePlan
  | IdlePlan
  | ConnectPlan
  | CeilingPlan

interface Target {
  readonly port: number
  /** The server, whose CPU time and memory are read from /proc. */
  readonly pid: number
  readonly dialect: DialectName
  /** Request target of each connection, in the order of the plan's layout. */
  readonly targets: readonly string[]
  /** User name of each connection, in the same order. */
  readonly names: readonly string[]
  /** Where the server tells its own numbers, if it does. */
  readonly metrics?: string | undefined
}

/** Who sends what to whom, and how fast. */
export interface Traffic extends Target {
  readonly rooms: number
  readonly sendersPerRoom: number
  readonly readersPerRoom: number
  /** `room`: to everyone in the sender's room; `direct`: sender i to reader i mod readers, of the only room. */
  readonly to: 'room' | 'direct'
  /** Readers that mark every message they get. */
  readonly markers: number
  /** Of how many messages a marker marks one; every one, unless given. */
  readonly markEvery?: number
  readonly contentLength: number
  /**
   * `window`: this many messages in flight, over all senders, and `atMost` so many a second; `pace`: one at a time, this long after its ack;
   * `perSecond`: this many over all senders, whatever became of the earlier ones.
   */
  readonly load:
    | { readonly window: number; readonly atMost?: number }
    | { readonly paceMs: number }
    | { readonly perSecond: number }
  readonly warmupSeconds: number
  readonly seconds: number
}

export interface TrafficPlan extends Traffic {
  readonly kind: 'traffic'
}

/**
 * Traffic in one room with guests in it: readers beside those of the traffic, who may stop reading. Before it starts
 * one more user, the feeder, writes each guest a backlog that fills the kernel's buffers. Targets and names hold the
 * traffic's connections, then the guests, then the feeder.
 */
export interface StuckPlan extends Traffic {
  readonly kind: 'stuck'
  readonly guests: number
  readonly reading: Reading
  /** What the feeder writes to each guest. */
  readonly backlog: { readonly messages: number; readonly contentLength: number }
}

/** When guests read: all along, or not until the measured time is over, or until the server has given them up. */
export type Reading =
  | { readonly when: 'always' }
  | { readonly when: 'after' }
  /** `told`: the close code and the reason that they have to find. */
  | { readonly when: 'given up'; readonly told: string }

/**
 * Clients of rooms that are cut off, miss messages and come back. Targets hold the clients, room after room, then one user of each
 * room who writes.
 */
export interface ResumePlan extends Target {
  readonly kind: 'resume'
  readonly rooms: number
  readonly clientsPerRoom: number
  /** Messages in each room while nobody is there. */
  readonly missed: number
  readonly contentLength: number
  /** Handshakes at once. */
  readonly atOnce: number
}

/** Traffic of others while one user, the last of the targets, reads old messages and lists of rooms at level 2; or while nobody does. */
export interface ReadsPlan extends Traffic {
  readonly kind: 'reads'
  /** Connections of the reading user; 0 for the same without. */
  readonly devices: number
  /** Questions of each of them a second. */
  readonly perSecondEach: number
  readonly stock: { readonly rooms: number; readonly messages: number }
}

/** Traffic of others while one user, the last of the targets, sends files; or while nobody does. */
export interface UploadPlan extends Traffic {
  readonly kind: 'upload'
  /** Bytes of each file and of each piece; 0 for the same without. */
  readonly fileBytes: number
  readonly pieceBytes: number
  /** Pieces on their way at once. */
  readonly pieces: number
}

/** In every room its first user asks the assistant, all at the same time, and everybody in the room watches; again and again. */
export interface AgentsPlan extends Target {
  readonly kind: 'agents'
  readonly rooms: number
  readonly watchersPerRoom: number
  /** Words that the assistant has to say. */
  readonly words: number
  readonly warmupSeconds: number
  readonly seconds: number
}

/** Everybody has a session of their own with a team that plays by fixed rules, and asks it again as soon as it is done. */
export interface TeamsPlan extends Target {
  readonly kind: 'teams'
  readonly question: string
  readonly warmupSeconds: number
  readonly seconds: number
}

/** One session, whose answer under way has so many chunks; its client asks for the session again and again. */
export interface RestorePlan extends Target {
  readonly kind: 'restore'
  readonly chunks: number
  readonly modelPort: number
  readonly warmupSeconds: number
  readonly seconds: number
}

/** In every room its first user asks a model, which is the generator, and everybody in the room watches what it writes at a steady rate. */
export interface StreamsPlan extends Target {
  readonly kind: 'streams'
  readonly rooms: number
  readonly watchersPerRoom: number
  readonly tokensPerSecond: number
  /** Where the server is told to find the model. */
  readonly modelPort: number
  /** In rooms at level 2, or each room a session of a team by the agents protocol. */
  readonly over: 'rooms-2' | 'agents'
  readonly warmupSeconds: number
  readonly seconds: number
}

export interface IdlePlan extends Target {
  readonly kind: 'idle'
  readonly settleSeconds: number
}

export interface ConnectPlan extends Target {
  readonly kind: 'connect'
  readonly atOnce: number
}

/** Counts what a sender that does nothing but write prebuilt frames can push: the limit of the generator. */
export interface CeilingPlan extends Target {
  readonly kind: 'ceiling'
  readonly contentLength: number
  readonly seconds: number
}

/** Every kind of run answers with flat numbers and with what was wrong; no faults means every check passed. */
export interface Result {
  /** CPU seconds of the server, user and system, all threads, over the measured time. */
  readonly serverCpuSeconds: number
  /** CPU seconds of the generator over the same time: near `seconds` means it may have been the limit. */
  readonly generatorCpuSeconds: number
  readonly seconds: number
  /** What was asked for and never arrived: frames, or connections. */
  readonly lost: number
  readonly faults: readonly string[]
  readonly numbers: Numbers
  /** What numbers can't say; printed below the table. */
  readonly remarks?: readonly string[]
}

export type Numbers = Readonly<Record<string, number>>
