import type { CredentialReads } from '../../core/ports/store.ts'
import type { NewKey, Outcome, Ticket, WriteOf } from '../../core/ports/writes.ts'
import type { Refusal } from '../../core/refusals.ts'
import { done, refused } from '../outcomes.ts'
import { living, logUser, unknownUser } from './directory.ts'
import type { IssuedTicket, State } from './state.ts'

export function replaceKey(state: State, write: WriteOf<'key.replace'>): Outcome<'key.replace'> {
  const user = living(state, write.user)
  if (!user) return refused(unknownUser(write.user))
  if (keyIsTaken(state, write.key)) return refused({ code: 'id_conflict' })
  state.keys.set(user.id, write.key)
  return done({ user, seq: logUser(state, 'credentials.revoked', user.id, write.at) })
}

export function startSignIn(state: State, write: WriteOf<'sign_in.start'>): Outcome<'sign_in.start'> {
  const { signIn, ticket, at } = write
  if (!living(state, signIn.user)) return refused(unknownUser(signIn.user))
  const refusal = ticketFault(state, ticket, at)
  if (refusal) return refused(refusal)
  for (const { id, digest } of state.signIns.values()) {
    if (id === signIn.id || digest === signIn.digest) return refused({ code: 'id_conflict' })
  }
  if (ticket) state.tickets.delete(ticket.digest)
  state.signIns.set(signIn.id, signIn)
  return done({})
}

export function endSignIn(state: State, { id, user, at }: WriteOf<'sign_in.end'>): Outcome<'sign_in.end'> {
  if (!living(state, user)) return refused(unknownUser(user))
  if (state.signIns.get(id)?.user === user) state.signIns.delete(id)
  return done({ seq: logUser(state, 'credentials.revoked', user, at) })
}

export function issueTicket(state: State, write: WriteOf<'ticket.issue'>): Outcome<'ticket.issue'> {
  const { ticket, subject, expiresAt } = write
  if (state.tickets.has(ticket.digest)) return refused({ code: 'id_conflict' })
  for (const older of state.tickets.values()) {
    if (older.purpose === ticket.purpose && older.subject === subject) state.tickets.delete(older.digest)
  }
  state.tickets.set(ticket.digest, { ...ticket, subject, expiresAt })
  return done({})
}

export function credentialReads(state: State): CredentialReads {
  return {
    userByKey: async digest => {
      const [owner] = [...state.keys].find(([, key]) => key.digest === digest) ?? []
      return owner && living(state, owner)
    },
    signIn: async (digest, at) => {
      const signIn = [...state.signIns.values()].find(one => one.digest === digest && one.expiresAt > at)
      const user = signIn && living(state, signIn.user)
      return user && { id: signIn.id, user }
    },
    signInAlive: async (id, at) => (state.signIns.get(id)?.expiresAt ?? Number.NEGATIVE_INFINITY) > at,
    sealedKey: async user => state.keys.get(user)?.sealed,
    ticket: async (ticket, at) => validTicket(state, ticket, at)?.subject,
  }
}

export function ticketFault(state: State, ticket: Ticket | null, at: number): Refusal | undefined {
  return ticket && !validTicket(state, ticket, at) ? { code: 'token_refused' } : undefined
}

function validTicket(state: State, { digest, purpose }: Ticket, at: number): IssuedTicket | undefined {
  const issued = state.tickets.get(digest)
  return issued?.purpose === purpose && issued.expiresAt > at ? issued : undefined
}

export const keyIsTaken = (state: State, key: NewKey | null): boolean =>
  [...state.keys.values()].some(taken => taken.digest === key?.digest)
