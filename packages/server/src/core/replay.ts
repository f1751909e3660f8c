import { show } from './commands/messages.ts'
import type { Context } from './context.ts'
import type { LogId, RoomEvent, RunEvent } from './events.ts'
import type { MessageId, RoomId, RunId } from './ids.ts'
import type { ShownMessage } from './message.ts'
import type { LogRow } from './ports/store.ts'
import type { Room } from './room.ts'
import type { Run } from './run.ts'
import { type Cast, castOf } from './runs/cast.ts'
import type { User } from './user.ts'

const PAGE = 200

/** A part of a room's or a run's log, as its readers would have been shown it, but as it is now. */
export interface Stretch<E = RoomEvent | RunEvent> {
  readonly log: LogId
  readonly entries: readonly Entry<E>[]
  /** Position and time of the last row read, also when it makes no event; what was asked for, and 0, when there was none. */
  readonly last: number
  readonly until: number
  /** Number of the message that all of it comes after; 0 where that is not known. */
  readonly follows: number
  /** Whether the log ended here. */
  readonly end: boolean
}

/** An event with its position in its log. */
export interface Entry<E = RoomEvent | RunEvent> {
  readonly event: E
  readonly position: number
  readonly at: number
}

/** The events of a room after seq `after`, one page of them. */
export async function eventsAfter(
  ctx: Context,
  room: RoomId,
  after: number,
  limit = PAGE,
): Promise<Stretch<RoomEvent>> {
  const known = await ctx.directory.room(room)
  const rows = known ? await ctx.store.log(room, after, limit) : []
  const events = known ? await eventsOf(ctx, known, rows) : []
  const last = rows.at(-1)
  return {
    log: room,
    entries: events.map(event => ({ event, position: event.seq, at: event.at })),
    last: last?.seq ?? after,
    until: last?.at ?? 0,
    follows: 0,
    end: rows.length < limit,
  }
}

/** The steps of a run after position `after`, one page of them, a step an event. */
export async function stepsAfter(ctx: Context, id: RunId, after: number, limit = PAGE): Promise<Stretch<RunEvent>> {
  const [run] = await ctx.store.runs([id])
  const cast = run && (await castOf(ctx, run))
  const question = run && (await ctx.store.message(run.question))
  const steps = cast ? await ctx.store.runSteps(id, after, limit) : []
  const last = steps.at(-1)
  const entries = steps.flatMap(step => (cast ? [{ event: movedBy(cast, [step]), position: step.n, at: step.at }] : []))
  return {
    ...{ log: id, entries, last: last?.n ?? after, until: last?.at ?? 0 },
    follows: question?.number ?? 0,
    end: steps.length < limit,
  }
}

const movedBy = ({ run, room, agent, asker }: Cast, steps: RunEvent['steps']): RunEvent => ({
  type: 'run.moved',
  of: room,
  run,
  agent,
  asker,
  steps,
})

/** Everything that rows of a log refer to beside messages, found at once. */
interface Found {
  readonly shown: ReadonlyMap<MessageId, ShownMessage>
  readonly users: ReadonlyMap<string, User>
  /** How many members the room has now; how many it had then nobody keeps. */
  readonly members: number
}

async function eventsOf(ctx: Context, room: Room, rows: readonly LogRow[]): Promise<readonly RoomEvent[]> {
  const messages = rows.flatMap(row => ('message' in row && row.message.deletedAt === null ? [row.message] : []))
  const shown = new Map((await show(ctx, messages)).map(one => [one.message.id, one]))
  const users = await ctx.directory.users(rows.flatMap(peopleOf))
  const moved = rows.some(({ type }) => type === 'member.joined' || type === 'member.left')
  const members = moved ? (await ctx.store.members(room.id, { after: null, limit: 1 })).total : 0
  return rows.map(row => eventOf(row, room, { shown, users, members }))
}

const peopleOf = (row: LogRow) => {
  if ('run' in row) return [row.run.agent, row.run.asker]
  return 'file' in row ? [row.file.owner] : []
}

function eventOf(row: LogRow, room: Room, { shown, users, members }: Found): RoomEvent {
  const { seq, at } = row
  const gone = { type: 'gone', room, seq, at } as const
  switch (row.type) {
    case 'message.sent':
    case 'message.edited': {
      const one = shown.get(row.message.id)
      return one ? { type: row.type, room, seq, at, ...one } : gone
    }
    case 'message.deleted': {
      const { id: messageId, ordinal } = row.message
      return { type: row.type, room, seq, at, messageId, ordinal }
    }
    case 'member.joined':
    case 'member.left':
      return { type: row.type, room, seq, at, user: row.user, members }
    case 'room.changed':
    case 'room.deleted':
      return { type: row.type, room, seq, at }
    case 'run.started':
    case 'run.ended':
      return runEvent(row.type, row.run, { room, seq, at }, users) ?? gone
    case 'file.added': {
      const uploader = users.get(row.file.owner)
      return uploader ? { type: row.type, room, seq, at, file: row.file, uploader } : gone
    }
    case 'gone':
    case 'user.created':
    case 'user.changed':
    case 'user.deleted':
    case 'credentials.revoked':
      return gone
    default:
      return row satisfies never
  }
}

function runEvent(
  type: 'run.started' | 'run.ended',
  run: Run,
  place: { readonly room: Room; readonly seq: number; readonly at: number },
  users: ReadonlyMap<string, User>,
): RoomEvent | undefined {
  const [agent, asker] = [users.get(run.agent), users.get(run.asker)]
  return agent && asker && { type, ...place, run, agent, asker }
}
