import type { Column, PlanShape, Variant } from './scenario.ts'

export const CONTENT_LENGTH = 200
/** Warm-up as a share of the measured time: compilers and heaps settle, nothing of it is counted. */
const WARMUP_SHARE = 0.4

type TrafficShape = Extract<PlanShape, { kind: 'traffic' }>

/** A variant in which senders, then readers, of each room connect. */
export function trafficVariant(
  name: string,
  shape: Omit<TrafficShape, 'kind' | 'contentLength' | 'warmupSeconds'>,
): Variant & { readonly plan: TrafficShape } {
  const perRoom = shape.sendersPerRoom + shape.readersPerRoom
  return {
    name,
    users: shape.rooms * perRoom,
    room: user => Math.floor(user / perRoom),
    plan: {
      kind: 'traffic',
      contentLength: CONTENT_LENGTH,
      warmupSeconds: shape.seconds * WARMUP_SHARE,
      ...shape,
    },
  }
}

/** Frames a second that each sender keeps below at level 2, where 50 are allowed. */
const EACH_LEVEL_2 = 45
/** Markers say how far they read, not so often that they would be told to slow down. */
const MARK_EVERY = 128

/** A full window for a server that limits what each of its clients may send. */
export function level2Load(senders: number) {
  return { load: { window: 64, atMost: senders * EACH_LEVEL_2 }, markEvery: MARK_EVERY } as const
}

/** Cost and loss first: a rate without them says little. */
export const DELIVERY_COLUMNS: readonly Column[] = [
  { head: 'CPU µs/delivery', key: 'cpuMicrosPerDelivery', digits: 3 },
  { head: 'lost', key: 'lost', digits: 0 },
  { head: 'deliveries/s', key: 'deliveriesPerSecond', digits: 0 },
  { head: 'p50 ms', key: 'deliveryP50', digits: 1 },
  { head: 'p99 ms', key: 'deliveryP99', digits: 1 },
  { head: 'ack p50 ms', key: 'ackP50', digits: 1 },
  { head: 'ack p99 ms', key: 'ackP99', digits: 1 },
  { head: 'bytes/delivery', key: 'bytesPerDelivery', digits: 0 },
  { head: 'receipts/mark', key: 'receiptsPerMark', digits: 2 },
]
