/** Calls `run` once after `ms` milliseconds, unless the function it returns is called before. Tests own it. */
export type After = (ms: number, run: () => void) => () => void

/** By the machine's timers. A wait does not keep the process alive. */
export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}
