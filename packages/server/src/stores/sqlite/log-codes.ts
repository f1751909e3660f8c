import type { LogRow } from '../../core/ports/store.ts'

type KindWith<Key extends string> = Extract<LogRow, { readonly [K in Key]: unknown }>['type']
export type LogKind = KindWith<'message'> | KindWith<'user'>

/** How kinds of log rows are stored. A number once given keeps its meaning. */
export const MESSAGE_LOG: ReadonlyMap<number, KindWith<'message'>> = new Map([
  [1, 'message.sent'],
  [2, 'message.edited'],
  [3, 'message.deleted'],
])
export const USER_LOG: ReadonlyMap<number, KindWith<'user'>> = new Map([
  [4, 'user.created'],
  [5, 'user.changed'],
  [6, 'user.deleted'],
  [7, 'credentials.revoked'],
])

const CODES = new Map<LogKind, number>([...MESSAGE_LOG, ...USER_LOG].map(([code, kind]) => [kind, code]))

export const logCode = (kind: LogKind): number => CODES.get(kind) ?? 0
