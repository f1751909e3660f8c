import { TokenBowlWebSocket } from '../../../packages/client/src/index.ts'
import type { Life } from '../history.ts'
import type { Member } from './actor.ts'
import { type Awaited, createAwaited } from './awaited.ts'

/** A client of our SDK that comes back after every crash. */
export interface Returner extends AsyncDisposable {
  readonly member: Member
  /** All it was ever given. */
  readonly life: Life
  /** How often it was connected. */
  readonly connections: number
  readonly given: Awaited['given']
}

/** A hasty one is there before the others, a leisurely one comes when they are talking again. */
export type Pace = 'hasty' | 'leisurely'

const WAITS = { hasty: { minDelay: 10, maxDelay: 100 }, leisurely: { minDelay: 500, maxDelay: 1_000 } } as const

export async function openReturner(url: string, member: Member, pace: Pace): Promise<Returner> {
  const life: Life = { user: member.name, shown: [] }
  const { hear, given } = createAwaited(member.name)
  let connections = 0
  const ws = new TokenBowlWebSocket({
    apiKey: member.key,
    baseUrl: url,
    timeout: 5_000,
    reconnect: WAITS[pace],
    onConnect: () => connections++,
    onMessage: ({ id, content }) => {
      life.shown.push(id)
      hear(content)
    },
  })
  await ws.connect()
  return {
    member,
    life,
    get connections() {
      return connections
    },
    given,
    [Symbol.asyncDispose]: () => ws.disconnect(),
  }
}
