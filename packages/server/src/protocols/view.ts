import type { IncomingHttpHeaders } from 'node:http'
import type { MarkMessage, SendMessage } from '../core/commands/sending.ts'
import type { CommandOf, Commands, CommandType, Core, ResultOf } from '../core/core.ts'
import type { CoreEvent } from '../core/events.ts'
import type { MessageId } from '../core/ids.ts'
import type { ShownMessage } from '../core/message.ts'
import type { Refusal } from '../core/refusals.ts'
import type { Actor, User } from '../core/user.ts'

/** A write that a session may have several of in flight; its answers come in the order of the frames. */
export type Write = SendMessage | MarkMessage

/** A question, bound to its command: `perform` runs it and resolves to the answer's frame, null for none. */
export interface Ask {
  readonly state: 'ask'
  readonly type: CommandType
  /** Rejects with Refused, for which `refused` has the frame. */
  perform(core: Core, actor: Actor): Promise<string | null>
  refused(refusal: Refusal): string
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

/** A credential as a client shows it, before anybody has looked whether it is any good. */
export type Shown = Pick<Commands['account.identify']['input'], 'by' | 'secret'>

/** One protocol's way of seeing the core. All functions are pure and total, except that `Ask.perform` runs its command. */
export interface View {
  readonly name: string
  /** Paths of the WebSocket endpoint. */
  readonly paths: readonly string[]
  /** Largest frame a client may send, in bytes. */
  readonly maxFrame: number
  decode(text: string): Decoded
  /** For a binary frame. */
  readonly binary: Decoded
  /** The frame for an event that is the same for all its receivers; null when this protocol does not show it. */
  encode(event: CoreEvent): string | null
  /** To the author: `reader` has read the message. */
  receipt(id: MessageId, reader: User, at: number): string
  /** To the sender: the message is durable. */
  sent(shown: ShownMessage): string
  /** To the reader: the mark is durable. */
  marked(id: string): string
  refused(refusal: Refusal): string
  /** What the server sends now and then to hear whether the client lives. */
  heartbeat(at: number): string
  /** The credential that an upgrade request carries. */
  credential(headers: IncomingHttpHeaders, query: URLSearchParams): Shown | undefined
  /** Bodies of refused upgrades. */
  unauthenticated(refusal: Refusal): {
    readonly status: number
    readonly headers: Record<string, string>
    readonly body: string
  }
}

/** Binds a command to the frame that answers it. */
export function ask<T extends CommandType>(
  command: CommandOf<T>,
  answer: (result: ResultOf<T>) => object | null,
  refused: (refusal: Refusal) => string,
): Ask {
  return {
    state: 'ask',
    type: command.type,
    perform: async (core, actor) => {
      const frame = answer(await core.execute(actor, command))
      return frame && JSON.stringify(frame)
    },
    refused,
  }
}
