import { describe, expect, test, vi } from 'vitest'
import { kept, program, use } from './servers.ts'

const failed = (message: string) => expect.objectContaining({ name: 'ToolFailed', message })
const KEY = 'key-of-the-operator'

describe('[MCP-23] nothing hangs, and people read in words of ours', () => {
  const GONE = 'files can’t be reached or stopped before it answered'

  test.each([
    ['dies in the middle', 'die', GONE],
    ['writes a line without end', 'endless', 'files answered more than is taken'],
  ])('where a server %s; it is started again', async (_, name, message) => {
    const server = kept(program('hostile'))
    await expect(use(server, name)).rejects.toEqual(failed(message))
    await server.hears('an MCP server is gone')
  })

  test('where a server is silent, speaks rubbish, or gives what is no answer', async () => {
    const server = kept(program('hostile', [], { KEY }), { timeLimit: 100 })
    await expect(use(server, 'never')).rejects.toEqual(failed('files did not answer in time'))
    await expect(use(server, 'rubbish')).rejects.toEqual(failed('files did not answer in time'))
    await expect(use(server, 'other')).rejects.toEqual(failed('files did not answer in time'))
    await expect(use(server, 'wrong')).rejects.toEqual(failed('files gave an answer that makes no sense'))
    await expect(use(server, 'error')).rejects.toEqual(failed('files refused: broken, and my key is [hidden]'))
    expect(server.told('an MCP server is gone')).toEqual([])
  })

  test('where a server asks without end and reads no answer', async () => {
    const server = kept(program('hostile'), { timeLimit: 60_000 })
    await expect(use(server, 'flood')).rejects.toEqual(failed(GONE))
  })

  test.each(['silent', 'babbling'])('where a server is %s from the start', async mode => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const server = kept(program('hostile', [mode]))
      while (server.told('an MCP server is not available').length === 0) {
        await vi.advanceTimersByTimeAsync(1_000)
        await new Promise(setImmediate)
      }
      expect(server.told('an MCP server is not available')).toMatchObject([{ reason: 'did not answer in time' }])
      expect(server.tools()).toEqual([])
    } finally {
      vi.useRealTimers()
    }
  })
})

test('[MCP-25] a server that asks for a model, for an answer of the person or for folders is refused', async () => {
  const server = kept(program('hostile'))
  const refusal = { code: -32601, message: 'Method not found' }
  expect(await use(server, 'asks')).toEqual({ refusals: [refusal, refusal, refusal, refusal] })
})

test('[MCP-4] schemas that refer elsewhere, go too deep or are too large are refused', async () => {
  const server = kept(program('hostile', ['schemas']))
  const offered = new Map((await server.offered()).map(({ name, parameters }) => [name, parameters]))
  expect(offered.get('files_local')).toEqual({
    type: 'object',
    $defs: { a: {} },
    properties: { a: { $ref: '#/$defs/a' } },
  })
  expect(server.told('MCP tools are offered')).toMatchObject([
    {
      refused: [
        { tool: 'remote', why: 'what it says of its arguments is elsewhere' },
        { tool: 'deep', why: 'its arguments are too large' },
        { tool: 'huge', why: 'its arguments are too large' },
        { tool: 'twice', why: 'it is there twice' },
      ],
    },
  ])
})

test('[MCP-1] names are valid and unique, however the server calls its tools', async () => {
  const names = (await kept(program('hostile', ['schemas'])).offered()).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^files_[A-Za-z0-9_-]{1,58}$/)
  expect(names.filter(name => name.startsWith('files_a_b_'))).toHaveLength(2)
})

test('[MCP-1] of one server 128 tools are offered at the most', async () => {
  const server = kept(program('hostile', ['many']))
  expect(await server.offered()).toHaveLength(128)
})

test('[MCP-3] descriptions are cut, and hold nothing that is not seen', async () => {
  const tools = await kept(program('hostile', ['schemas'])).offered()
  const { description = '' } = tools.find(({ name }) => name === 'files_hidden') ?? {}
  expect(description.startsWith('Adds numbers numbers')).toBe(true)
  expect(description).toHaveLength(2_000)
})

test('[MCP-5] the list is read again when it changed; a tool that is no longer what it was is logged', async () => {
  const server = kept(program('hostile', ['turning']))
  await use(server, 'turning')
  expect(await server.hears('a tool of an MCP server is no longer what it was')).toMatchObject([
    { tool: 'files_turning' },
  ])
  expect((await server.offered())[0]?.description).toBe('Harmless 2')
})
