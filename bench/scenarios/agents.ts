import { type Effort, type Scenario, scaled } from './scenario.ts'

const WATCHERS = 10
const WORDS = 400

/** Answers that many people watch while they are written. */
export function agents(effort: Effort): Scenario {
  const rooms = scaled(100, effort, 2)
  return {
    name: 'agents',
    title: `${rooms} answers at once, each watched by ${WATCHERS}`,
    about:
      `In each of ${rooms} rooms one of ${WATCHERS} asks the built-in guide, all at the same time, to say ${WORDS} words, which takes it no time and a step for ` +
      'each four words; every step is stored, then shown to all in the room at level 2. When all have the whole answer the next round begins. ' +
      'Peers know no agents.',
    durable: false,
    peers: ['parley-level2'],
    variants: [
      {
        name: '',
        users: rooms * WATCHERS,
        room: user => Math.floor(user / WATCHERS),
        plan: {
          kind: 'agents',
          rooms,
          watchersPerRoom: WATCHERS,
          words: WORDS,
          warmupSeconds: effort.seconds * 0.4,
          seconds: effort.seconds,
        },
      },
    ],
    columns: [
      { head: 'CPU µs/step', key: 'cpuMicrosPerStep', digits: 1 },
      { head: 'CPU µs/step and watcher', key: 'cpuMicrosPerDelivery', digits: 2 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'runs/s', key: 'runsPerSecond', digits: 0 },
      { head: 'steps/run', key: 'stepsPerRun', digits: 0 },
      { head: 'deliveries/s', key: 'deliveriesPerSecond', digits: 0 },
      { head: 'first step p50 ms', key: 'firstP50', digits: 0 },
      { head: 'p99', key: 'firstP99', digits: 0 },
      { head: 'whole answer p50 ms', key: 'endP50', digits: 0 },
      { head: 'p99', key: 'endP99', digits: 0 },
    ],
    notApplicable: () => undefined,
  }
}
