import { type Effort, type Scenario, scaled } from './scenario.ts'
import { DELIVERY_COLUMNS, trafficVariant } from './traffic.ts'

/** One busy room: what broadcasting costs when everyone hears everything. */
export function fanoutOneRoom(effort: Effort): Scenario {
  const readers = scaled(1000, effort, 10)
  return {
    name: 'fanout-1x1000',
    title: `Fan-out, 1 room x ${readers} readers`,
    about: `4 senders keep 64 messages of 200 bytes in flight; ${scaled(10, effort)} readers mark every message and its author gets the receipt.`,
    durable: false,
    variants: [
      trafficVariant('', {
        rooms: 1,
        sendersPerRoom: 4,
        readersPerRoom: readers,
        to: 'room',
        markers: scaled(10, effort),
        load: { window: 64 },
        seconds: effort.seconds,
      }),
    ],
    columns: DELIVERY_COLUMNS,
    ratioOf: 'deliveriesPerSecond',
    notApplicable: () => undefined,
  }
}
