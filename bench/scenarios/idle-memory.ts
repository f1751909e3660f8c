import { type Effort, type Scenario, scaled } from './scenario.ts'

/** What a connection that says nothing costs. */
export function idleMemory(effort: Effort): Scenario {
  const connections = scaled(10_000, effort, 20)
  return {
    name: 'idle-memory',
    title: `Memory of ${connections} idle connections`,
    about:
      'Resident memory above that of the same server before the first connection, per connection, after a pause without ' +
      'a forced collection. Kernel socket buffers are not in it. Each connection is another user.',
    durable: false,
    variants: [{ name: '', users: connections, room: () => 0, plan: { kind: 'idle', settleSeconds: effort.seconds } }],
    columns: [
      { head: 'KB/connection', key: 'kilobytesPerConnection', digits: 1 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'connections', key: 'connections', digits: 0 },
      { head: 'empty MB', key: 'emptyMegabytes', digits: 0 },
      { head: 'full MB', key: 'fullMegabytes', digits: 0 },
      { head: 'idle CPU %', key: 'cpuPercentIdle', digits: 1 },
    ],
    ratioOf: 'kilobytesPerConnection',
    notApplicable: () => undefined,
  }
}
