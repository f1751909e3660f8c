import { ChatError } from '../chat/errors.ts'
import type { Clock } from '../clock.ts'
import type { RoomsFrame } from './frames.ts'

/** Calls that wait for a frame. */
export interface Waiters {
  /**
   * Resolves with what `pick` makes of the first frame that it makes something of. Rejects with ChatError: the `error` frame that
   * answers `messageId`, TIMEOUT, or UNREACHABLE when the connection is lost.
   */
  wait<T>(messageId: string, pick: (frame: RoomsFrame) => T | undefined): Promise<T>
  hear(frame: RoomsFrame): void
  lost(): void
}

interface Waiter {
  readonly messageId: string
  hear(frame: RoomsFrame): void
  fail(error: ChatError): void
}

export function createWaiters(clock: Clock, timeout: number): Waiters {
  const waiting = new Set<Waiter>()
  return {
    wait(messageId, pick) {
      return new Promise((resolve, reject) => {
        const over = () => {
          cancelTimer()
          waiting.delete(waiter)
        }
        const waiter: Waiter = {
          messageId,
          hear(frame) {
            const found = pick(frame)
            if (found === undefined) return
            over()
            resolve(found)
          },
          fail(error) {
            over()
            reject(error)
          },
        }
        const overdue = () => waiter.fail(new ChatError('TIMEOUT', `No answer within ${timeout} ms`))
        const cancelTimer = clock.after(timeout, overdue)
        waiting.add(waiter)
      })
    },
    hear(frame) {
      for (const waiter of [...waiting]) {
        if (frame.type !== 'error') waiter.hear(frame)
        else if (frame.message_id === waiter.messageId) waiter.fail(new ChatError(frame.data.code, frame.data.error))
      }
    },
    lost() {
      for (const waiter of [...waiting]) waiter.fail(new ChatError('UNREACHABLE', 'The connection was lost'))
    },
  }
}
