import type { Effort, Scenario } from './scenario.ts'
import { trafficVariant } from './traffic.ts'

/** In flight over all senders; with a hundred senders, one each. */
const WINDOW = 64

/** What an ack costs when it promises that the message is on disk. */
export function durableSend({ seconds }: Effort): Scenario {
  const variant = (
    name: string,
    senders: number,
    to: 'room' | 'direct',
    load = { window: Math.max(WINDOW, senders) },
  ) => trafficVariant(name, { rooms: 1, sendersPerRoom: senders, readersPerRoom: 2, to, markers: 0, load, seconds })
  return {
    name: 'durable-send',
    title: 'Durable sends, acknowledged after the sync',
    about:
      'Each send goes to two clients (room) or to one of them (direct). 64 in flight over all senders, with 100 senders one each; ' +
      'low load is one sender with one message every 5 ms. Peers append to a file and sync it, in groups, before they ack; ' +
      'they check and index nothing.',
    durable: true,
    variants: [
      variant('1 sender, room', 1, 'room'),
      variant('1 sender, direct', 1, 'direct'),
      variant('10 senders, direct', 10, 'direct'),
      variant('100 senders, direct', 100, 'direct'),
      trafficVariant('1 sender, low load', {
        rooms: 1,
        sendersPerRoom: 1,
        readersPerRoom: 2,
        to: 'room',
        markers: 0,
        load: { paceMs: 5 },
        seconds,
      }),
    ],
    columns: [
      { head: 'CPU µs/send', key: 'cpuMicrosPerSend', digits: 1 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'sends/s', key: 'sendsPerSecond', digits: 0 },
      { head: 'ack p50 ms', key: 'ackP50', digits: 2 },
      { head: 'ack p99 ms', key: 'ackP99', digits: 2 },
    ],
    ratioOf: 'sendsPerSecond',
    notApplicable: () => undefined,
  }
}
