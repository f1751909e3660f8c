/** What a siege did, for whoever wants to know whether it did anything. */
export interface Counts {
  /** Servers that went in the middle of their work, and of their start. */
  ends: number
  endsAtStart: number
  /** Messages pushed, and checked in their order. */
  delivered: number
  /** Times that a client of the SDK came back. */
  returns: number
  sent: number
  acknowledged: number
  marks: number
  changes: number
  accounts: number
}

export const noCounts = (): Counts => ({
  ends: 0,
  endsAtStart: 0,
  delivered: 0,
  returns: 0,
  sent: 0,
  acknowledged: 0,
  marks: 0,
  changes: 0,
  accounts: 0,
})

export const sum = (all: readonly Counts[]): Counts =>
  all.reduce<Counts>((total, some) => {
    const entries = Object.entries(total).map(([name, value]) => [name, value + some[name as keyof Counts]])
    return Object.fromEntries(entries) as Counts // the names of the one are those of the other
  }, noCounts())

export const shown = (counts: Counts): string =>
  `${counts.ends} ends under load and ${counts.endsAtStart} during a start; ${counts.sent} messages sent, ` +
  `${counts.acknowledged} acknowledged, ${counts.delivered} deliveries; ${counts.marks} marks, ${counts.changes} edits and ` +
  `deletions, ${counts.accounts} accounts acknowledged; SDK clients came back ${counts.returns} times`
