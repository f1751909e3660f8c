import { AgentFailed, type Spending } from '../core/ports/agents.ts'

/** What may be spent in a day (UTC), in millionths of a US dollar: by one person, in one room, by all guests together. Null: anything. */
export type Budgets = { readonly [Of in keyof Spending]: number | null }

const WHOSE: { readonly [Of in keyof Spending]: string } = {
  person: 'Your budget',
  room: 'The budget of this room',
  guests: 'The budget of all guests',
}

/** The budget that is exceeded by what is spent, what is under way included; null where there is none. */
export function exceeded(budgets: Budgets, spending: Spending): keyof Spending | null {
  for (const whose of ['person', 'room', 'guests'] as const) {
    const [limit, spent] = [budgets[whose], spending[whose]]
    if (limit !== null && spent !== null && spent > limit) return whose
  }
  return null
}

/** Why nobody answers. */
export const usedUp = (of: keyof Spending): AgentFailed =>
  new AgentFailed(`${WHOSE[of]} for language models is used up. It is renewed at 00:00 UTC.`)
