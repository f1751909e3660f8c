/** Chance that a seed repeats: the same seed makes the same choices, though not the same timing. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** An independent source for one actor, so that the choices of others don't shift its own. */
  fork(): Random
}

/** Mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    next,
    below,
    chance: probability => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      const picked = list[below(list.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    fork: () => seeded(below(2 ** 32)),
  }
}

/** FAULT_SEED where it is given, to repeat a run; else a new one. Whoever uses it prints it. */
export const seedOfThisRun = (): number => Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))
