import { expect, test, vi } from 'vitest'
import { ToolFailed } from '../../../../src/agents/tools/tool.ts'
import { ownTime } from '../../../outbound/time.ts'
import { until } from '../../../world.ts'
import { kept, program, use } from './servers.ts'

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Ports whose time a test moves. */
function standing() {
  const time = ownTime()
  return { ...time, ports: { later: time.after, clock: time.clock } }
}

test('[MCP-20] a process gets PATH, HOME and what is listed, nothing else of ours', async () => {
  vi.stubEnv('PARLEY_TEST_SECRET', 'must not be passed on')
  const environment = { PATH: process.env.PATH ?? '', HOME: '/nowhere' }
  const server = kept(program('stdio', [], { FIXTURE_KEY: 'key', A: '1' }), {}, { environment })
  expect(JSON.parse(String(await use(server, 'environment')))).toEqual({ ...environment, FIXTURE_KEY: 'key', A: '1' })
})

test('[MCP-21] a process that does not heed SIGTERM is killed after two seconds, its children as well', async () => {
  const { pass, waiting, ports } = standing()
  const server = kept(program('hostile', ['stubborn']), {}, ports)
  const [first] = await server.hears('an MCP server says')
  const pids = String(first?.text).split(' ').map(Number)
  await server.offered()
  const closed = server.close()
  await waiting(2_000)
  pass(1_999)
  expect(pids.map(isAlive)).toEqual([true, true])
  pass(1)
  await closed
  await until(() => !pids.some(isAlive))
})

test('[MCP-22] [MCP-24] a server that is not there keeps nobody waiting and is tried again, later and later, so at most six times a minute', async () => {
  const waits: number[] = []
  let now = 0
  const seen = Promise.withResolvers<void>()
  const server = kept(
    { by: 'process', command: '/no/such/program', args: [], env: {}, cwd: null },
    {},
    {
      clock: { now: () => now, monotonic: () => now },
      later: (ms, run) => {
        now += ms
        if (waits.push(ms) < 9) setImmediate(run)
        else seen.resolve()
        return () => undefined
      },
    },
  )
  expect(server.tools()).toEqual([])
  await seen.promise
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

test('[MCP-22] one that ends as soon as it is used gets no faster, one that lasted a minute does', async () => {
  const { pass, waiting, ports } = standing()
  const server = kept(program('hostile'), {}, ports)
  let connected = 0
  await server.offered()
  for (const wait of [1_000, 2_000]) {
    await expect(use(server, 'die')).rejects.toThrow(ToolFailed)
    expect(server.tools()).toEqual([])
    await waiting(wait)
    pass(wait)
    await server.offered(2 + connected++)
  }
  pass(60_000)
  await expect(use(server, 'die')).rejects.toThrow(ToolFailed)
  await waiting(1_000)
})

test('[MCP-26] a server that ends at a question of the newer protocol is asked by the older one next', async () => {
  const { pass, waiting, ports } = standing()
  const server = kept(program('hostile', ['old']), {}, ports)
  await waiting(1_000)
  pass(1_000)
  expect(await server.offered()).not.toEqual([])
})

test('[MCP-27] what it writes for a log is logged without secrets, in lines of 500 and 30 a minute', async () => {
  const { ports } = standing()
  const server = kept(program('hostile', ['chatty'], { KEY: 'y'.repeat(10) }), {}, ports)
  const lines = await server.hears('an MCP server says', 30)
  await server.offered()
  expect(server.told('an MCP server says')).toHaveLength(30)
  expect(lines.every(({ text }) => String(text).length <= 500)).toBe(true)
  expect(JSON.stringify(lines)).not.toContain('y'.repeat(10))
})
