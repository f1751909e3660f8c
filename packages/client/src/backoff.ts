/** How long to wait before coming back. */
export interface BackoffOptions {
  /** Longest wait before the first attempt, in milliseconds. Default 1,000. */
  minDelay?: number
  /** Longest wait before any attempt, in milliseconds. Default 30,000. */
  maxDelay?: number
}

/**
 * The wait before attempt `attempt` (from 0) in milliseconds. The bound doubles with every attempt up to `maxDelay`; the
 * wait lies anywhere in its upper half, so that clients which lost a server together don't come back together.
 */
export function backoff(options: BackoffOptions, attempt: number, random: number): number {
  const { minDelay = 1_000, maxDelay = 30_000 } = options
  const bound = Math.min(minDelay * 2 ** attempt, maxDelay)
  return bound * (0.5 + random / 2)
}
