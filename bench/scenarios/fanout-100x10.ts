import { type Effort, type Scenario, scaled } from './scenario.ts'
import { DELIVERY_COLUMNS, trafficVariant } from './traffic.ts'

/** Many small rooms: little to share per message, so the cost per message shows. */
export function fanoutManyRooms(effort: Effort): Scenario {
  const rooms = scaled(100, effort, 2)
  return {
    name: 'fanout-100x10',
    title: `Fan-out, ${rooms} rooms x 10 readers`,
    about: `One sender in each room, 64 messages of 200 bytes in flight over all of them; one reader in a hundred marks.`,
    durable: false,
    variants: [
      trafficVariant('', {
        rooms,
        sendersPerRoom: 1,
        readersPerRoom: 10,
        to: 'room',
        markers: scaled(10, effort),
        load: { window: 64 },
        seconds: effort.seconds,
      }),
    ],
    columns: DELIVERY_COLUMNS,
    ratioOf: 'deliveriesPerSecond',
    notApplicable: peer =>
      peer.manyRooms ? undefined : 'not applicable yet: its protocol, Token Bowl, has one shared room',
  }
}
