import type { Clock } from '../clock.ts'
import { ChatError } from './errors.ts'
import type { Run } from './run.ts'

/** Finds the answer to a question. */
export interface Asking {
  /** A question is about to be sent, as `clientId`. */
  begin(clientId: string): Question
  started(run: Run): void
  /** The server says what became of it, in place of an answer. Whether somebody waits for that. */
  failed(clientId: string, error: ChatError): boolean
  end(error: ChatError): void
}

export interface Question {
  /** Resolves with the run that answers the stored message `id`. Rejects with ChatError: NO_ANSWER when there is none in time. */
  run(id: string): Promise<Run>
  /** Nobody waits any more. */
  drop(): void
}

interface Waiting {
  readonly runs: Map<string, Run>
  id: string | undefined
  readonly found: PromiseWithResolvers<Run>
}

export function createAsking(clock: Clock, timeout: number): Asking {
  const waiting = new Map<string, Waiting>()
  return {
    begin(clientId) {
      const entry: Waiting = { runs: new Map(), id: undefined, found: Promise.withResolvers() }
      entry.found.promise.catch(() => {})
      waiting.set(clientId, entry)
      let cancelTimer = () => {}
      return {
        run(id) {
          entry.id = id
          const run = entry.runs.get(id)
          if (run) entry.found.resolve(run)
          const overdue = () =>
            entry.found.reject(new ChatError('NO_ANSWER', `Nobody began to answer within ${timeout} ms`))
          cancelTimer = clock.after(timeout, overdue)
          return entry.found.promise
        },
        drop() {
          cancelTimer()
          waiting.delete(clientId)
        },
      }
    },
    started(run) {
      const question = run.info?.question
      if (question === undefined) return
      for (const { runs, id, found } of waiting.values()) {
        // An answer may begin before the question is confirmed.
        if (id === undefined) runs.set(question, run)
        else if (id === question) found.resolve(run)
      }
    },
    failed(clientId, error) {
      const entry = waiting.get(clientId)
      entry?.found.reject(error)
      return entry !== undefined
    },
    end(error) {
      for (const { found } of waiting.values()) found.reject(error)
    },
  }
}
