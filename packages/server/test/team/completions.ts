import type { Asked, Reply } from '../agents/models/server.ts'

/** What a model says and calls in one answer. */
export interface Said {
  readonly text: string
  readonly call?: readonly [name: string, args: object]
}

/**
 * A model behind OpenAI's streaming chat completions: `chat.completion.chunk` objects of one id, the role in the first, text and
 * arguments of calls in any pieces, the reason of the end, the usage with no choice, `[DONE]`. The bytes come in pieces that keep to
 * no border of an event or a character.
 */
export const complete =
  (says: (asked: Asked, count: number) => Said): Reply =>
  async (response, asked, count) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const bytes = Buffer.from(eventsOf(says(asked, count), count, String(asked.body.model)).join(''))
    for (let at = 0; at < bytes.length; at += PIECE) {
      response.write(bytes.subarray(at, at + PIECE))
      await new Promise(resolve => setImmediate(resolve))
    }
    response.end()
  }

const PIECE = 97

function eventsOf({ text, call }: Said, count: number, model: string): readonly string[] {
  const base = { id: `chatcmpl-${count}`, object: 'chat.completion.chunk', created: 1_767_225_600, model }
  const choice = (delta: object, finish: string | null = null) =>
    event({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }
  return [
    choice({ role: 'assistant', content: '' }),
    ...pieces(text, 3).map(content => choice({ content })),
    ...(call ? callOf(call, count).map(part => choice({ tool_calls: [part] })) : []),
    choice({}, call ? 'tool_calls' : 'stop'),
    event({ ...base, choices: [], usage }),
    'data: [DONE]\n\n',
  ]
}

function callOf([name, args]: readonly [string, object], count: number): readonly object[] {
  const start = { index: 0, id: `call_${count}`, type: 'function', function: { name, arguments: '' } }
  return [start, ...pieces(JSON.stringify(args), 5).map(part => ({ index: 0, function: { arguments: part } }))]
}

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`

/** Characters stay whole: JSON of a half is not what a server sends. */
function pieces(text: string, length: number): readonly string[] {
  const all = [...text]
  return Array.from({ length: Math.ceil(all.length / length) }, (_, i) =>
    all.slice(i * length, (i + 1) * length).join(''),
  )
}
