import { type Effort, type Scenario, scaled } from './scenario.ts'
import { DELIVERY_COLUMNS, trafficVariant } from './traffic.ts'

/** Direct messages: nothing is shared, each message is routed to one person. */
export function direct(effort: Effort): Scenario {
  const pairs = scaled(500, effort, 4)
  return {
    name: 'direct',
    title: `Direct messages, ${pairs} pairs`,
    about: `One of each pair writes to the other, 64 messages of 200 bytes in flight over all pairs; one reader in a hundred marks.`,
    durable: false,
    variants: [
      trafficVariant('', {
        rooms: 1,
        sendersPerRoom: pairs,
        readersPerRoom: pairs,
        to: 'direct',
        markers: scaled(5, effort),
        load: { window: 64 },
        seconds: effort.seconds,
      }),
    ],
    columns: DELIVERY_COLUMNS,
    ratioOf: 'deliveriesPerSecond',
    notApplicable: () => undefined,
  }
}
