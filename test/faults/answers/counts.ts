import type { KilledAnswers } from './siege.ts'

/** What a siege did, in words. */
export const shownAnswers = ({ violations, kills, cut, ends, again, shown }: KilledAnswers): string =>
  `${kills} kills in ${cut} answers that somebody saw half of; ${shown} steps shown; runs: ${Object.entries(ends)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')}, ${again} of them answered again; ${violations.length} violations`
