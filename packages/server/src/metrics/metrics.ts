import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CoreEvent } from '../core/events.ts'
import type { Observer } from '../sessions/observe.ts'
import { counter, gauge, tally } from './tally.ts'

/** What is true at a moment. */
export interface Present {
  readonly counts: {
    readonly users: number
    readonly waitingBytes: number
    readonly behind: number
  }
  /** Writes that wait for their transaction. */
  readonly backlog: number
  /** Webhook deliveries that have not ended. */
  readonly deliveries: number
  /** Messages and changes that are stored and not found yet; NaN where that can't be told. */
  searchLag(): number | Promise<number>
}

/** What a store tells of its commits. */
export interface CommitObserver {
  /** A transaction ended after so many seconds. */
  committed(seconds: number, done: number, refused: number): void
  /** A transaction of so many writes failed as a whole. */
  failed(code: string, writes: number): void
}

/** The numbers of this process since its start, in the form Prometheus reads. */
export interface Metrics {
  readonly observer: Observer
  readonly commits: CommitObserver
  /** Counts published events; a listener for the broker. */
  hear(events: readonly CoreEvent[]): void
  /** A webhook delivery ended so. */
  delivered(ending: string): void
  /** Says where to ask for the present. Until then the numbers have none. */
  watch(present: () => Present): void
  text(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Seconds: from half a millisecond, below which nobody notices, to where everybody does. */
const BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const count = counter(registry, { name: 'parley_messages_total', help: 'Messages stored, by kind of room' }, 'room')
  const delivered = counter(
    registry,
    { name: 'parley_webhook_deliveries_total', help: 'Webhook deliveries, by how they ended' },
    'ending',
  )
  return {
    observer: observe(registry),
    commits: observeCommits(registry),
    hear(events) {
      for (const event of events) if (event.type === 'message.sent') count(event.room.kind)
    },
    delivered: ending => delivered(ending),
    watch: present => showPresent(registry, present),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}

function observe(registry: Registry): Observer {
  const open = openConnections(registry)
  const closed = tally(
    registry,
    { name: 'parley_connections_closed_total', help: 'Connections that ended, by close code' },
    'view',
    'code',
  )
  const refused = tally(
    registry,
    { name: 'parley_upgrades_refused_total', help: 'Connections refused with an HTTP status' },
    'view',
    'status',
  )
  const rejected = tally(
    registry,
    { name: 'parley_frames_rejected_total', help: 'Frames of clients that got an error, by its code' },
    'view',
    'code',
  )
  const slow = tally(
    registry,
    { name: 'parley_slow_reader_turns_total', help: 'Readers that fell behind, caught up or were closed for it' },
    'view',
    'turn',
  )
  const received = new Counter({
    name: 'parley_frames_received_total',
    help: 'Frames from clients',
    registers: [registry],
  })
  const frames = counter(registry, { name: 'parley_frames_delivered_total', help: 'Event frames to readers' }, 'view')
  const bytes = counter(registry, { name: 'parley_bytes_delivered_total', help: 'Bytes of these frames' }, 'view')
  const lag = new Histogram({
    name: 'parley_publish_to_socket_seconds',
    help: 'Time from the publication of an event to the write to its last reader, by turn of the event loop',
    buckets: BUCKETS,
    registers: [registry],
  })
  return {
    connected: view => open(view, 1),
    disconnected: (view, code) => {
      open(view, -1)
      closed(view, code)
    },
    refused,
    received: frames => received.inc(frames),
    rejected,
    delivered: (view, count, size) => {
      frames(view, count)
      bytes(view, size)
    },
    lag: milliseconds => lag.observe(milliseconds / 1000),
    slow,
  }
}

function openConnections(registry: Registry): (view: string, by: 1 | -1) => void {
  const open = new Map<string, number>()
  new Gauge({
    name: 'parley_connections',
    help: 'Open connections',
    labelNames: ['view'],
    registers: [registry],
    collect() {
      for (const [view, count] of open) this.set({ view }, count)
    },
  })
  return (view, by) => void open.set(view, (open.get(view) ?? 0) + by)
}

function observeCommits(registry: Registry): CommitObserver {
  const seconds = new Histogram({
    name: 'parley_commit_seconds',
    help: 'Time of a transaction, its sync included',
    buckets: BUCKETS,
    registers: [registry],
  })
  const writes = counter(registry, { name: 'parley_writes_total', help: 'Writes, by how they ended' }, 'outcome')
  const failures = counter(registry, { name: 'parley_commit_failures_total', help: 'Transactions that failed' }, 'code')
  return {
    committed(took, done, refused) {
      seconds.observe(took)
      writes('done', done)
      if (refused > 0) writes('refused', refused)
    },
    failed(code, count) {
      failures(code)
      writes('failed', count)
    },
  }
}

function showPresent(registry: Registry, present: () => Present): void {
  const show = (name: string, help: string, read: () => number | Promise<number>) =>
    gauge(registry, { name, help }, read)
  show('parley_users_online', 'Users with an open connection', () => present().counts.users)
  show('parley_outbox_bytes', 'Bytes that wait for readers', () => present().counts.waitingBytes)
  show('parley_slow_readers', 'Readers that are not pushed to until they catch up', () => present().counts.behind)
  show('parley_webhook_deliveries_waiting', 'Webhook deliveries under way', () => present().deliveries)
  show('parley_writes_waiting', 'Writes that wait for their transaction', () => present().backlog)
  show('parley_search_lag', 'Messages and changes that are stored and not found yet', () => present().searchLag())
}
