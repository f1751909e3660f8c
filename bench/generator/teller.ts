import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { DIGITS } from './content.ts'

/** Write times are kept for this many newest tokens, seconds more than any is on its way. */
const WRITE_TIMES = 1 << 17
/** Streams write in this many turns, so that not all write at once. */
const TURNS = 10

/** A model server with the API of compatible ones. Whoever asks for `stream <n>` gets tokens at a steady rate until `end`. */
export async function openTeller(port: number, tokensPerSecond: number) {
  const writtenAt = new Float64Array(WRITE_TIMES)
  /** Tokens written to each stream so far, by its number, and the responses that are open. */
  const written = new Map<number, number>()
  const open: { readonly stream: number; readonly response: ServerResponse }[] = []
  let tokens = 0
  let turn = 0

  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    const stream = Number(/.*stream (\d+)/s.exec(body)?.[1])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    written.set(stream, 0)
    open.push({ stream, response })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')

  function write({ stream, response }: (typeof open)[number]): void {
    const token = tokens++
    const text = `t${String(token).padStart(DIGITS, '0')} `
    writtenAt[token % WRITE_TIMES] = performance.now()
    response.write(eventOf({ delta: { content: text } }))
    written.set(stream, (written.get(stream) ?? 0) + 1)
  }

  const interval = 1000 / tokensPerSecond / TURNS
  const began = performance.now()
  const timer = setInterval(() => {
    // What a late timer missed is made up for: the rate holds.
    for (const due = (performance.now() - began) / interval; turn < due; turn++) {
      for (const one of open) if (one.stream % TURNS === turn % TURNS) write(one)
    }
  }, interval)

  return {
    /** Streams that were asked for. */
    streams: () => open.length,
    written: (stream: number): number => written.get(stream) ?? 0,
    /** Milliseconds since a token was written. */
    age: (token: number): number => performance.now() - writtenAt[token % WRITE_TIMES]!,
    /** Writes no more, and ends nothing. */
    pause: () => clearInterval(timer),
    /** Ends all answers as whole. */
    end(): void {
      clearInterval(timer)
      for (const { response } of open) response.end(`${eventOf({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`)
    },
    close(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}

const eventOf = (choice: object): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, ...choice }] })}\n\n`
