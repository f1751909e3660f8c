import type { Numbers } from '../generator/plan.ts'
import { format, medianOf, type VariantReport } from '../report.ts'
import { beside } from './beside.ts'
import { type Effort, type Scenario, scaled, type Variant } from './scenario.ts'
import { trafficVariant } from './traffic.ts'

const PER_SECOND = 200
const DEVICES = 4
/** Below the frames that a connection may send at level 2. */
const PER_SECOND_EACH = 40
const TALKING = { rooms: 10, sendersPerRoom: 2, readersPerRoom: 8 }

const READS = [
  ['newest', 'newest page'],
  ['before', 'page before, middle'],
  ['around', 'page around, old'],
  ['rooms', 'rooms, first 100'],
  ['roomsEnd', 'rooms, last 100'],
] as const

/** Reading a long past, how that grows with the past, and who else notices. */
export function deepStore(effort: Effort): Scenario {
  const rooms = scaled(500, effort, 120)
  const [small, large] = [scaled(100_000, effort, 2_000), scaled(1_000_000, effort, 20_000)]
  return {
    name: 'deep-store',
    title: `A user in ${rooms} rooms with ${short(small)} and with ${short(large)} messages`,
    about:
      `Half of the messages are in one room, the rest in the other ${rooms - 1}; every other room is read up to nine tenths. ${DEVICES} connections of the ` +
      `user ask, one thing at a time and ${PER_SECOND_EACH} times a second at most: the newest 50 messages of the large room, 50 before one in the middle, 50 ` +
      'around an old one, and the first and the last 100 rooms with unread messages of each and in all. Every answer is checked. ' +
      `Meanwhile ${TALKING.rooms} other rooms of ten get ${PER_SECOND} messages a second at level 2; first, on a fresh server, nobody asks anything. ` +
      'The database is filled before, through the store, and copied for each run. Peers keep nothing.',
    durable: false,
    peers: ['parley-level2'],
    variants: [small, large].map(messages => variantWith(effort, rooms, messages)),
    columns: [
      ...READS.flatMap(([key, head]) => [
        { head: `${head}: p50 ms`, key: `${key}P50`, digits: 2 },
        { head: 'p99', key: `${key}P99`, digits: 1 },
      ]),
      { head: 'chat p50 ms without', key: 'p50Without', digits: 1 },
      { head: 'with', key: 'deliveryP50', digits: 1 },
      { head: 'chat p99 ms without', key: 'p99Without', digits: 1 },
      { head: 'with', key: 'deliveryP99', digits: 1 },
      { head: '÷', key: 'p99Ratio', digits: 2 },
      { head: 'CPU ms/read', key: 'cpuMillisPerRead', digits: 2 },
      { head: 'lost', key: 'lost', digits: 0 },
    ],
    conclusion: growth,
    notApplicable: () => undefined,
  }
}

function variantWith({ seconds }: Effort, rooms: number, messages: number): Variant {
  const traffic = trafficVariant('', { ...TALKING, to: 'room', markers: 0, load: { perSecond: PER_SECOND }, seconds })
  const stock = { rooms, messages }
  const plan = { ...traffic.plan, kind: 'reads', stock, devices: DEVICES, perSecondEach: PER_SECOND_EACH } as const
  return {
    name: `${short(messages)} messages`,
    users: traffic.users + 1,
    room: traffic.room, // the reader's own comes after those of the others
    stock: { ...stock, user: traffic.users },
    plan,
    beside: { plan: { ...plan, devices: 0 }, compare: (without, numbers) => compare(without, numbers, seconds) },
  }
}

function compare(without: Numbers, numbers: Numbers, seconds: number): Numbers {
  const count = READS.reduce((sum, [key]) => sum + (numbers[`${key}Count`] ?? 0), 0)
  return {
    ...beside(without, numbers),
    cpuMillisPerRead: ((numbers.cpuSeconds! - without.cpuSeconds!) * 1e3) / count,
    readsPerSecond: count / seconds,
  }
}

/** How much longer each read takes with ten times the messages. */
function growth([small, large]: readonly VariantReport[]): string {
  const grown = READS.map(([key, head]) => {
    const [p50, p99] = ['P50', 'P99'].map(part => medianOf(large!, 0, key + part) / medianOf(small!, 0, key + part))
    return `${head} ${format(p50!, 2)} and ${format(p99!, 2)}`
  })
  return `From ${small!.variant} to ${large!.variant}, p50 and p99 are so many times as long: ${grown.join('; ')}.`
}

const short = (count: number): string => (count >= 1e6 ? `${count / 1e6} million` : count.toLocaleString('en-US'))
