const CAPACITY = 1 << 18

/** Keeps the newest 262,144 numbers. */
export function createSamples() {
  const kept = new Float64Array(CAPACITY)
  let count = 0
  return {
    add(value: number): void {
      kept[count++ % CAPACITY] = value
    },
    clear(): void {
      count = 0
    },
    /** The value that `share` of the numbers don't exceed; NaN when there are none. */
    quantile(share: number): number {
      return quantile(kept.subarray(0, Math.min(count, CAPACITY)), share)
    },
  }
}

/** The value that `share` of the numbers don't exceed; NaN when there are none. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
