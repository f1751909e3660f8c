/**
 * Lets generators work side by side: gives what they give as it comes, and returns what they return, in their order. One that
 * throws ends the others.
 */
export async function* abreast<T, R>(
  all: readonly AsyncGenerator<T, R, void>[],
): AsyncGenerator<T, readonly R[], void> {
  const results: { readonly value: R }[] = []
  const next = (place: number, one: AsyncGenerator<T, R, void>) => one.next().then(step => ({ place, one, step }))
  const steps = new Map(all.map((one, place) => [place, next(place, one)]))
  try {
    while (steps.size > 0) {
      const { place, one, step } = await Promise.race(steps.values())
      steps.delete(place)
      if (step.done) results[place] = { value: step.value }
      else {
        steps.set(place, next(place, one))
        yield step.value
      }
    }
    return results.map(({ value }) => value)
  } finally {
    for (const left of steps.values()) left.catch(() => undefined)
    // One that is stuck would keep its caller waiting. What it returns now nobody reads.
    for (const one of all) one.return(undefined as never).catch(() => undefined)
  }
}
