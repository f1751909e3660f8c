import type { Violation } from '../checker/violation.ts'
import type { Call } from './calls.ts'

const isLog = ({ target }: Call): boolean => target.endsWith('-wal')
const isWrite = ({ name }: Call): boolean => name.startsWith('pwrite')
/** Either makes the data of a file durable; which one SQLite uses is decided when it is compiled. */
const isSync = ({ name }: Call): boolean => name === 'fdatasync' || name === 'fsync'
const isToClient = ({ target }: Call): boolean => target.startsWith('TCP')

export interface Told {
  /** Texts that left through a socket, each counted once. */
  readonly told: number
  readonly violations: readonly Violation[]
}

/**
 * DUR-10: each text that leaves through a socket, in an acknowledgement or for somebody else, does so after a sync of the
 * log that began when the whole transaction with its rows was written. Texts are what `pattern` matches; it is global.
 */
export function syncedBeforeTold(calls: readonly Call[], pattern: RegExp): Told {
  const log = calls.filter(call => isLog(call) && isWrite(call))
  const syncs = calls.filter(call => isLog(call) && isSync(call))
  const firstRows = new Map<string, number>()
  for (const [i, { data }] of log.entries()) {
    for (const [text] of data.toString('latin1').matchAll(pattern)) if (!firstRows.has(text)) firstRows.set(text, i)
  }
  const told = new Map<string, Call>()
  for (const call of calls.filter(isToClient)) {
    for (const [text] of call.data.toString('latin1').matchAll(pattern)) if (!told.has(text)) told.set(text, call)
  }
  const violations = [...told].flatMap(([text, { begin }]): Violation[] => {
    const what = fault(log, syncs, firstRows.get(text), begin)
    return what ? [{ rule: 'DUR-10', what: `${text} was told ${what}` }] : []
  })
  return { told: told.size, violations }
}

function fault(
  log: readonly Call[],
  syncs: readonly Call[],
  row: number | undefined,
  told: number,
): string | undefined {
  if (row === undefined || (log[row]?.end ?? 0) > told) return 'before its rows were written'
  const written = log[commitAfter(log, row)]?.end
  if (written === undefined || written > told) return 'before its transaction was written'
  return syncs.some(({ begin, end }) => begin > written && end < told) ? undefined : 'before the log was synced'
}

const FRAME_HEADER = 24

/** The write that completes the transaction of a row: the page whose frame header says how large the database is now. */
function commitAfter(log: readonly Call[], row: number): number {
  const header = log.findIndex(
    ({ data }, i) => i >= row - 1 && data.length === FRAME_HEADER && data.readUInt32BE(4) > 0,
  )
  return header < 0 ? -1 : header + 1
}
