import type { AgentEvent } from '../../core/ports/agents.ts'
import type { RunStepContent } from '../../core/run.ts'
import type { TeamAgent } from './team.ts'

/** What a team made in one answer, for whoever reads its last step. */
export class Results {
  readonly #made: Record<string, unknown> = {}
  readonly #used = new Set<string>()
  #waiting: string | null = null

  use(agent: TeamAgent): void {
    this.#used.add(agent.name)
  }

  /** Takes up what a tool gave, where that is something saved: ids and the title of the first. Notes what waits for the asker. */
  hear(step: RunStepContent & { readonly type: 'tool' }): void {
    const { name, state, detail } = step
    if (state === 'waiting') this.#waiting = name
    if (state !== 'completed' || typeof detail !== 'object' || detail === null) return
    for (const [key, value] of Object.entries(detail)) {
      const isOurs = /^[a-z0-9_]+_id$/.test(key) || key === 'title'
      if (isOurs && typeof value === 'string' && !(key in this.#made)) this.#made[key] = value
    }
  }

  /** `done`: what is said of the whole answer where nothing waits. */
  event(done: string, model: string): AgentEvent {
    const message = this.#waiting === null ? done : `${this.#waiting} waits for an approval`
    const results = { ...this.#made, agents_used: [...this.#used], model_used: model, message }
    return { type: 'results', results }
  }
}
