import { Counter, Gauge, type Registry } from 'prom-client'

/** Adds `by`, 1 unless given, to the count of a pair of labels. Allocates only for a pair it has not seen. */
export type Tally = (first: string, second: string | number, by?: number) => void

export interface Named {
  readonly name: string
  readonly help: string
}

/** A counter with two labels. Numbers stay plain numbers until somebody asks for them. */
export function tally(registry: Registry, named: Named, first: string, second: string): Tally {
  const counts = new Map<string, Map<string | number, number>>()
  new Counter({
    ...named,
    labelNames: [first, second],
    registers: [registry],
    collect() {
      this.reset()
      for (const [one, row] of counts)
        for (const [other, count] of row) this.inc({ [first]: one, [second]: other }, count)
    },
  })
  return (one, other, by = 1) => {
    const row = counts.get(one) ?? new Map<string | number, number>()
    if (row.size === 0) counts.set(one, row)
    row.set(other, (row.get(other) ?? 0) + by)
  }
}

/** A counter with one label. */
export function counter(registry: Registry, named: Named, label: string): (value: string, by?: number) => void {
  const counts = new Map<string, number>()
  new Counter({
    ...named,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset()
      for (const [value, count] of counts) this.inc({ [label]: value }, count)
    },
  })
  return (value, by = 1) => void counts.set(value, (counts.get(value) ?? 0) + by)
}

/** A number that is asked for when somebody looks. */
export function gauge(registry: Registry, named: Named, read: () => number | Promise<number>): void {
  new Gauge({
    ...named,
    registers: [registry],
    async collect() {
      this.set(await read())
    },
  })
}
