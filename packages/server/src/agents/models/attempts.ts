import type { Later } from '../../core/runs/cast.ts'
import { pause } from '../patience.ts'
import { ModelFault } from './fault.ts'
import type { Model, ModelEvent, ModelRequest } from './model.ts'

/** Waits before a model is asked for the second and the third time, in milliseconds. There is no fourth. */
const WAITS = [500, 2_000]
/** Longest wait that a provider may ask for, in milliseconds; past that the next model is asked. */
const WAIT_MAX = 20_000

/** A model did not answer. */
export interface Trouble {
  readonly model: string
  readonly fault: ModelFault
  /** What is done about it: asked again after so many milliseconds, or without tools, another model, or nothing. */
  readonly next: { readonly wait: number } | { readonly without: 'tools' } | { readonly model: string } | null
}

export interface AttemptPorts {
  readonly later: Later
  readonly onTrouble: (trouble: Trouble) => void
}

/** What the model that answers gives. */
export interface Given {
  readonly model: Model
  readonly event: ModelEvent
}

/**
 * The answer of the first of `models` that begins one. Until it begins, a model is asked again where that may help, once without
 * tools where it may be the tools that it refuses, then the next one is asked. After that nothing is tried again: what was given
 * stays. Throws the ModelFault of the last one, or the signal's reason.
 */
export async function* firstAnswer(
  models: readonly Model[],
  requestFor: (model: Model) => Promise<ModelRequest>,
  signal: AbortSignal,
  { later, onTrouble }: AttemptPorts,
): AsyncGenerator<Given, void, void> {
  for (const [place, model] of models.entries()) {
    const other = models[place + 1]
    let hasTools = true
    for (let attempt = 0; ; attempt++) {
      const request = await requestFor(model)
      const given = yield* answerOf(model, hasTools ? request : withoutTools(request), signal)
      if (given.state === 'answered') return
      const { fault } = given
      const next = given.state === 'begun' ? null : nextAfter(fault, attempt, model, hasTools ? request : null, other)
      onTrouble({ model: model.name, fault, next })
      if (next === null) throw fault
      if ('model' in next) break
      if ('without' in next) hasTools = false
      else await pause(next.wait, later, signal)
    }
  }
}

/** What to do about a fault. `offered`: the request, where tools may be what was refused. */
function nextAfter(
  fault: ModelFault,
  attempt: number,
  model: Model,
  offered: ModelRequest | null,
  other: Model | undefined,
): Trouble['next'] {
  const wait = waitFor(fault, attempt)
  if (wait !== undefined) return { wait }
  if (offered && model.mayLackTools && isAboutTools(fault, offered)) return { without: 'tools' }
  return other ? { model: other.name } : null
}

/** Servers say it with 400 or 404. In the middle of rounds they know tools. */
const isAboutTools = ({ code }: ModelFault, { tools, turns }: ModelRequest): boolean =>
  (code === 'question_refused' || code === 'model_unknown') &&
  tools.length > 0 &&
  !turns.some(({ role }) => role === 'called')

const withoutTools = (request: ModelRequest): ModelRequest => ({ ...request, tools: [] })

type Outcome =
  | { readonly state: 'answered' }
  /** It broke after it had begun, or before. */
  | { readonly state: 'begun' | 'failed'; readonly fault: ModelFault }

async function* answerOf(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<Given, Outcome, void> {
  let state: 'begun' | 'failed' = 'failed'
  try {
    for await (const event of model.stream(request, signal)) {
      if (event.type === 'finish' && event.reason === 'stop' && state === 'failed') throw new ModelFault('empty')
      state = 'begun'
      yield { model, event }
    }
    return { state: 'answered' }
  } catch (error) {
    if (signal.aborted || !(error instanceof ModelFault)) throw error
    return { state, fault: error }
  }
}

/** How long to wait before the same model is asked again; undefined where that is no use. */
function waitFor(fault: ModelFault, attempt: number): number | undefined {
  const wait = WAITS[attempt]
  if (wait === undefined || !fault.isPassing) return undefined
  const asked = Math.max(wait, fault.retryAfter ?? 0)
  return asked <= WAIT_MAX ? asked : undefined
}
