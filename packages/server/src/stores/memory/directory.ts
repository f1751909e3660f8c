import type { UserId } from '../../core/ids.ts'
import type { Refusal } from '../../core/refusals.ts'
import { isDeleted, type User } from '../../core/user.ts'
import { log, type State, timeIn, type UserLogEntry } from './state.ts'

/** The user unless deleted. */
export function living(state: State, id: UserId): User | undefined {
  const user = state.users.get(id)
  return user && !isDeleted(user) ? user : undefined
}

export const unknownUser = (id: UserId): Refusal => ({ code: 'user_unknown', name: id })

/** Adds a row to the directory's log and returns its seq. */
export function logUser(state: State, type: UserLogEntry['type'], user: UserId, at: number): number {
  return log(state.directory, { type, user, at: timeIn(state.directory, at) })
}
