import { type Effort, type Scenario, scaled, type Variant } from './scenario.ts'

const WATCHERS = 5
/** Where the generator plays the model; below the ports that a system gives to clients. */
export const MODEL_PORT = 20_000 + Math.floor(Math.random() * 10_000)

/** Settings with which the generator is the model. */
export const TELLER = { OPENAI_COMPATIBLE_URL: `http://127.0.0.1:${MODEL_PORT}/v1`, MODEL_DEFAULT: 'compatible/teller' }

/** What the server adds between a model that writes a token and people who read it. */
export function streams(effort: Effort): Scenario {
  const variant = (rooms: number, tokensPerSecond: number): Variant => ({
    name: `${rooms} × ${tokensPerSecond}/s`,
    users: rooms * WATCHERS,
    room: user => Math.floor(user / WATCHERS),
    settings: TELLER,
    plan: {
      kind: 'streams',
      over: 'rooms-2',
      rooms,
      watchersPerRoom: WATCHERS,
      tokensPerSecond,
      modelPort: MODEL_PORT,
      warmupSeconds: effort.seconds * 0.4,
      seconds: effort.seconds,
    },
  })
  return {
    name: 'streams',
    title: `Answers of a model as they come, each watched by ${WATCHERS}`,
    about:
      `The generator is the model, too: it writes tokens at a steady rate into each answer, and notes when each reaches the ${WATCHERS} people in its room at level 2. ` +
      'The first steps of a moment are stored at once, those that follow within 40 ms together. Peers know no agents.',
    durable: false,
    peers: ['parley-level2'],
    variants: [variant(1, 10), variant(1, 50), variant(scaled(50, effort, 2), 50), variant(scaled(200, effort, 3), 50)],
    columns: [
      { head: 'CPU %/stream', key: 'cpuPercentPerStream', digits: 2 },
      { head: 'CPU µs/step and watcher', key: 'cpuMicrosPerDelivery', digits: 1 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'token to screen p50 ms', key: 'latencyP50', digits: 1 },
      { head: 'p99', key: 'latencyP99', digits: 1 },
      { head: 'tokens/s and stream', key: 'tokensPerSecondAndStream', digits: 1 },
      { head: 'deliveries/s', key: 'deliveriesPerSecond', digits: 0 },
      { head: 'bytes/delivery', key: 'bytesPerDelivery', digits: 0 },
    ],
    notApplicable: () => undefined,
  }
}
