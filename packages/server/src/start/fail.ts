import { OperatorFault } from '../system/fault.ts'

/** Says why the program can't go on, and ends it. What nobody foresaw keeps its stack trace: that is a bug to report. */
export function fail(headline: string, error: unknown): never {
  const reason = error instanceof OperatorFault ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`${headline}\n${reason}\n`)
  process.exit(1)
}
