/** A rule of `docs/durability.md`, or of `docs/spec/rooms.md`, that does not hold, and where. */
export interface Violation {
  readonly rule: `DUR-${number}` | `ROOMS-${number}`
  readonly what: string
}

/** For a list that nobody reads to its end. */
export function shortened(violations: readonly Violation[], perRule = 5): string {
  const byRule = Map.groupBy(violations, violation => violation.rule)
  return [...byRule]
    .flatMap(([rule, some]) => [
      ...some.slice(0, perRule).map(({ what }) => `[${rule}] ${what}`),
      ...(some.length > perRule ? [`[${rule}] and ${some.length - perRule} more`] : []),
    ])
    .join('\n')
}
