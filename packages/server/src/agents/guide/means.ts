import { hasOthers, type Room } from '../../core/room.ts'
import type { LateCore } from '../tools/built-in/acting.ts'
import type { PerformPorts } from '../tools/perform.ts'
import type { ToolSource } from '../tools/tool.ts'

/** What the guide does more with than say fixed texts. */
export interface GuideMeans extends PerformPorts {
  readonly core: LateCore
  readonly sources: readonly ToolSource[]
}

/** A time as the guide writes it, in UTC. */
export const timeOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

/** Whether a text asks the guide for something instead of telling others something. */
export const isCommand = (text: string): boolean => /^\s*(?:@\S+[\s,:]+)*\//.test(text)

/** What a reader of such an answer has to know in a room with others; nothing elsewhere. */
export const sharedNote = (room: Room): string =>
  hasOthers(room) ? '\nOthers read this, so I show only what everybody in this room may read.' : ''
