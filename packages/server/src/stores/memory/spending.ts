import type { RunReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { hasOthers } from '../../core/room.ts'
import type { Run } from '../../core/run.ts'
import { dayOf } from '../../core/runs/spending.ts'
import { done } from '../outcomes.ts'
import type { RoomState, State } from './state.ts'

/** Charges what an answer took. `room`: where it was asked, unless that is deleted. */
export function charge(
  state: State,
  { asker }: Pick<Run, 'asker'>,
  room: RoomState | undefined,
  micros: number,
  at: number,
): void {
  const day = state.spent.get(dayOf(at)) ?? new Map<string, number>()
  const add = (whose: string) => day.set(whose, (day.get(whose) ?? 0) + micros)
  add(state.users.get(asker)?.role === 'guest' ? 'guests' : asker)
  if (room && hasOthers(room.room)) add(room.room.id)
  state.spent.set(dayOf(at), day)
}

export function forgetSpending(state: State, { before }: WriteOf<'spending.forget'>): Outcome<'spending.forget'> {
  for (const day of state.spent.keys()) if (day < before) state.spent.delete(day)
  return done({})
}

export const spendingReads = (state: State): Pick<RunReads, 'spentOn'> => ({
  spentOn: async (day, { asker, room }) => {
    const by = (whose: string) => state.spent.get(day)?.get(whose) ?? 0
    return { person: by(asker), room: by(room), guests: by('guests') }
  },
})
