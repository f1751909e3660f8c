import type { StoredRun, StoredStep } from './stored.ts'

/** A step as a client was shown it. */
interface Seen {
  readonly type: string
  readonly text: string | null
  readonly state: string | null
}

/** Everything that one client was ever shown of answers. */
export class Witness {
  readonly name: string
  readonly #seen = new Map<string, Map<number, Seen>>()
  /** Steps that it was shown, repeats left out. */
  shown = 0
  readonly faults: string[] = []

  constructor(name: string) {
    this.name = name
  }

  /** Notes a step frame. */
  see(type: string, data: Readonly<Record<string, unknown>>): void {
    const run = String(data.run_id).replaceAll('-', '')
    const steps = this.#seen.get(run) ?? new Map<number, Seen>()
    this.#seen.set(run, steps)
    const step = { type: type.replace('run_', ''), text: maybe(data.text), state: maybe(data.state) }
    const before = steps.get(Number(data.n))
    if (!before) this.shown++
    else if (JSON.stringify(before) !== JSON.stringify(step))
      this.faults.push(
        `${this.name} was shown step ${data.n} of ${run} as ${JSON.stringify(before)}, then as ${JSON.stringify(step)}`,
      )
    steps.set(Number(data.n), step)
  }

  /** What it was shown that is not what is stored. True at any moment. Pure. */
  different(stored: ReadonlyMap<string, StoredRun>): readonly string[] {
    const wrong = [...this.#seen].flatMap(([id, steps]) =>
      [...steps].flatMap(([n, seen]) => {
        const step = stored.get(id)?.steps.get(n)
        return isAlike(seen, step)
          ? []
          : [`${this.name} was shown ${JSON.stringify(seen)} as step ${n} of ${id}; stored is ${JSON.stringify(step)}`]
      }),
    )
    return [...this.faults, ...wrong]
  }

  /** Runs of which it was shown a step and not all before it, once it has caught up. Pure. */
  holes(): readonly string[] {
    return [...this.#seen].flatMap(([id, steps]) => {
      const last = Math.max(...steps.keys())
      return steps.size === last ? [] : [`${this.name} was shown ${steps.size} of the first ${last} steps of ${id}`]
    })
  }
}

const isAlike = (seen: Seen, step: StoredStep | undefined): boolean =>
  step?.type === seen.type && (step.text ?? null) === seen.text && (step.state ?? null) === seen.state

const maybe = (value: unknown): string | null => (typeof value === 'string' ? value : null)
