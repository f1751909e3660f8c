import type { UserId } from '../../core/ids.ts'
import type { AccountFacts } from '../../core/ports/store.ts'
import type { Account, State } from './state.ts'

const NOTHING: Account = { fullName: null, emailVerifiedAt: null, lastSignInAt: null }

export const accountReads = (state: State) => ({
  passwordHash: async (user: UserId): Promise<string | undefined> => state.accounts.get(user)?.password,
  accountFacts: async (user: UserId): Promise<AccountFacts> => {
    const { password: _, ...facts } = state.accounts.get(user) ?? NOTHING
    return facts
  },
})

export function putAccount(state: State, user: UserId, change: Partial<Account>): void {
  state.accounts.set(user, { ...(state.accounts.get(user) ?? NOTHING), ...change })
}

/** Ends what was mailed to a user. */
export function dropTicketsOf(state: State, user: UserId, purposes = ['password-reset', 'verify-email']): void {
  for (const { purpose, subject, digest } of state.tickets.values()) {
    if (subject === user && purposes.includes(purpose)) state.tickets.delete(digest)
  }
}
