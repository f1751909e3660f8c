import type { LogRow } from '../../core/ports/store.ts'

export type LogKind = Exclude<LogRow['type'], 'gone'>

/** How kinds of log rows are stored. A number once given keeps its meaning. */
const CODES: { readonly [Kind in LogKind]: number } = {
  'message.sent': 1,
  'message.edited': 2,
  'message.deleted': 3,
  'user.created': 4,
  'user.changed': 5,
  'user.deleted': 6,
  'credentials.revoked': 7,
  'member.joined': 8,
  'member.left': 9,
  'room.changed': 10,
  'room.deleted': 11,
  'run.started': 12,
  'run.ended': 13,
  'file.added': 14,
}

const KINDS = new Map(Object.entries(CODES).map(([kind, code]) => [code, kind as LogKind])) // the keys of CODES

export const logCode = (kind: LogKind): number => CODES[kind]

/** What a code stands for; undefined for one this server does not know. */
export const logKind = (code: number): LogKind | undefined => KINDS.get(code)

/** The largest code of a row that refers to a message. */
export const LAST_MESSAGE_CODE = CODES['message.deleted']
