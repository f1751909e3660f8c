import type { Later } from '../../core/runs/cast.ts'
import { ModelFault } from './fault.ts'
import type { Model, ModelEvent, ModelRequest } from './model.ts'
import { pause } from './patience.ts'

/** Waits before a model is asked for the second and the third time, in milliseconds. There is no fourth. */
const WAITS = [500, 2_000]
/** Longest wait that a provider may ask for, in milliseconds; past that the next model is asked. */
const WAIT_MAX = 20_000

/** A model did not answer. */
export interface Trouble {
  readonly model: string
  readonly fault: ModelFault
  /** What is done about it: asked again after so many milliseconds, another model, or nothing. */
  readonly next: { readonly wait: number } | { readonly model: string } | null
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
 * The answer of the first of `models` that begins one. Until it begins, a model is asked again where that may help, then the
 * next one is. After that nothing is tried again: what was given stays. Throws the ModelFault of the last one, or the signal's reason.
 */
export async function* firstAnswer(
  models: readonly Model[],
  requestFor: (model: Model) => Promise<ModelRequest>,
  signal: AbortSignal,
  { later, onTrouble }: AttemptPorts,
): AsyncGenerator<Given, void, void> {
  for (const [place, model] of models.entries()) {
    const other = models[place + 1]
    for (let attempt = 0; ; attempt++) {
      const given = yield* answerOf(model, await requestFor(model), signal)
      if (given.state === 'answered') return
      const { fault } = given
      const wait = given.state === 'begun' ? undefined : waitFor(fault, attempt)
      const next = wait !== undefined ? { wait } : given.state !== 'begun' && other ? { model: other.name } : null
      onTrouble({ model: model.name, fault, next })
      if (next === null) throw fault
      if (wait === undefined) break
      await pause(wait, later, signal)
    }
  }
}

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
