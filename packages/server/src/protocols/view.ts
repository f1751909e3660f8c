import type { IncomingHttpHeaders } from 'node:http'
import type { ResumePlan } from '../core/commands/resuming.ts'
import type { MarkMessage, SendMessage, Sent } from '../core/commands/sending.ts'
import type { CommandOf, Commands, CommandType, Core, ResultOf } from '../core/core.ts'
import type { ConnectionId, CoreEvent, LogId, RunEvent } from '../core/events.ts'
import type { MessageId, RoomId, RunId, UserId } from '../core/ids.ts'
import type { Outside } from '../core/ports/agents.ts'
import type { Refusal } from '../core/refusals.ts'
import type { Room } from '../core/room.ts'
import type { Actor, SignedIn, User, Visitor } from '../core/user.ts'
import type { Rate } from '../core/window.ts'

/** A write that a session may have several of in flight; its answers come in the order of the frames. */
export type Write = SendMessage | MarkMessage

/** What a question may do with the connection it came by. */
export interface Asking {
  readonly core: Core
  readonly actor: Actor
  readonly connection: Connection
}

/** How a client goes on: as planned, and how far it has been shown each log of the plan, of those that are followed. */
export interface Resumed {
  readonly plan: ResumePlan
  readonly shown: ReadonlyMap<LogId, number>
}

/** A connection, as far as its protocol may reach it. */
export interface Connection {
  readonly id: ConnectionId
  /** What its client calls it when it comes back: its id, or the id of the connection it goes on with. */
  readonly session: string
  /** Whether it goes on with what its guest said before. */
  readonly isBack: boolean
  readonly visitor: Visitor
  /** What its client showed for requests to elsewhere, which go with the questions that come by it. Never logged or stored. */
  outside: Outside | null
  /** Writes a frame ahead of the answer. */
  say(text: string): void
  /** From now on the connection is somebody else's, and ends with their credential. */
  become(actor: SignedIn): void
  /**
   * Shows the client what happened after the positions of a plan, then `answer`, then everything as it happens. What is stored and
   * not shown yet is still to come then. Resolves when the client was written all that.
   */
  resume(plan: () => Promise<ResumePlan>, answer: (resumed: Resumed) => string): Promise<void>
  /** From now on the connection is shown what happens in one room of its user's, and in no other. */
  attach(room: RoomId, seq: number): void
  /** Says how things are, and goes on from there: with every log after the position that the answer has of it. */
  restore(make: (shown: ShownSteps) => Promise<Restored>): Promise<void>
}

/** How far connections were shown a run; null of one that is not followed here. */
export type ShownSteps = (run: RunId) => number | null

export interface Restored {
  readonly frames: readonly string[]
  readonly from: ReadonlyMap<LogId, number>
  /** Logs that are whole in it, of which nothing is to follow. */
  readonly told: readonly LogId[]
}

/** A question, bound to its command: `perform` runs it and resolves to the answer's frame, null for none. */
export interface Ask {
  readonly state: 'ask'
  readonly type: CommandType
  /** Rejects with Refused, for which `refused` has the frame. */
  perform(asking: Asking): Promise<string | null>
  /** Null where it is passed over. */
  refused(refusal: Refusal): string | null
  /** About how many bytes it holds, where it is long. */
  readonly weight?: number
  /** Not counted against the frames a client may send. */
  readonly isFree?: boolean
}

/** What a frame of a client turned out to be. */
export type Decoded =
  | { readonly state: 'write'; readonly write: Write }
  | Ask
  /** Answered without the core. */
  | { readonly state: 'reply'; readonly text: string }
  /** Not understood; `text` is the error frame, `code` is for counting. */
  | { readonly state: 'reject'; readonly code: string; readonly text: string }
  /** Only a sign of life. */
  | { readonly state: 'nothing' }

/** Several frames in one: each is taken as if it had come alone, and counts as one. */
export interface Several {
  readonly state: 'several'
  readonly each: readonly Decoded[]
}

/** A credential as a client shows it, before anybody has looked whether it is any good. */
export type Shown = Pick<Commands['account.identify']['input'], 'by' | 'secret'>

/** An upgrade request, as far as a view reads it. */
export interface Knock {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly query: URLSearchParams
  /** Whether a page of our own asks: only then do its cookies count. */
  readonly isOwnOrigin: boolean
}

/** The answer to an upgrade that is refused. */
export interface Rejection {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Somebody's connection, just opened. */
export interface Opened {
  readonly connection: ConnectionId
  readonly session: string
  /** Of the upgrade request. */
  readonly path: string
  readonly query: URLSearchParams
  readonly user: User
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * How a view's clients learn what happened while they were away.
 * - `none`: they ask for it.
 * - `queue`: the newest QUEUE_MAX events, right after opening, once.
 * - `cursor`: they say how far they got, and are shown nothing before that.
 */
export type CatchUp = 'none' | 'queue' | 'cursor'

/** One protocol's way of seeing the core. All functions are pure and total, except that `Ask.perform` runs its command. */
export interface View {
  readonly name: string
  /** Views of one family share the operator's limits. */
  readonly family: string
  /** Paths of the WebSocket endpoint. */
  readonly paths: readonly string[]
  /** What further ones look like, which no other view has. */
  readonly pattern?: RegExp
  /** Whether an upgrade at one of the paths is for this view; the first that says so has it. */
  accepts?(query: URLSearchParams): boolean
  /** Largest frame a client may send, in bytes. */
  readonly maxFrame: number
  readonly catchUp: CatchUp
  /** Whether a session is shown a room of its user's. */
  shows(room: Room, isChosen: boolean): boolean
  decode(text: string): Decoded | Several
  /** For a binary frame. */
  readonly binary: Decoded
  /** What a connection does before its client's first frame, if anything. */
  opening?(query: URLSearchParams, path: string): Decoded | undefined
  /** The first frame; null for none. */
  greet?(opened: Opened): string | null
  /** The frame for an event that is the same for all its receivers; null when this protocol does not show it. */
  encode(event: CoreEvent): string | null
  /** The frames for steps of a run, one for each, where clients count them. */
  encodeSteps?(event: RunEvent): readonly string[]
  /** The frame for whoever asked, in place of that for the others; null where it is the same. */
  encodeForAsker?(event: CoreEvent): string | null
  /** The frames for an event that is shown later than it happened, to somebody who saw nothing of it. */
  replay?(event: CoreEvent): readonly string[]
  /** To the connections of somebody who is now in a room: what room it is, and the place of their coming in its log. */
  added?(room: Room, seq: number): string | null
  /** Whose connections are not shown an event, except the one in `via`. */
  hides(event: CoreEvent): UserId | undefined
  /** To the author: `reader` has read messages; one frame for each, or one for all. */
  receipts(
    event: CoreEvent & { type: 'read.moved' },
    messages: readonly { readonly id: MessageId; readonly ordinal: number }[],
  ): readonly string[]
  /** To the reader's own connections: how far they have read, and what is left. */
  readState?(room: Room, readTo: number, unread: number): string
  /** To the sender: the message is durable. */
  sent(sent: Sent, command: SendMessage): string
  /** To the reader: the mark is durable. */
  marked(command: MarkMessage): string | null
  refused(refusal: Refusal, command: Write): string | null
  /** What the server sends now and then to hear whether the client lives; null for a ping of WebSocket's own. */
  heartbeat(at: number): string | null
  /** The frame that says how many events of a room waited longer than the queue reaches. */
  missed?(room: Room, count: number): string
  /** The frame that says a client sends too fast: it may send the frame of this text again in so many seconds. */
  tooFast?(seconds: number, frame: string): string
  /** The credential that an upgrade request carries. */
  credential(knock: Knock): Shown | undefined
  /** For a view that lets anybody in without one: the session that an upgrade wants to go on with, if any. */
  session?(knock: Knock): string | null
  /** Why an upgrade is refused whatever else is right about it; `visitor` is there where no credential was shown. */
  fault?(knock: Knock, visitor: Visitor | null): Rejection | undefined
  /** Whether guests who may not talk are let in to show a credential in a frame. */
  readonly isProvedInside?: boolean
  /** Bodies of refused upgrades. */
  unauthenticated(refusal: Refusal): Rejection
  /** Code and reason with which a connection ends whose credential died. */
  readonly revoked: Goodbye
  /** The same of other ends, where it is not the usual. */
  readonly ends?: {
    readonly restarting?: Goodbye
    readonly idle?: Goodbye
    /** A guest who may only say who they are did not. */
    readonly unproved?: Goodbye
  }
}

/** Code and reason with which a connection ends. */
export type Goodbye = readonly [code: number, reason: string]

/** What the operator decides about a view's connections. */
export interface ViewLimits {
  /** Connections of this view in all and of one user; null for no limit beyond that of all. */
  readonly connections: number | null
  readonly connectionsPerUser: number | null
  /** Seconds between two heartbeats. */
  readonly heartbeatSeconds: number
  /** Seconds of silence after which a connection is given up, and how often that is looked for. */
  readonly staleSeconds: number
  readonly sweepSeconds: number
  /** Seconds without a frame after which a connection ends though its client lives; null for never. */
  readonly idleSeconds: number | null
  /** Frames of one connection; null for no limit. */
  readonly frames: Rate | null
}

/** How many events a queue holds. */
export const QUEUE_MAX = 100

/** Binds a command to the frame that answers it. */
export function ask<T extends CommandType>(
  command: CommandOf<T>,
  answer: (result: ResultOf<T>) => object | null,
  refused: (refusal: Refusal) => string | null,
): Ask {
  return {
    state: 'ask',
    type: command.type,
    perform: async ({ core, actor }) => {
      const frame = answer(await core.execute(actor, command))
      return frame && JSON.stringify(frame)
    },
    refused,
  }
}
