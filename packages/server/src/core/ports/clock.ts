/** Time as the core sees it. Tests own it. */
export interface Clock {
  /** Milliseconds since 1970. May jump when the machine's clock is set. */
  now(): number
  /** Milliseconds since some fixed moment; never falls. For durations. */
  monotonic(): number
}
