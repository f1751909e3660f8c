import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Provider } from '../../../src/agents/models/providers.ts'
import { pace } from './models.ts'

/** What a server was asked. */
export interface Asked {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly model?: string; readonly messages?: readonly unknown[]; readonly [field: string]: unknown }
  /** Resolves when whoever asked hung up or got everything. */
  readonly closed: Promise<unknown>
}

export type Reply = (response: ServerResponse, asked: Asked, count: number) => unknown

/** A server that replies to every request as it is told, the way model servers do or should not. */
export async function serve(reply: Reply) {
  const asked: Asked[] = []
  const server = createServer(async (incoming, response) => {
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part)
    const text = Buffer.concat(parts).toString()
    const one = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: text === '' ? {} : JSON.parse(text),
      closed: once(response, 'close'),
    }
    asked.push(one)
    reply(response, one, asked.length)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  return { url: `http://127.0.0.1:${port}/v1`, asked }
}

export const compatible = (url: string, name = 'local', key: string | null = null): Provider => ({
  kind: 'compatible',
  name,
  url,
  key,
  isNear: true,
  ...pace,
})

const SSE = { 'content-type': 'text/event-stream' }

/** One event of a streamed chat completion. */
export const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`

export const said = (text: string): string => event({ id: 'c', choices: [{ index: 0, delta: { content: text } }] })

/** A piece of a call; the first one of a call has its name. */
export const called = (index: number, args: string, name?: string): string => {
  const start = name === undefined ? {} : { id: `call-${index}`, type: 'function' }
  const call = { index, ...start, function: { ...(name !== undefined && { name }), arguments: args } }
  return event({ id: 'c', choices: [{ index: 0, delta: { tool_calls: [call] } }] })
}

export const ended = (reason = 'stop', usage?: object): string =>
  `${event({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: reason }], ...(usage && { usage }) })}data: [DONE]\n\n`

/** Begins a streamed answer. */
export function begin(response: ServerResponse, ...events: readonly string[]): ServerResponse {
  response.writeHead(200, SSE)
  for (const text of events) response.write(text)
  return response
}

/** A whole streamed answer. */
export const say =
  (...texts: readonly string[]): Reply =>
  response =>
    begin(response, ...texts.map(said)).end(ended())

/** An error as OpenAI words it. */
export const fail =
  (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Reply =>
  response => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { message, type: 'error', code: null } }))
  }
