import type { CredentialReads } from '../../core/ports/store.ts'
import type { NewKey, Outcome, SignIn, Ticket, WriteOf } from '../../core/ports/writes.ts'
import type { Refusal } from '../../core/refusals.ts'
import { done, refused } from '../outcomes.ts'
import { accountReads, dropTicketsOf, putAccount } from './accounts.ts'
import { living, logUser, unknownUser } from './directory.ts'
import type { IssuedTicket, State } from './state.ts'

export function replaceKey(state: State, write: WriteOf<'key.replace'>): Outcome<'key.replace'> {
  const user = living(state, write.user)
  if (!user) return refused(unknownUser(write.user))
  if (keyIsTaken(state, write.key)) return refused({ code: 'id_conflict' })
  state.keys.set(user.id, write.key)
  dropSignIns(state, one => one.user === user.id && one.byKey === true)
  return done({ user, seq: logUser(state, 'credentials.revoked', user.id, write.at) })
}

export function startSignIn(state: State, write: WriteOf<'sign_in.start'>): Outcome<'sign_in.start'> {
  const { signIn, hash, ticket, at } = write
  if (!living(state, signIn.user)) return refused(unknownUser(signIn.user))
  const refusal = ticketFault(state, ticket, at)
  if (refusal) return refused(refusal)
  if (hash !== undefined && hash !== state.accounts.get(signIn.user)?.password) {
    return refused({ code: 'credentials_wrong' })
  }
  for (const { id, digest } of state.signIns.values()) {
    if (id === signIn.id || digest === signIn.digest) return refused({ code: 'id_conflict' })
  }
  if (ticket) state.tickets.delete(ticket.digest)
  state.signIns.set(signIn.id, signIn)
  if (!signIn.byKey) putAccount(state, signIn.user, { lastSignInAt: at })
  return done({})
}

export function refreshSignIn(state: State, write: WriteOf<'sign_in.refresh'>): Outcome<'sign_in.refresh'> {
  const { id, user, digest, next, expiresAt, at } = write
  if (!living(state, user)) return refused(unknownUser(user))
  const signIn = state.signIns.get(id)
  if (signIn?.user !== user || signIn.expiresAt <= at) return refused({ code: 'token_refused' })
  if (signIn.digest === digest) {
    if ([...state.signIns.values()].some(one => one.digest === next)) return refused({ code: 'id_conflict' })
    state.signIns.set(id, { ...signIn, digest: next, expiresAt })
    return done({ state: 'refreshed' })
  }
  state.signIns.delete(id)
  return done({ state: 'reused', seq: logUser(state, 'credentials.revoked', user, at) })
}

export function setPassword(state: State, write: WriteOf<'password.set'>): Outcome<'password.set'> {
  const { user: id, hash, keep, ticket, at } = write
  const user = living(state, id)
  if (!user) return refused(unknownUser(id))
  const refusal = ticketFault(state, ticket, at)
  if (refusal) return refused(refusal)
  if (ticket) state.tickets.delete(ticket.digest)
  dropTicketsOf(state, id, ['password-reset'])
  putAccount(state, id, { password: hash ?? undefined })
  dropSignIns(state, one => one.user === id && one.id !== keep)
  return done({ user, seq: logUser(state, 'credentials.revoked', id, at) })
}

export function verifyEmail(state: State, { user, ticket, at }: WriteOf<'email.verify'>): Outcome<'email.verify'> {
  const refusal = living(state, user) ? ticketFault(state, ticket, at) : unknownUser(user)
  if (refusal) return refused(refusal)
  if (ticket) state.tickets.delete(ticket.digest)
  putAccount(state, user, { emailVerifiedAt: at })
  return done({})
}

function dropSignIns(state: State, test: (signIn: SignIn) => boolean): void {
  for (const signIn of state.signIns.values()) if (test(signIn)) state.signIns.delete(signIn.id)
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
    ...accountReads(state),
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
