/** Values from a source that does not wait, for a reader that takes its time. They wait in memory. */
export interface Queue<T> {
  push(value: T): void
  /** Once what waits was read, the reader's loop ends, or throws `error`. */
  end(error?: Error): void
  readonly values: AsyncGenerator<T, undefined>
}

/**
 * `left` is called when the reader's loop is over, for whatever reason; perhaps twice. A reader that leaves more than
 * `limit.max` values waiting gets `limit.error` after them.
 */
export function createQueue<T>(
  left: () => void,
  limit: { readonly max: number; readonly error: () => Error } | undefined = undefined,
): Queue<T> {
  let waiting: T[] = []
  let ended: { readonly error: Error | undefined } | undefined
  let changed = Promise.withResolvers<void>()

  async function* read(): AsyncGenerator<T, undefined> {
    try {
      for (;;) {
        changed = Promise.withResolvers()
        const batch = waiting
        waiting = []
        yield* batch
        if (waiting.length > 0) continue
        if (ended?.error) throw ended.error
        if (ended) return
        await changed.promise
      }
    } finally {
      left()
    }
  }

  const values = read()
  const finish = values.return.bind(values)
  // A loop that was never begun would end without its `finally`.
  values.return = async value => {
    left()
    return finish(value)
  }

  return {
    push(value) {
      if (ended) return
      if (limit && waiting.length >= limit.max) ended = { error: limit.error() }
      else waiting.push(value)
      changed.resolve()
    },
    end(error) {
      ended ??= { error }
      changed.resolve()
    },
    values,
  }
}
