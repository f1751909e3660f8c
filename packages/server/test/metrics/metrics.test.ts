import { expect, onTestFinished, test, vi } from 'vitest'
import { StoreFailed } from '../../src/core/ports/store.ts'
import { checkHealth } from '../../src/metrics/health.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { watchStore } from '../../src/metrics/store.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'

const stats = { active_connections: 3, total_users: 2, active_rooms: 4, queued_messages: 1, typing_indicators: 5 }
const counts = { sockets: 3, users: 2, waitingBytes: 4096, behind: 1 }

/** The value of one series, such as `parley_connections{view="a"}`. */
async function series(metrics: ReturnType<typeof createMetrics>, name: string): Promise<number | undefined> {
  const { body } = await metrics.text()
  const line = body.split('\n').find(line => line.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}

test('[OPS-42] what sessions tell is there to read, also twice', async () => {
  const metrics = createMetrics()
  const { observer } = metrics
  observer.connected('a')
  observer.connected('a')
  observer.disconnected('a', 1000)
  observer.refused('a', 401)
  observer.received(7)
  observer.rejected('a', 'body_empty')
  observer.rejected('a', 'body_empty')
  observer.rejected('a', 'unknown_type')
  observer.delivered('a', 1000, 200_000)
  observer.delivered('a', 1, 200)
  observer.slow('a', 'behind')
  observer.lag(1.5)
  for (const _ of ['once', 'twice']) {
    expect(await series(metrics, 'parley_connections{view="a"}')).toBe(1)
    expect(await series(metrics, 'parley_connections_closed_total{view="a",code="1000"}')).toBe(1)
    expect(await series(metrics, 'parley_upgrades_refused_total{view="a",status="401"}')).toBe(1)
    expect(await series(metrics, 'parley_frames_received_total')).toBe(7)
    expect(await series(metrics, 'parley_frames_rejected_total{view="a",code="body_empty"}')).toBe(2)
    expect(await series(metrics, 'parley_frames_rejected_total{view="a",code="unknown_type"}')).toBe(1)
    expect(await series(metrics, 'parley_frames_delivered_total{view="a"}')).toBe(1001)
    expect(await series(metrics, 'parley_bytes_delivered_total{view="a"}')).toBe(200_200)
    expect(await series(metrics, 'parley_slow_reader_turns_total{view="a",turn="behind"}')).toBe(1)
    expect(await series(metrics, 'parley_publish_to_socket_seconds_bucket{le="0.001"}')).toBe(0)
    expect(await series(metrics, 'parley_publish_to_socket_seconds_bucket{le="0.002"}')).toBe(1)
  }
})

test('[OPS-42] the present is asked for when somebody looks', async () => {
  const metrics = createMetrics()
  let present = { counts, backlog: 5, deliveries: 7, searchLag: async () => 3 }
  metrics.watch(() => present)
  expect(await series(metrics, 'parley_outbox_bytes')).toBe(4096)
  present = { ...present, counts: { ...counts, waitingBytes: 0 } }
  expect(await series(metrics, 'parley_outbox_bytes')).toBe(0)
  expect(await series(metrics, 'parley_slow_readers')).toBe(1)
  expect(await series(metrics, 'parley_users_online')).toBe(2)
  expect(await series(metrics, 'parley_writes_waiting')).toBe(5)
  expect(await series(metrics, 'parley_webhook_deliveries_waiting')).toBe(7)
  expect(await series(metrics, 'parley_search_lag')).toBe(3)
})

test('[OPS-42] the process tells of itself: memory and the delay of its event loop', async () => {
  const { body, contentType } = await createMetrics().text()
  expect(contentType).toMatch(/^text\/plain/)
  expect(body).toMatch(/^process_resident_memory_bytes \d/m)
  expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
})

test('[OPS-42] a watched store counts writes by how they ended', async () => {
  const metrics = createMetrics()
  const { store, failing } = watchStore(openMemoryStore(), metrics.commits)
  const outcomes = await store.commit([
    { type: 'room.trim', room: store.lobby, keep: 1, limit: 1 },
    { type: 'collection.delete', id: 'none' as never },
  ])
  expect(outcomes.map(({ state }) => state)).toEqual(['done', 'refused'])
  expect(await series(metrics, 'parley_writes_total{outcome="done"}')).toBe(1)
  expect(await series(metrics, 'parley_writes_total{outcome="refused"}')).toBe(1)
  expect(await series(metrics, 'parley_commit_seconds_count')).toBe(1)
  expect(failing()).toBeNull()
})

test('[OPS-43] health follows the store: down while commits fail, up again with the next that does not', async () => {
  const metrics = createMetrics()
  const memory = openMemoryStore()
  const commits = [() => Promise.reject(new StoreFailed('disk_full')), () => Promise.resolve([])]
  const watched = watchStore({ ...memory, commit: async () => commits.shift()!() }, metrics.commits)
  const health = () => checkHealth({ version: '1.2.3', watched, stats: () => stats })
  expect(await health()).toEqual({
    healthy: true,
    body: {
      status: 'healthy',
      version: '1.2.3',
      uptime: expect.any(Number),
      services: { store: { status: 'up' } },
      websocket: { status: 'up', ...stats },
    },
  })
  await expect(watched.store.commit([])).rejects.toThrow('disk_full')
  expect(await health()).toMatchObject({
    healthy: false,
    body: { status: 'unhealthy', services: { store: { status: 'down', reason: 'disk_full' } } },
  })
  expect(await series(metrics, 'parley_commit_failures_total{code="disk_full"}')).toBe(1)
  await watched.store.commit([])
  expect((await health()).healthy).toBe(true)
})

test('[OPS-43] a failure counts for half a minute, so that somebody tries again', async () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(1_000)
  onTestFinished(() => void now.mockRestore())
  const failing = { ...openMemoryStore(), commit: () => Promise.reject(new StoreFailed('disk_full')) }
  const watched = watchStore(failing, createMetrics().commits)
  await watched.store.commit([]).catch(() => undefined)
  now.mockReturnValue(30_999)
  expect(watched.failing()).toBe('disk_full')
  now.mockReturnValue(31_000)
  expect(watched.failing()).toBeNull()
})

test('[OPS-43] health is bad when the store can not be read', async () => {
  const memory = openMemoryStore()
  const watched = watchStore({ ...memory, heads: () => Promise.reject(new Error('gone')) }, createMetrics().commits)
  expect(await checkHealth({ version: '1', watched, stats: () => stats })).toMatchObject({
    healthy: false,
    body: { services: { store: { reason: 'unreadable' } } },
  })
})
