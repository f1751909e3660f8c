import type { Numbers, Reading } from '../generator/plan.ts'
import { beside } from './beside.ts'
import { type Effort, type Scenario, scaled, type Variant } from './scenario.ts'
import { trafficVariant } from './traffic.ts'

const PER_SECOND = 500
const SENDERS = 4
/** More than the kernel keeps for one connection on either side, in few messages: whatever follows waits in the server. */
const BACKLOG = { messages: 1000, contentLength: 8000 }
/** What Parley ships with, in seconds, and what it gets where a stuck reader is to be given up during the run. */
const TIMEOUT = { shipped: 30, short: 2 }
const STALE_SHIPPED = 90
const ONE = '1 stuck, reads again at the end'
const TOLD = '1013 Reading too slowly: reconnect and resume'

/** One reader of a busy room stops reading: who else notices, what the server keeps for it, and what it is told. */
export function stuckReader(effort: Effort): Scenario {
  const readers = scaled(1000, effort, 20)
  const many = scaled(32, effort)
  return {
    name: 'stuck-reader',
    title: `A stuck reader among ${readers}`,
    about:
      `${SENDERS} senders write ${PER_SECOND} messages of 200 bytes a second to one room with ${readers} readers, first with all of them ` +
      'reading, then on a fresh server with some that stop: before the load starts they get 8 MB of direct messages, so that the ' +
      "kernel's buffers are full. Latencies are those of the other readers. Memory is per stuck reader: medians over the run, less " +
      'those of the run without it; its noise is the spread (10th to 90th percentile) within the run without it. Growth is that ' +
      'of the whole server during the measured time, less that of the run without it.',
    durable: false,
    variants: [
      stuckVariant(ONE, {
        ...shape(effort, readers, 1),
        reading: { when: 'after' },
        settings: patience(effort),
      }),
      stuckVariant('1 stuck, given up meanwhile', {
        ...shape(effort, readers, 1),
        reading: { when: 'given up', told: TOLD },
        settings: { SLOW_READER_TIMEOUT: String(TIMEOUT.short) },
      }),
      stuckVariant(`${many} stuck, read again at the end`, {
        ...shape(effort, readers, many),
        reading: { when: 'after' },
        settings: patience(effort),
      }),
    ],
    columns: [
      { head: 'CPU µs/delivery', key: 'cpuMicrosPerDelivery', digits: 3 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'p50 ms without', key: 'p50Without', digits: 1 },
      { head: 'with', key: 'deliveryP50', digits: 1 },
      { head: '÷', key: 'p50Ratio', digits: 2 },
      { head: 'p99 ms without', key: 'p99Without', digits: 1 },
      { head: 'with', key: 'deliveryP99', digits: 1 },
      { head: '÷', key: 'p99Ratio', digits: 2 },
      { head: 'RSS more, KB', key: 'residentKilobytes', digits: 0 },
      { head: 'noise, KB', key: 'noiseKilobytes', digits: 0 },
      { head: 'RSS growth, MB', key: 'growthMegabytes', digits: 1 },
      { head: 'held by /metrics, KB', key: 'heldKilobytes', digits: 0 },
      { head: 'slow readers', key: 'slowReaders', digits: 0 },
    ],
    notApplicable: (peer, variant) =>
      peer.name === 'parley' || variant.name === ONE
        ? undefined
        : 'not applicable: it keeps everything for every reader',
  }
}

interface Stuck extends Pick<Effort, 'seconds'> {
  /** Readers in all, and those of them that stop reading. */
  readonly readers: number
  readonly guests: number
  readonly perSecond: number
  readonly reading: Reading
  readonly settings?: Readonly<Record<string, string>>
}

function shape({ seconds }: Effort, readers: number, guests: number) {
  return { seconds, readers, guests, perSecond: PER_SECOND }
}

/** A variant beside the same one in which everybody reads. */
export function stuckVariant(
  name: string,
  { seconds, readers, guests, perSecond, reading, settings = {} }: Stuck,
): Variant {
  const traffic = trafficVariant(name, {
    rooms: 1,
    sendersPerRoom: SENDERS,
    readersPerRoom: readers - guests,
    to: 'room',
    markers: 0,
    load: { perSecond },
    seconds,
  })
  const plan = { ...traffic.plan, kind: 'stuck', guests, backlog: BACKLOG } as const
  return {
    name,
    users: traffic.users + guests + 1, // the last one is the feeder
    room: () => 0,
    plan: { ...plan, reading },
    settings,
    beside: {
      plan: { ...plan, reading: { when: 'always' } },
      compare: (without, numbers) => compare(without, numbers, guests),
    },
  }
}

function compare(without: Numbers, numbers: Numbers, guests: number): Numbers {
  const more = (key: string): number => (numbers[key] ?? Number.NaN) - (without[key] ?? Number.NaN)
  return {
    ...beside(without, numbers),
    residentKilobytes: more('residentBytes') / 1024 / guests,
    noiseKilobytes: without.residentSpreadBytes! / 1024 / guests,
    growthMegabytes: more('residentGrowthBytes') / 1e6,
    heldKilobytes: more('heldBytes') / 1024 / guests,
  }
}

/** Settings that let a reader be stuck for a whole run; those it ships with, where the run is short enough. */
function patience({ seconds }: Effort): Record<string, string> {
  const run = Math.ceil(seconds * 2) + TIMEOUT.shipped
  return {
    SLOW_READER_TIMEOUT: String(run),
    STALE_AFTER: String(Math.max(STALE_SHIPPED, run)),
  }
}
