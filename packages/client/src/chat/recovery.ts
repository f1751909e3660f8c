import { RESUME_ROOMS_MAX, RESUME_RUNS_MAX } from '@parley/protocol/rooms/level2/limits'
import { type BackoffOptions, backoff } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Resumed } from './asks.ts'
import { ChatError } from './errors.ts'
import type { Requests } from './requests.ts'
import type { RoomState } from './room-state.ts'
import { Run } from './run.ts'

export interface RecoveryOptions {
  readonly requests: Pick<Requests, 'ask'>
  readonly clock: Clock
  readonly backoff: BackoffOptions
  /** The room with this uuid. */
  room(uuid: string): RoomState | undefined
  /** Its log was passed over. */
  reset(room: RoomState, seq: number): void
}

/** Gets what was missed. */
export interface Recovery {
  /** Everything since what is here, as a part of the start of a connection. */
  all(rooms: readonly RoomState[], runs: readonly Run[]): Promise<void>
  /** What is missing in the middle, once the connection is live. Asked for together, and one time after the other. */
  hole(of: RoomState | Run): void
  close(): void
}

export function createRecovery(options: RecoveryOptions): Recovery {
  const { requests, clock } = options
  const holes = new Set<RoomState | Run>()
  let isBusy = false
  let attempt = 0
  let cancelTimer = () => {}
  const runsById = (runs: readonly Run[]) => new Map(runs.map(run => [run.id, run]))

  async function resume(rooms: readonly RoomState[], runs: readonly Run[], wait: 'now' | 'within'): Promise<void> {
    const cursors = rooms.flatMap(({ uuid, seq }) => (uuid === undefined || seq === null ? [] : [{ room: uuid, seq }]))
    const data = { rooms: cursors, runs: runs.map(({ id, length }) => ({ run_id: id, n: length })) }
    apply(await requests.ask('resume', data, { wait }), runsById(runs))
  }

  function apply({ rooms, runs }: Resumed, asked: ReadonlyMap<string, Run>): void {
    for (const { room, seq, reset } of rooms) {
      const state = options.room(room)
      if (reset && state) options.reset(state, seq)
    }
    for (const { run_id, reset } of runs) {
      if (reset) asked.get(run_id)?.fail(new ChatError('RESET', 'The steps of this answer are not known any more'))
    }
  }

  async function fill(): Promise<void> {
    const asked = [...holes]
    holes.clear()
    const runs = asked.flatMap(of => (of instanceof Run && !of.isWhole ? [of] : [])).slice(0, RESUME_RUNS_MAX)
    const rooms = asked.flatMap(of => (of instanceof Run ? [] : [of])).slice(0, RESUME_ROOMS_MAX)
    // A lost connection gets everything anew when it is back.
    if (rooms.length + runs.length > 0) await resume(rooms, runs, 'within').catch(() => {})
    const left = rooms.filter(({ hasHole }) => hasHole)
    for (const room of left) holes.add(room)
    isBusy = false
    attempt = left.length > 0 ? attempt + 1 : 0
    if (holes.size > 0) later(left.length > 0 ? backoff(options.backoff, attempt, clock.random()) : 0)
  }

  function later(ms: number): void {
    if (isBusy) return
    isBusy = true
    if (ms === 0) queueMicrotask(fill)
    else cancelTimer = clock.after(ms, fill)
  }

  return {
    async all(rooms, runs) {
      // The first names what it can; whatever a later one names was live meanwhile, which does no harm.
      for (let at = 0; at === 0 || at < rooms.length; at += RESUME_ROOMS_MAX) {
        const named = at === 0 ? runs.slice(0, RESUME_RUNS_MAX) : []
        await resume(rooms.slice(at, at + RESUME_ROOMS_MAX), named, 'now')
      }
    },
    hole(of) {
      holes.add(of)
      later(0)
    },
    close: () => cancelTimer(),
  }
}
