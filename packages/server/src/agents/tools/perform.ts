import type { Question } from '../../core/ports/agents.ts'
import type { RunStepContent } from '../../core/run.ts'
import type { Later } from '../../core/runs/cast.ts'
import { type Approvals, approvalNeeded, isHiddenThere, type WhyAsked } from './approval.ts'
import type { Details } from './cut.ts'
import { checkArguments } from './schema.ts'
import { mayBeApproved, seen } from './shown-arguments.ts'
import { type Json, type JsonObject, type Tool, ToolFailed } from './tool.ts'
import { useOf } from './use.ts'

/** A call to perform. Nothing of it is checked. */
export interface Call {
  /** What the steps call it; unique within the run. */
  readonly id: string
  readonly name: string
  readonly args: Json
  /** The asker approved exactly these arguments. Only whoever took the approval says so. */
  readonly isApproved?: boolean
}

/** Where calls are made. */
export interface Place {
  readonly question: Question
  /** The tools there are, none else. */
  readonly tools: ReadonlyMap<string, Tool>
  readonly details: Details
}

export interface PerformPorts {
  readonly later: Later
  readonly approvals: Pick<Approvals, 'ask'>
  /** Hears of errors that are ours. */
  readonly onFault: (error: unknown) => void
}

export type ToolStep = RunStepContent & { readonly type: 'tool' }

/** What became of a call. */
export type Performed =
  | { readonly state: 'completed'; readonly value: Json }
  | {
      readonly state: 'failed'
      readonly error: string
      /** For the model alone. */
      readonly why: string | null
      readonly status: number | null
    }
  | {
      readonly state: 'waiting'
      readonly tool: Tool
      readonly args: JsonObject
      readonly code: string
      /** Milliseconds since 1970. */
      readonly expiresAt: number
    }

/** Longest name that is shown of a tool there is none of, in UTF-16 units. */
const NAME_MAX = 64

/**
 * Performs one call: checks it, lets it wait for its asker where it must, else uses the tool. Yields the steps that people see
 * and returns what became of it. Throws nothing but the signal's reason, at once when that aborts, whatever the tool does.
 */
export async function* perform(
  call: Call,
  place: Place,
  signal: AbortSignal,
  ports: PerformPorts,
): AsyncGenerator<ToolStep, Performed, void> {
  const tool = place.tools.get(call.name)
  if (!tool) return yield* refusal(stepsOf(call, place, false), call, `Unknown tool: ${nameOf(call)}`, null)
  const steps = stepsOf(call, place, isHiddenThere(tool, place.question))
  const checked = checkArguments(call.args, tool.parameters)
  if (checked.state === 'unfit') return yield* refusal(steps, call, 'Invalid arguments', checked.why)
  const why = call.isApproved ? null : approvalNeeded(tool, place.question)
  const act = why === null ? carryOut : letWait(why)
  return yield* act({ tool, args: checked.args, question: place.question }, steps, signal, ports)
}

/** A call that may be made. */
interface Wanted {
  readonly tool: Tool
  readonly args: JsonObject
  readonly question: Question
}

type Act = (
  wanted: Wanted,
  steps: Steps,
  signal: AbortSignal,
  ports: PerformPorts,
) => AsyncGenerator<ToolStep, Performed, void>

const letWait = (why: WhyAsked): Act =>
  async function* (wanted, steps, signal, ports) {
    if (!mayBeApproved(wanted.args)) return yield* failing(steps, TOO_LONG)
    const asked = await settled(() => ports.approvals.ask({ ...wanted, why }), signal, ports)
    if (asked.state === 'failed') return yield* failing(steps, asked)
    const { code, expiresAt } = asked.value
    const { tool, args } = wanted
    yield steps.of('waiting', { approval: code, expires_at: expiresAt, ...(!steps.isHidden && { arguments: args }) })
    return { state: 'waiting', tool, args, code, expiresAt }
  }

const TOO_LONG: Failed = {
  state: 'failed',
  error: 'Invalid arguments',
  why: 'they are too long for somebody to approve',
  status: null,
}

const carryOut: Act = async function* ({ tool, args, question }, steps, signal, ports) {
  yield steps.of('started', steps.shown({ arguments: args }))
  const use = useOf(tool, args, question, signal, ports.later)
  try {
    // It is the first that people can do without.
    for await (const { message, progress } of use.progress)
      if (!steps.isFull()) yield steps.of('progress', steps.shown({ message, progress }))
    const outcome = await settled(() => use.result, signal, ports)
    if (outcome.state === 'failed') return yield* failing(steps, outcome)
    yield steps.of('completed', steps.shown(outcome.value))
    return outcome
  } finally {
    use.end()
  }
}

type Failed = Performed & { readonly state: 'failed' }

async function* refusal(steps: Steps, call: Call, error: string, why: string | null) {
  yield steps.of('started', steps.shown({ arguments: call.args }))
  return yield* failing(steps, { state: 'failed', error, why, status: null })
}

async function* failing(steps: Steps, failed: Failed): AsyncGenerator<ToolStep, Failed, void> {
  const { error, status } = failed
  yield steps.of('failed', steps.shown(status === null ? { error } : { error, status }))
  return failed
}

type Steps = ReturnType<typeof stepsOf>

const stepsOf = (call: Call, { details }: Place, isHidden: boolean) => ({
  isHidden,
  isFull: () => details.isFull,
  of: (state: ToolStep['state'], detail: Json): ToolStep => ({
    ...({ type: 'tool', call: call.id, name: nameOf(call), state } as const),
    detail,
  }),
  /** What is shown of `value` there. */
  shown: (value: Json): Json => (isHidden ? null : details.take(value)),
})

const nameOf = ({ name }: Call): string => seen(name.slice(0, NAME_MAX).toWellFormed())

/** What some work comes to, with words for whatever goes wrong in it. Throws the signal's reason once that aborts. */
async function settled<T>(work: () => Promise<T>, signal: AbortSignal, { onFault }: PerformPorts) {
  try {
    return { state: 'completed', value: await work() } as const
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const isKnown = error instanceof ToolFailed
    if (!isKnown) onFault(error)
    const [text, status] = isKnown ? [error.message, error.status] : ['The tool failed', null]
    return { state: 'failed', error: text, why: null, status } as const
  }
}
