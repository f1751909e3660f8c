import { getRequestListener } from '@hono/node-server'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { describe, expect, test } from 'vitest'
import type { McpServer, Way } from '../../../../src/agents/tools/mcp/settings.ts'
import type { Role } from '../../../../src/core/user.ts'
import { readAllowed } from '../../../../src/outbound/allowed.ts'
import { createGuardedCalls, hostsOf } from '../../../../src/outbound/guarded.ts'
import { serveHttp } from '../../../outbound/servers.ts'
import { until } from '../../../world.ts'
import { cancelled, toolsServer } from './fixtures/tools.ts'
import { kept, program, use } from './servers.ts'

const SECRET = 'a-secret-of-the-operator'

/** The fixture over HTTP, and how it is reached. It serves whoever has the key. */
async function overHttp(legacy: 'stateless' | 'reject'): Promise<Way> {
  const { fetch } = createMcpHandler(toolsServer, { legacy })
  const answer = getRequestListener(request =>
    request.headers.get('authorization') === `Bearer ${SECRET}` ? fetch(request) : new Response(null, { status: 401 }),
  )
  const { url } = await serveHttp((request, response) => void answer(request, response))
  return { by: 'http', url: `${url}/mcp`, headers: { Authorization: `Bearer ${SECRET}` } }
}

const guarded = createGuardedCalls({ allowed: readAllowed('').allowed })
const fetchFor = (url: string) => guarded.fetchFor(hostsOf([url]))

const WAYS: [string, () => Way | Promise<Way>][] = [
  ['a process', () => program('stdio', [], { FIXTURE_KEY: SECRET })],
  ['a process of the newer protocol', () => program('stdio', ['new'], { FIXTURE_KEY: SECRET })],
  ['HTTP', () => overHttp('stateless')],
  ['HTTP of the newer protocol', () => overHttp('reject')],
]

describe.each(WAYS)('a real server, by %s', (way, open) => {
  test('[MCP-10] [MCP-11] [MCP-12] [MCP-13] [MCP-15] [MCP-26] gives results, tells of its work, and can be stopped', async () => {
    const tools = kept(await open(), {}, { fetchFor })
    expect(await use(tools, 'read_echo', { say: 'hello' })).toBe('hello')
    expect(await use(tools, 'add', { a: 1, b: 2 })).toEqual({ sum: 3 })
    expect(await use(tools, 'picture')).toEqual([
      { type: 'text', text: 'look' },
      { type: 'image', mime_type: 'image/png', bytes: 70 },
    ])

    // [MCP-11] [MCP-15]
    await expect(use(tools, 'fail')).rejects.toThrow(/^no such file$/)
    expect(await use(tools, 'read_echo', { say: `I heard ${SECRET}` })).toBe('I heard [hidden]')

    // [MCP-12] [MCP-13]
    const signs: unknown[] = []
    const end = new AbortController()
    const seen = Promise.withResolvers<void>()
    const progress = (...sign: unknown[]) => void (signs.push(sign) === 3 && seen.resolve())
    const used = use(tools, 'slow', { name: way }, { signal: end.signal, progress })
    await seen.promise
    expect(signs).toEqual([
      ['step 1', 0.25],
      ['step 3', 0.75],
      ['step 2', 0.75],
    ])
    end.abort()
    await expect(used).rejects.toThrow()
    if (way.startsWith('HTTP')) await until(() => cancelled.includes(way))
    else while (!String(await use(tools, 'cancelled')).includes(way));

    // [MCP-23]
    await expect(use(tools, 'large', { bytes: 17 * 1024 * 1024 })).rejects.toThrow('files answered more than is taken')
  })
})

test('[MCP-1] [MCP-2] only what is allowed is offered; what reads is what the operator says', async () => {
  const offers = async (settings: Partial<McpServer>) =>
    (await kept(program('hostile', ['hints']), settings).offered()).map(({ name, effect }) => `${name} ${effect}`)
  expect(await offers({ allow: ['read_*', 'rea', 'hinted'], read: ['*_it'] })).toEqual([
    'files_read_it read',
    'files_read_that write',
    'files_hinted write',
  ])
  expect(await offers({ allow: ['*'], trustsHints: true })).toContain('files_hinted read')
})

test('[MCP-5] a list that changed is read again, and never for a question', async () => {
  const tools = kept(program('stdio'))
  await use(tools, 'learn')
  await tools.offered(2)
  expect(await use(tools, 'read_learned')).toBe('learned')
})

test('[MCP-6] what is for accounts is not for guests', () => {
  const way = { by: 'process', command: '/no/such/program', args: [], env: {}, cwd: null } as const
  const isFor = (audience: McpServer['audience'], role: Role) => kept(way, { audience }).isFor({ role })
  expect([isFor('accounts', 'guest'), isFor('everyone', 'guest'), isFor('accounts', 'viewer')]).toEqual([
    false,
    true,
    true,
  ])
})
