import { notInVariant } from './fanout-100x10.ts'
import { type Effort, type Scenario, scaled } from './scenario.ts'
import { DELIVERY_COLUMNS, level2Load, trafficVariant } from './traffic.ts'

const SENDERS = 4
/** So many that no connection comes near the frames it may send at level 2. */
const SENDERS_LEVEL_2 = 100
const LEVEL_2 = `level 2, ${SENDERS_LEVEL_2} senders`

/** One busy room: what broadcasting costs when everyone hears everything. */
export function fanoutOneRoom(effort: Effort): Scenario {
  const readers = scaled(1000, effort, 10)
  const markers = scaled(10, effort)
  const shape = { rooms: 1, readersPerRoom: readers, to: 'room', markers, seconds: effort.seconds } as const
  return {
    name: 'fanout-1x1000',
    title: `Fan-out, 1 room x ${readers} readers`,
    about:
      `${SENDERS} senders keep 64 messages of 200 bytes in flight; ${markers} readers mark every message and its author gets the receipt. ` +
      `At level 2 a connection may send 50 frames a second, so there are ${SENDERS_LEVEL_2} senders and one message in 128 is marked, ` +
      'and everybody hears their own messages too.',
    durable: false,
    peers: ['parley', 'parley-rooms', 'parley-level2', 'naive-ws', 'socket.io', 'bun'],
    variants: [
      trafficVariant('', { ...shape, sendersPerRoom: SENDERS, load: { window: 64 } }),
      trafficVariant(LEVEL_2, { ...shape, sendersPerRoom: SENDERS_LEVEL_2, ...level2Load(SENDERS_LEVEL_2) }),
    ],
    columns: DELIVERY_COLUMNS,
    ratioOf: 'deliveriesPerSecond',
    notApplicable: (peer, variant) => notInVariant(peer.name, variant.name === LEVEL_2),
  }
}
