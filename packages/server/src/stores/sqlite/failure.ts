import type { StoreFailure } from '../../core/ports/store.ts'

/** What the primary result codes of SQLite mean to a caller. */
const FAILURES: Readonly<Record<number, StoreFailure>> = {
  5: 'busy',
  10: 'io_error',
  11: 'corrupt',
  13: 'disk_full',
  26: 'corrupt',
}
/** Extended codes: unique index, primary key, rowid. */
const CONFLICTS: readonly number[] = [2067, 1555, 2579]

/** What a caller is told of an error of SQLite; anything else is our own fault. */
export const failureOf = (error: unknown): StoreFailure => FAILURES[codeOf(error) & 0xff] ?? 'internal'

/** Whether a statement failed because a unique value is there already. Such a statement changed nothing. */
export const isConflict = (error: unknown): boolean => CONFLICTS.includes(codeOf(error))

/** SQLite's extended result code: its lowest byte says what happened, the rest where. 0 for other errors. */
function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0
}
