import type { RoomId, RunId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { RunOrder } from '../../core/ports/agent-writes.ts'
import type { RunReads } from '../../core/ports/store.ts'
import type { NewRun, Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Run, RunOrigin, RunStep } from '../../core/run.ts'
import { done, refused } from '../outcomes.ts'
import { livingRoom, log, type RoomState, type State, timeIn } from './state.ts'

export interface RunState {
  readonly run: Run
  /** None once the text they became was changed or is gone. */
  readonly steps: readonly RunStep[]
  /** Position of the last step there ever was. */
  readonly head: number
  /** Who wanted it, where it answers again. */
  readonly order?: RunOrder
}

/** Starts the run that is to answer a message just stored. */
export function startRun(state: State, room: RoomState, question: Message, { id, agent, options }: NewRun) {
  const { conversation, sender: asker, clientId, at } = question
  const run: Run = {
    ...{ id, room: room.room.id, conversation, agent, asker, question: question.id, clientId, options },
    origin: null,
    startedAt: at,
    end: null,
  }
  state.runs.set(id, { run, steps: [], head: 0 })
  return { run, seq: log(room, { type: 'run.started', run: id, at }) }
}

export function startAgain(state: State, write: WriteOf<'run.start'>): Outcome<'run.start'> {
  const { id, origin, order } = write
  const first = [...state.runs.values()].find(known => isSameOrder(known.order, order))?.run
  if (first)
    return isSameOrigin(first.origin, origin)
      ? done({ state: 'repeated', run: first })
      : refused({ code: 'id_conflict' })
  const earlier = state.runs.get(origin.run)?.run
  const room = earlier && livingRoom(state, earlier.room)
  if (!earlier || !room) return refused({ code: 'run_unknown' })
  if (!earlier.end) return refused({ code: 'run_open' })
  const question = state.messages.get(earlier.question)
  if (question?.deletedAt !== null) return refused({ code: 'message_unknown', id: earlier.question })
  if (state.runs.has(id)) return refused({ code: 'id_conflict' })
  const at = timeIn(room, write.at)
  const run: Run = { ...earlier, id, clientId: null, origin, startedAt: at, end: null }
  state.runs.set(id, { run, steps: [], head: 0, order })
  return done({ state: 'started', run, seq: log(room, { type: 'run.started', run: id, at }), at })
}

const isSameOrder = (known: RunOrder | undefined, { by, clientId }: RunOrder): boolean =>
  clientId !== null && known?.by === by && known.clientId === clientId

const isSameOrigin = (known: RunOrigin | null, { run, how }: RunOrigin): boolean =>
  known?.run === run && known.how === how

export function appendSteps(state: State, { run: id, steps, at }: WriteOf<'run.append'>): Outcome<'run.append'> {
  const before = state.runs.get(id)
  if (!before) return refused({ code: 'run_unknown' })
  if (before.run.end) return refused({ code: 'run_ended' })
  const added = steps.map((step, index): RunStep => ({ ...step, n: before.head + index + 1, at }))
  state.runs.set(id, { ...before, steps: [...before.steps, ...added], head: before.head + added.length })
  return done({ steps: added })
}

/** Forgets what a run said, for a message that was edited or deleted. */
export function dropSteps(state: State, id: RunId | null): void {
  const run = id && state.runs.get(id)
  if (run) state.runs.set(id, { ...run, steps: [] })
}

/** Forgets the run that goes with a message which is erased: the one whose text it is, or that answered it without any. */
export function dropRuns(state: State, { id, run: own }: Message): void {
  if (own) state.runs.delete(own)
  for (const { run } of state.runs.values()) {
    if (run.question === id && run.end?.answer === null) state.runs.delete(run.id)
  }
}

/** Erases at most `limit` runs of a room and returns how many. */
export function eraseRuns(state: State, room: RoomId, limit: number): number {
  const runs = [...state.runs.keys()].filter(id => state.runs.get(id)?.run.room === room).slice(0, limit)
  for (const id of runs) state.runs.delete(id)
  return runs.length
}

export function runReads(state: State): Omit<RunReads, 'spentOn' | 'summary'> {
  return {
    runs: async ids => ids.flatMap(id => state.runs.get(id)?.run ?? []),
    runSteps: async (id, after, limit) =>
      (state.runs.get(id)?.steps ?? []).filter(step => step.n > after).slice(0, limit),
    toolSteps: async id => (state.runs.get(id)?.steps ?? []).filter(({ type }) => type === 'tool'),
    runHeads: async ids => ids.map(id => state.runs.get(id)?.head ?? 0),
    runsOf: async question => [...state.runs.values()].map(({ run }) => run).filter(run => run.question === question),
    openRuns: async () => [...state.runs.values()].map(({ run }) => run).filter(({ end }) => end === null),
  }
}
