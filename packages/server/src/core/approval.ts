import type { RoomId, RunId, UserId } from './ids.ts'
import type { Ids } from './ports/ids.ts'

export type Decision = 'approved' | 'denied'

/**
 * A use of a tool that its asker has to allow first, exactly so. `write`: it changes something. `show`: it works with what is
 * the asker's alone, and others would read what comes of it.
 */
export interface Approval {
  /** What people call it by, eight of CODE_LETTERS. Of no use to anybody but the asker. */
  readonly code: string
  readonly asker: UserId
  /** Who wants to use the tool. */
  readonly agent: UserId
  /** Where it was asked for, and by which run. */
  readonly room: RoomId
  readonly conversation: number | null
  readonly run: RunId
  readonly tool: string
  /** JSON of an object: what the tool is given, and nothing else. */
  readonly arguments: string
  readonly why: 'write' | 'show'
  /** Milliseconds since 1970. From `expiresAt` on it is too late. */
  readonly askedAt: number
  readonly expiresAt: number
  /** Null until it is decided, which happens once. */
  readonly decided: { readonly decision: Decision; readonly at: number } | null
}

/** Without those that look like another one. */
const CODE_LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const CODE_LENGTH = 8

/** A code that nobody can guess. */
export const newCode = (ids: Ids): string =>
  // A byte for each letter: its 256 values are a multiple of the letters.
  ids.secret(CODE_LENGTH).replace(/../g, hex => CODE_LETTERS.charAt(Number.parseInt(hex, 16) % CODE_LETTERS.length))

const DECISION = /^\s*\/(approve|deny)[ \t]+([2-9a-hj-np-z]{8})\s*$/i

/** What a message decides: one that is `/approve` or `/deny` with a code, and nothing else. */
export function decisionOf(text: string): { readonly decision: Decision; readonly code: string } | undefined {
  // Nearly every message ends here.
  if (!text.includes('/')) return undefined
  const [, verb, code] = DECISION.exec(text) ?? []
  if (verb === undefined || code === undefined) return undefined
  return { decision: verb.toLowerCase() === 'approve' ? 'approved' : 'denied', code: code.toUpperCase() }
}

/** The message that decides so. */
export const decisionText = (decision: Decision, code: string): string =>
  `${decision === 'approved' ? '/approve' : '/deny'} ${code}`
