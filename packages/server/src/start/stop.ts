import { StoreFailed } from '../core/ports/store.ts'
import type { Log } from '../sessions/observe.ts'

/** Longest time an orderly stop may take, in milliseconds. Supervisors commonly kill after ten seconds. */
const STOP_TIMEOUT = 9_000

/** npm passes Ctrl-C on to a program that already got it from the terminal. What comes this soon after is no second wish. */
const ECHO = 500

/** Exit codes that shells give to processes which a signal ended. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
type StopSignal = keyof typeof SIGNALS

/** How often it is looked whether npm is still there, in milliseconds. */
const PARENT_WATCH = 500

/**
 * Ends the process in order on the signals, and when the npm that started it is gone: exit code 0 once `stop` is done, 1
 * when it takes too long. A second signal, half a second later or more, ends it at once.
 */
export function stopOnSignals(log: Log, signals: readonly StopSignal[], stop: () => Promise<void>): void {
  let stoppingSince: number | undefined
  const hear = async (reason: StopSignal | 'npm is gone') => {
    if (stoppingSince !== undefined) {
      if (reason !== 'npm is gone' && performance.now() - stoppingSince > ECHO) process.exit(SIGNALS[reason])
      return
    }
    stoppingSince = performance.now()
    log.info({ reason }, 'stopping')
    setTimeout(() => {
      log.error({}, 'stopping took too long; what is left is cut off')
      process.exit(1)
    }, STOP_TIMEOUT).unref()
    await stop()
    log.info({}, 'stopped')
    process.exit(0)
  }
  for (const signal of signals) process.on(signal, () => void hear(signal))
  whenNpmIsGone(() => void hear('npm is gone'))
}

// A SIGTERM ends npm and the shell in between, which pass it on to nobody: what they started would run on without them.
function whenNpmIsGone(stop: () => void): void {
  const parent = process.ppid
  if (!process.env.npm_lifecycle_event) return
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, PARENT_WATCH).unref()
}

/**
 * A fault that nobody caught leaves the server in an unknown state, in which it must not acknowledge anything: it says
 * so and ends, and whoever started it starts it again.
 */
export function dieOnFaults(log: Log): void {
  const die = (text: string) => (error: unknown) => {
    log.error({ err: error }, `${text}; the server ends`)
    process.exit(1)
  }
  process.on('uncaughtException', die('a fault was not caught'))
  process.on('unhandledRejection', die('a failed promise was not caught'))
}

/** Logs faults that no caller can be told of; a store whose writer is gone can only be opened anew, so then the server ends. */
export const logFaults =
  (log: Log) =>
  (error: unknown): void => {
    log.error({ err: error }, 'a fault')
    if (error instanceof StoreFailed && error.code === 'crashed') process.exit(1)
  }

/** Reads the TLS files again on SIGHUP; where they are no good, what was read before stays. */
export function reloadOnHangUp(log: Log, reloadTls: () => void): void {
  process.on('SIGHUP', () => {
    try {
      reloadTls()
      log.info({}, 'read the TLS files again')
    } catch (error) {
      log.error({ err: error }, 'kept the TLS files that were read before')
    }
  })
}
