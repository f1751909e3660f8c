import { type Effort, type Scenario, scaled } from './scenario.ts'

const AT_ONCE = 64

/** How fast a crowd gets in, as after a deploy. */
export function connectRate(effort: Effort): Scenario {
  const connections = scaled(5_000, effort, 20)
  return {
    name: 'connect-rate',
    title: `Connect rate, ${connections} connections`,
    about: `${AT_ONCE} handshakes at once until all are open; each is another user and counts when it may send. Only Parley checks a key.`,
    durable: false,
    variants: [{ name: '', users: connections, room: () => 0, plan: { kind: 'connect', atOnce: AT_ONCE } }],
    columns: [
      { head: 'CPU µs/connect', key: 'cpuMicrosPerConnect', digits: 0 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'connects/s', key: 'connectsPerSecond', digits: 0 },
      { head: 'p50 ms', key: 'connectP50', digits: 1 },
      { head: 'p99 ms', key: 'connectP99', digits: 1 },
    ],
    ratioOf: 'connectsPerSecond',
    notApplicable: () => undefined,
  }
}
