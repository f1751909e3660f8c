import type { RunStep, RunStepContent } from '../run.ts'

/**
 * Compares what an agent gives with the steps that are stored of its run already, so that only what comes behind them is stored.
 * Text counts by what it says, wherever it is cut.
 */
export class Retracing {
  /** What has not come again yet, with no two texts in a row. */
  #left: readonly RunStepContent[]

  constructor(stored: readonly RunStep[]) {
    this.#left = joined(stored)
  }

  /** Whether everything that is stored came again. */
  get isDone(): boolean {
    return this.#left.length === 0
  }

  /** What of a step is new; undefined where it is not what is stored. */
  take(step: RunStepContent): readonly RunStepContent[] | undefined {
    const [next, ...later] = this.#left
    if (!next) return [step]
    if (step.type !== 'text' || next.type !== 'text' || step.by !== next.by) {
      if (JSON.stringify(step) !== JSON.stringify(next)) return undefined
      this.#left = later
      return []
    }
    if (next.text.startsWith(step.text)) {
      const rest = next.text.slice(step.text.length)
      this.#left = rest === '' ? later : [{ ...next, text: rest }, ...later]
      return []
    }
    if (!step.text.startsWith(next.text)) return undefined
    this.#left = later
    return this.take({ ...step, text: step.text.slice(next.text.length) })
  }
}

function joined(stored: readonly RunStep[]): readonly RunStepContent[] {
  const all: RunStepContent[] = []
  for (const { n: _, at: __, ...step } of stored) {
    const last = all.at(-1)
    if (step.type === 'text' && last?.type === 'text' && step.by === last.by)
      all[all.length - 1] = { ...last, text: last.text + step.text }
    else all.push(step)
  }
  return all
}
