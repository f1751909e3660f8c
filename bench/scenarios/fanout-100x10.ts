import { type Effort, type Scenario, scaled } from './scenario.ts'
import { DELIVERY_COLUMNS, level2Load, trafficVariant } from './traffic.ts'

const LEVEL_2 = 'level 2, 5 senders a room'
/** So many that no connection comes near the frames it may send at level 2. */
const SENDERS_LEVEL_2 = 5

/** Many small rooms: little to share per message, so the cost per message shows. */
export function fanoutManyRooms(effort: Effort): Scenario {
  const rooms = scaled(100, effort, 2)
  const shape = { rooms, readersPerRoom: 10, to: 'room', seconds: effort.seconds, markers: scaled(10, effort) } as const
  return {
    name: 'fanout-100x10',
    title: `Fan-out, ${rooms} rooms x 10 readers`,
    about:
      'One sender in each room, 64 messages of 200 bytes in flight over all of them; one reader in a hundred marks. ' +
      `At level 2 a connection may send 50 frames a second, so there are ${SENDERS_LEVEL_2} senders in each room and one message in ` +
      '128 is marked, and everybody hears their own messages too.',
    durable: false,
    peers: ['parley-rooms', 'parley-level2', 'naive-ws', 'socket.io', 'bun'],
    variants: [
      trafficVariant('', { ...shape, sendersPerRoom: 1, load: { window: 64 } }),
      trafficVariant(LEVEL_2, { ...shape, sendersPerRoom: SENDERS_LEVEL_2, ...level2Load(rooms * SENDERS_LEVEL_2) }),
    ],
    columns: DELIVERY_COLUMNS,
    ratioOf: 'deliveriesPerSecond',
    notApplicable: (peer, variant) => notInVariant(peer.name, variant.name === LEVEL_2),
  }
}

/** Peers that are only beside one of the two loads of the rooms protocol. */
export function notInVariant(peer: string, isLevel2: boolean): string | undefined {
  if (isLevel2) return ['parley', 'parley-rooms', 'naive-ws'].includes(peer) ? 'above' : undefined
  return peer === 'parley-level2' ? 'below: with one sender its limit of frames is what would be measured' : undefined
}
