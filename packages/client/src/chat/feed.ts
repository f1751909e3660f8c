import { createEmitter, type Listener } from '../emitter.ts'
import { createQueue } from '../queue.ts'
import { ChatError } from './errors.ts'

/** Anything told apart by its `type`. */
interface Typed {
  readonly type: string
}

/** One of the events of a kind. */
export type Of<E extends Typed, T extends E['type']> = Extract<E, { readonly type: T }>

/** Events for listeners and loops, in the order in which they are told. */
export interface Feed<E extends Typed> {
  /** Adds a listener; the answer removes it. */
  on<T extends E['type']>(type: T, listener: Listener<[event: Of<E, T>]>): () => void
  tell(event: E): void
  /** Every event from now on. */
  loop(): AsyncGenerator<E, undefined>
  /** Ends the loops once they have read what waits: in order, or with `error`. */
  end(error?: Error): void
}

/** A loop that leaves so many events unread ends with TOO_SLOW. */
const UNREAD_MAX = 10_000
const LIMIT = {
  max: UNREAD_MAX,
  error: () => new ChatError('TOO_SLOW', `More than ${UNREAD_MAX} events wait to be read`),
}

/** `failed` hears of what listeners throw or reject with; they stop nothing. */
export function createFeed<E extends Typed>(failed: (error: Error) => void): Feed<E> {
  const emitter = createEmitter<Record<string, [event: E]>>(failed)
  const loops = new Set<{ push(event: E): void; end(error?: Error): void }>()
  let isOver: { readonly error: Error | undefined } | undefined
  return {
    // An event is told under its own type alone.
    on: (type, listener) => emitter.on(type, listener as Listener<[event: E]>),
    tell(event) {
      emitter.emit(event.type, event)
      for (const loop of loops) loop.push(event)
    },
    loop() {
      const queue = createQueue<E>(() => loops.delete(queue), LIMIT)
      if (isOver) queue.end(isOver.error)
      else loops.add(queue)
      return queue.values
    },
    end(error) {
      isOver = { error }
      for (const loop of loops) loop.end(error)
      loops.clear()
    },
  }
}
