import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../random.ts'
import { storyOf } from './story.ts'

/** A model behind the API that most model servers have. It tells the story that it is asked for, word by word, in its own time. */
export interface Model extends AsyncDisposable {
  readonly url: string
  /** What it was asked wrongly. */
  readonly faults: readonly string[]
  /** Times that it was to go on with what it had begun. */
  readonly goneOn: number
}

interface Said {
  readonly role: string
  readonly content: string
}

/** Longest pause between two words, in milliseconds. */
const PACE = 8

/** Words of a story, and how it is asked for. */
const WORDS = 60
export const storyAskedAs = (seed: number): string => `tell ${seed}`
export const modelStory = (seed: number): string => storyOf(seed, WORDS).join('')

export async function openModel(random: Random): Promise<Model> {
  const faults: string[] = []
  let goneOn = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    const { messages } = JSON.parse(body) as { messages: readonly Said[] } // as the API has it
    const asked = messages.findLast(({ role, content }) => role === 'user' && /tell \d+/.test(content))
    const seed = Number(/tell (\d+)/.exec(asked?.content ?? '')?.[1])
    const before = messages.at(-2)
    const begun = messages.at(-1) !== asked && before?.role === 'assistant' ? before.content : ''
    const story = modelStory(seed)
    if (begun) goneOn++
    if (!story.startsWith(begun)) faults.push(`of ${seed} it is said to have begun ${JSON.stringify(begun)}`)
    await tell(response, story.slice(begun.length), random).catch(() => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/v1`,
    faults,
    get goneOn() {
      return goneOn
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const event = (choice: object): string => `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, ...choice }] })}\n\n`

async function tell(response: ServerResponse, text: string, random: Random): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let at = 0; at < text.length && !response.destroyed; ) {
    // A character may be cut in half.
    const end = Math.min(text.length, at + 1 + random.below(10))
    response.write(event({ delta: { content: text.slice(at, end) } }))
    at = end
    await pause(random.below(PACE))
  }
  response.end(`${event({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`)
}
