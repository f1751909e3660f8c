import { CallFailed, type OperatorFetch } from '../core/ports/outbound.ts'
import { CONNECT_TIMEOUT } from './dialer.ts'
import { createFetching } from './fetching.ts'

/** Most bytes of an answer that does not come as events. */
const BODY_MAX = 4 * 1024 * 1024

/** The way out to addresses that the operator gave us. */
export interface OperatorCalls {
  readonly fetch: OperatorFetch
  /** Ends open calls and connections. */
  close(): Promise<void>
}

/** A redirect is a failure, so what a header holds stays where it was meant for. */
export function createOperatorCalls(): OperatorCalls {
  const { fetch, close } = createFetching({ connect: { timeout: CONNECT_TIMEOUT }, bodyMax: BODY_MAX })
  return {
    async fetch(url, init) {
      const answer = await fetch(url, init)
      if (answer.status < 300 || answer.status >= 400) return answer
      await answer.body?.cancel()
      throw new CallFailed('redirected_too_often')
    },
    close,
  }
}
