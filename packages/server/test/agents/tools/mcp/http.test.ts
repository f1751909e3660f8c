import type { ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { readAllowed } from '../../../../src/outbound/allowed.ts'
import { createGuardedCalls, hostsOf } from '../../../../src/outbound/guarded.ts'
import { inbox, type Received } from '../../../outbound/servers.ts'
import { ownTime } from '../../../outbound/time.ts'
import { kept, use } from './servers.ts'

const failed = (message: string, status: number | null = null) =>
  expect.objectContaining({ name: 'ToolFailed', message, status })

/** The real way out, on which nothing private is allowed but what a server's address names. */
function fetchFor(url: string) {
  const calls = createGuardedCalls({ allowed: readAllowed('').allowed })
  onTestFinished(() => calls.close())
  return calls.fetchFor(hostsOf([url]))
}

type Call = (response: ServerResponse, id: unknown) => void

/** A server of the older protocol, by hand; `call` answers what tools are used for, `stream` the standing request for news. */
async function byHand(
  call: Call,
  stream: (response: ServerResponse) => void = response => response.writeHead(405).end(),
) {
  const seen: string[] = []
  const server = await inbox(({ method, body }: Received, response) => {
    const message = method === 'POST' ? JSON.parse(body) : { method }
    seen.push(message.method)
    const give = (result: object) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's1' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }))
    if (method === 'GET') stream(response)
    else if (message.method === 'initialize')
      give({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } })
    else if (message.method === 'tools/list') give({ tools: [{ name: 'go', inputSchema: { type: 'object' } }] })
    else if (message.method === 'tools/call') call(response, message.id)
    else response.writeHead(message.id === undefined ? 202 : 400).end()
  })
  return {
    way: { by: 'http', url: `${server.url}/mcp`, headers: { Authorization: 'Bearer operators-key' } } as const,
    seen,
  }
}

test('[MCP-30] a redirect to elsewhere is not followed', async () => {
  const elsewhere = await inbox()
  const { url } = await inbox((_, response) => void response.writeHead(307, { location: elsewhere.url }).end())
  const server = kept({ by: 'http', url, headers: { Authorization: 'Bearer operators-key' } }, {}, { fetchFor })
  expect(await server.hears('an MCP server is not available')).toMatchObject([
    { reason: 'answered with the HTTP status 307' },
  ])
  expect(elsewhere.connections()).toBe(0)
})

test('[MCP-30] an address that leads to a private one is called on the host and port that are written, on no other', async () => {
  const { way } = await byHand((response, id) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'here' }] } })),
  )
  expect(await use(kept(way, {}, { fetchFor }), 'go')).toBe('here')
  const other = kept(way, {}, { fetchFor: () => fetchFor('http://127.0.0.1:1') })
  expect(await other.hears('an MCP server is not available')).toMatchObject([
    { reason: 'leads to an address that may not be called' },
  ])
})

test('[MCP-31] a server that forgot us is greeted again', async () => {
  const { way } = await byHand(response => response.writeHead(404).end())
  const server = kept(way, {}, { fetchFor })
  await expect(use(server, 'go')).rejects.toEqual(failed('files answered with the HTTP status 404', 404))
  await server.hears('an MCP server is gone')
})

test('[MCP-23] a server that does not answer is given up, its connection as well', async () => {
  const ended = Promise.withResolvers<void>()
  const time = ownTime()
  const { way } = await byHand(response => void response.on('close', () => ended.resolve()))
  const server = kept(way, { timeLimit: 50 }, { fetchFor, later: time.after, clock: time.clock })
  await expect(use(server, 'go')).rejects.toEqual(failed('files did not answer in time'))
  time.pass(61_000)
  await ended.promise
})

test('[MCP-23] one whose answer breaks off, or is rubbish, fails', async () => {
  const broken = await byHand(response => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{')
    response.destroy()
  })
  await expect(use(kept(broken.way, {}, { fetchFor }), 'go')).rejects.toThrow(/^files /)
  const rubbish = await byHand(response => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello'))
  await expect(use(kept(rubbish.way, {}, { fetchFor }), 'go')).rejects.toEqual(
    failed('files gave an answer that makes no sense'),
  )
})

test('[MCP-32] a stream of news that ends is asked for again after a second at the earliest, whatever the server says', async () => {
  const time = ownTime()
  const { way, seen } = await byHand(
    () => undefined,
    response => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 0\n\n'),
  )
  await kept(way, {}, { fetchFor, later: time.after, clock: time.clock }).offered()
  for (let times = 1; times < 4; times++) {
    await time.waiting(1_000)
    expect(seen.filter(method => method === 'GET')).toHaveLength(times)
    time.pass(1_000)
  }
})
