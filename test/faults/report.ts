import type { TestContext } from 'vitest'

/** Prints what a run did: a test that did nothing must not look like one that found nothing. */
export const report = (line: string): void => void process.stdout.write(`FAULTS  ${line}\n`)

/**
 * Leaves out a test that can't run on this machine, and says so. Where PARLEY_REQUIRE_ALL is 1 that is a failure, unless
 * it was to be expected.
 */
export function leaveOut({ skip, task }: TestContext, why: string, expected = false): never {
  report(`SKIPPED ${task.name}: ${why}`)
  if (process.env.PARLEY_REQUIRE_ALL === '1' && !expected) throw new Error(`could not run: ${why}`)
  return skip(why)
}
