import type { Message } from '../../core/message.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import type { Run, RunStep } from '../../core/run.ts'
import { done, refused } from '../outcomes.ts'
import { place } from './messages.ts'
import type { RunState } from './runs.ts'
import { charge } from './spending.ts'
import { livingRoom, log, type State, timeIn } from './state.ts'

export function endRun(state: State, write: WriteOf<'run.end'>): Outcome<'run.end'> {
  const { answer: id, state: ending, usage, fault, by = null } = write
  const before = state.runs.get(write.run)
  if (!before) return refused({ code: 'run_unknown' })
  if (before.run.end) return refused({ code: 'run_ended' })
  if (state.messages.has(id)) return refused({ code: 'id_conflict' })
  const room = livingRoom(state, before.run.room)
  const at = room ? timeIn(room, write.at) : write.at
  const draft = answerOf(before, write, at)
  const message = room && draft ? place(state, room, draft) : null
  const run: Run = { ...before.run, end: { state: ending, at, usage, fault, answer: message?.id ?? null, by } }
  const step: RunStep = { type: 'end', state: ending, ...write.outcome, n: before.head + 1, at }
  state.runs.set(run.id, { ...before, run, steps: [...before.steps, step], head: step.n })
  charge(state, run, room, usage?.charge ?? 0, at)
  const seq = message?.seq ?? (room ? log(room, { type: 'run.ended', run: run.id, at }) : 0)
  return done({ run, step, message, seq, at })
}

type Draft = Omit<Message, 'number' | 'room' | 'seq' | 'ordinal' | 'editedAt' | 'deletedAt'>

/** The message that the texts of a run become; undefined where there are none. */
function answerOf({ run, steps }: RunState, { answer: id }: WriteOf<'run.end'>, at: number): Draft | undefined {
  const body = steps.map(step => (step.type === 'text' ? step.text : '')).join('')
  if (body === '') return undefined
  const { agent: sender, conversation } = run
  return { id, sender, kind: 'text', body, clientId: null, replyTo: null, conversation, run: run.id, at }
}
