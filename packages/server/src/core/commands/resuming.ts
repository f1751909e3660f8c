import type { Context } from '../context.ts'
import type { LogId } from '../events.ts'
import type { RoomId, RunId } from '../ids.ts'
import { signedIn } from '../permissions.ts'
import type { OpenRoom } from '../ports/store.ts'
import type { Room } from '../room.ts'
import type { Actor } from '../user.ts'
import type { Implementation } from './command.ts'

/** A cursor further behind its log's head than this is not caught up with. */
const REPLAY_MAX = 10_000

export interface ResumingCommands {
  /**
   * From where a client that has seen so much of rooms and runs goes on. `isReset`: not from there, since the position is of
   * another database or beyond the head, of a room that is not the actor's (any more), or too far behind.
   */
  'resume.plan': {
    input: {
      rooms: readonly { readonly room: RoomId; readonly seq: number }[]
      runs: readonly { readonly run: RunId; readonly n: number }[]
    }
    result: ResumePlan
  }
}

export interface ResumePlan {
  /** The actor's rooms at that moment. */
  readonly own: readonly OpenRoom[]
  readonly rooms: readonly {
    readonly id: RoomId
    /** Null for one that is not the actor's. */
    readonly room: Room | null
    /** The head. */
    readonly seq: number
    readonly isReset: boolean
  }[]
  readonly runs: readonly { readonly id: RunId; readonly n: number; readonly isReset: boolean }[]
  /** Positions that are gone on from: those asked for, and the heads of rooms of one's own that begin anew. */
  readonly from: ReadonlyMap<LogId, number>
}

export const resumingCommands: Implementation<ResumingCommands> = { 'resume.plan': plan }

async function plan(ctx: Context, actor: Actor, input: ResumingCommands['resume.plan']['input']): Promise<ResumePlan> {
  const open = await ctx.store.memberships(signedIn(actor).id)
  const own = new Map(open.map(one => [one.room.id, one]))
  const rooms = input.rooms.map(({ room: id, seq }) => {
    const one = own.get(id)
    return { id, room: one?.room ?? null, seq: one?.seq ?? 0, isReset: !one || !reaches(one, seq), asked: seq }
  })
  const runs = await planRuns(ctx, own, input.runs)
  const from = new Map<LogId, number>()
  // Of a room that begins anew the client has nothing after the head it is told here.
  for (const { id, room, seq, isReset, asked } of rooms) if (room) from.set(id, isReset ? seq : asked)
  for (const { id, isReset, asked } of runs) if (!isReset) from.set(id, asked)
  return { own: open, rooms, runs, from }
}

/** Whether everything after `position` can be shown to the member. */
function reaches({ room, seq, sinceSeq }: OpenRoom, position: number): boolean {
  // Whoever comes to a private room reads from there on.
  const first = room.kind === 'private' ? sinceSeq : 0
  return position >= first && position <= seq && seq - position <= REPLAY_MAX
}

async function planRuns(
  ctx: Context,
  own: ReadonlyMap<RoomId, OpenRoom>,
  asked: readonly { readonly run: RunId; readonly n: number }[],
) {
  if (asked.length === 0) return []
  const ids = asked.map(({ run }) => run)
  const [runs, heads] = await Promise.all([ctx.store.runs(ids), ctx.store.runHeads(ids)])
  const next = await Promise.all(asked.map(({ run, n }) => ctx.store.runSteps(run, n, 1)))
  const readable = new Set(runs.filter(({ room }) => own.has(room)).map(({ id }) => id))
  return asked.map(({ run: id, n }, i) => {
    const head = readable.has(id) ? (heads[i] ?? 0) : 0
    // Steps of an answer that was edited or deleted are erased.
    const isErased = n < head && next[i]?.[0]?.n !== n + 1
    return { id, n: head, isReset: !readable.has(id) || n > head || isErased, asked: n }
  })
}
