import { hasOthers, type Room } from '../../core/room.ts'
import type { LateCore } from '../tools/built-in/acting.ts'
import type { PerformPorts } from '../tools/perform.ts'
import type { ToolSource } from '../tools/tool.ts'

/** What the guide does more with than say fixed texts. */
export interface GuideMeans extends PerformPorts {
  readonly core: LateCore
  readonly sources: readonly ToolSource[]
}

/** Whether a text is a command to an agent, which tells others nothing. */
export const isCommand = (text: string): boolean =>
  /^\s*(?:@\S+[\s,:]+)*\/(?:search|summary|tools|use|help|repeat|approve|deny)\b/i.test(text)

/** What a reader of such an answer has to know in a room with others; nothing elsewhere. */
export const sharedNote = (room: Room): string =>
  hasOthers(room) ? '\nOthers read this, so I show only what everybody in this room may read.' : ''
