import type { Violation } from '../checker/violation.ts'
import { type StoredRun, textOf } from './stored.ts'
import type { Witness } from './witness.ts'

/** What a question has to be answered with, whole. */
export type Expected = (asked: string) => string

/** What is wrong with the answers of a database, given what clients were shown of them. Pure. */
export function judge(runs: readonly StoredRun[], witnesses: readonly Witness[], expected: Expected): Violation[] {
  const byId = new Map(runs.map(run => [run.id, run]))
  const holes = witnesses.flatMap(witness => witness.holes()).map(what => ({ rule: 'ROOMS-191' as const, what }))
  return [
    ...different(runs, witnesses),
    ...holes,
    ...runs.flatMap(run => [...wrongIn(run), ...untold(run, byId, expected)]),
  ]
}

/** What clients were shown that is not what is stored. Pure. */
export function different(runs: readonly StoredRun[], witnesses: readonly Witness[]): Violation[] {
  const byId = new Map(runs.map(run => [run.id, run]))
  return witnesses.flatMap(witness => witness.different(byId)).map(what => ({ rule: 'ROOMS-191', what }))
}

/** A run whose steps have a hole, or are not what its message says. */
function wrongIn(run: StoredRun): Violation[] {
  const { id, head, steps, state, answer } = run
  const wrong: string[] = []
  const places = Array.from({ length: head }, (_, i) => i + 1)
  if (steps.size !== head || places.some(n => !steps.has(n)))
    wrong.push(`of ${id} ${steps.size} of ${head} steps are stored`)
  if ((steps.get(head)?.type === 'end') !== (state !== null))
    wrong.push(`${id} is ${state}, after ${JSON.stringify(steps.get(head))}`)
  if (state !== null && (answer ?? '') !== textOf(run))
    wrong.push(`the steps of ${id} are ${JSON.stringify(textOf(run))}, its message is ${JSON.stringify(answer)}`)
  return wrong.map(what => ({ rule: 'ROOMS-191', what }))
}

/** An answer that does not begin as it has to, with those that it goes on from, or that is said to be whole and is not. */
function untold(run: StoredRun, byId: ReadonlyMap<string, StoredRun>, expected: Expected): Violation[] {
  const [told, whole] = [toldBy(run, byId), expected(run.asked)]
  const isRight = run.state === 'completed' ? told === whole : whole.startsWith(told)
  if (isRight) return []
  return [
    { rule: 'ROOMS-193', what: `${run.state} ${run.id} tells ${JSON.stringify(told)} of ${JSON.stringify(whole)}` },
  ]
}

/** What a run tells with those that it goes on from. */
function toldBy(run: StoredRun, byId: ReadonlyMap<string, StoredRun>): string {
  const before = run.goesOn === null ? undefined : byId.get(run.goesOn)
  return (before ? toldBy(before, byId) : '') + textOf(run)
}

/** The last run of each question. */
export const latest = (runs: readonly StoredRun[]): readonly StoredRun[] => [
  ...new Map(runs.map(run => [run.question, run])).values(),
]
