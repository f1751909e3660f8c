import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { ModelFault } from '../../../src/agents/models/fault.ts'
import type { Model, ModelEvent } from '../../../src/agents/models/model.ts'
import { ownTime } from '../../outbound/time.ts'
import { catalogOf, collect, pace, request } from './models.ts'
import { begin, compatible, ended, event, fail, type Reply, said, say, serve } from './server.ts'

const never = new AbortController().signal

async function modelAt(reply: Reply, time = ownTime()) {
  const server = await serve(reply)
  const [model] = catalogOf([compatible(server.url)], 'local/m', { time }).choose(null)
  return { model: model!, ...server }
}

/** What a model gives before it fails, and how it fails. */
async function broken(model: Model, signal = never) {
  const events: ModelEvent[] = []
  try {
    for await (const one of model.stream(request('hi'), signal)) events.push(one)
  } catch (error) {
    return { text: textOf(events), error }
  }
  throw new Error('it did not fail')
}

const textOf = (events: readonly ModelEvent[]) => events.map(one => (one.type === 'text' ? one.text : '')).join('')

const codeOf = (error: unknown) => (error instanceof ModelFault ? error.code : error)

test('[AGENT-14] an answer that is cut off in the middle keeps its text and fails', async () => {
  const { model } = await modelAt(response =>
    begin(response, said('half ')).write(said('an answer'), () => response.destroy()),
  )
  const { text, error } = await broken(model)
  expect(text).toBe('half an answer')
  expect(codeOf(error)).toBe('broken')
})

test('[AGENT-14] an answer that ends without saying so fails', async () => {
  const { model } = await modelAt(response => begin(response, said('half')).end())
  const { text, error } = await broken(model)
  expect({ text, code: codeOf(error) }).toEqual({ text: 'half', code: 'broken' })
})

test('[AGENT-14] what is no answer at all fails', async () => {
  const { model } = await modelAt(response =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>'),
  )
  expect(codeOf((await broken(model)).error)).toBe('broken')
})

test('[AGENT-14] an error inside an answer with status 200 fails with what it says', async () => {
  const { model } = await modelAt(response =>
    begin(response, event({ error: { message: 'The engine is overloaded', type: 'server_error' } })).end(),
  )
  const { error } = await broken(model)
  expect(error).toMatchObject({ code: 'overloaded', message: 'The language model has trouble; please try again later' })
  expect((error as ModelFault).detail).toContain('The engine is overloaded')
})

test('[AGENT-14] lines that are no JSON fail', async () => {
  const { model } = await modelAt(response => begin(response, said('so '), 'data: {"choices": [}\n\n').end(ended()))
  const { text, error } = await broken(model)
  expect({ text, code: codeOf(error) }).toEqual({ text: 'so ', code: 'broken' })
})

test('[AGENT-14] characters that are cut between two packets are whole', async () => {
  const bytes = Buffer.from(said('茶🍵'))
  const { model } = await modelAt(async response => {
    begin(response)
    for (const byte of bytes) await new Promise(resolve => response.write(Buffer.of(byte), resolve))
    response.end(ended())
  })
  expect(textOf(await collect(model.stream(request('hi'), never)))).toBe('茶🍵')
})

test('[AGENT-12] a model that stops in the middle fails after its silence, and its request ends', async () => {
  const time = ownTime()
  const { model, asked } = await modelAt(response => begin(response, said('well')), time)
  const events = model.stream(request('hi'), never)[Symbol.asyncIterator]()
  expect((await events.next()).value).toEqual({ type: 'text', text: 'well' })
  const next = events.next()
  await time.waiting(pace.silence)
  time.pass(pace.silence - 1)
  time.pass(1)
  await expect(next).rejects.toMatchObject({ code: 'silent', message: 'The language model stopped answering' })
  await asked[0]!.closed
})

test('[AGENT-12] a model that never begins fails as well', async () => {
  const time = ownTime()
  const begun = Promise.withResolvers<void>()
  const { model, asked } = await modelAt(() => begun.resolve(), time)
  const failed = broken(model)
  await begun.promise
  time.pass(pace.silence)
  expect(codeOf((await failed).error)).toBe('silent')
  await asked[0]!.closed
})

test('[AGENT-13] the signal ends the request at the provider, before the first word and after it', async () => {
  for (const words of [[], ['well']]) {
    const end = new AbortController()
    const begun = Promise.withResolvers<void>()
    const { model, asked } = await modelAt(response => {
      if (words.length > 0) begin(response, ...words.map(said))
      begun.resolve()
    })
    const failed = broken(model, end.signal)
    await begun.promise
    end.abort(new Error('enough'))
    expect((await failed).error).toEqual(new Error('enough'))
    await asked[0]!.closed
  }
})

test('[AGENT-15] a redirect is not followed, wherever it leads', async () => {
  const elsewhere = await serve(say('stolen'))
  for (const status of [301, 302, 303, 307, 308]) {
    const { model, url } = await modelAt(response =>
      response.writeHead(status, { location: `${elsewhere.url}/chat/completions` }).end(),
    )
    expect(codeOf((await broken(model)).error), url).toBe('redirected')
  }
  expect(elsewhere.asked).toEqual([])
})

test('[AGENT-16] an endless line ends the answer instead of filling the memory', async () => {
  function* endless() {
    for (;;) yield 'x'.repeat(64 * 1024)
  }
  const { model, asked } = await modelAt(response => {
    Readable.from(endless()).pipe(begin(response, said('so '), 'data: {"x":"'))
  })
  const { text, error } = await broken(model)
  expect({ text, code: codeOf(error) }).toEqual({ text: 'so ', code: 'too_large' })
  await asked[0]!.closed
})

test('[AGENT-14] what a provider refuses has words of its own for people, without anything the provider said', async () => {
  for (const [status, text, code] of [
    [401, 'Incorrect API key provided: sk-1234', 'credentials_refused'],
    [403, 'not you', 'credentials_refused'],
    [404, 'no such model', 'model_unknown'],
    [400, "This model's maximum context length is 4096 tokens", 'question_too_long'],
    [413, 'what a lot', 'question_too_long'],
    [400, 'bad', 'question_refused'],
    [429, 'slow down', 'rate_limited'],
    [500, 'oops', 'overloaded'],
    [503, 'oops', 'overloaded'],
  ] as const) {
    const { model } = await modelAt(fail(status, text))
    const { error } = await broken(model)
    expect(codeOf(error), text).toBe(code)
    expect((error as ModelFault).message).not.toContain(text)
    expect((error as ModelFault).detail).toContain(text)
  }
})

test('[AGENT-14] nobody at the address is a fault with words', async () => {
  const [model] = catalogOf([compatible('http://127.0.0.1:1/v1')], 'local/m').choose(null)
  expect(codeOf((await broken(model!)).error)).toBe('unreachable')
})

test('[AGENT-17] an answer of the Responses API that was cut at its longest says so', async () => {
  const incomplete = {
    incomplete_details: { reason: 'max_output_tokens' },
    usage: { input_tokens: 3, output_tokens: 7 },
  }
  const server = await serve(response =>
    begin(
      response,
      event({ type: 'response.created', response: { id: 'r', created_at: 1, model: 'm' } }),
      event({ type: 'response.output_item.added', output_index: 0, item: { type: 'message', id: 'i' } }),
      event({ type: 'response.output_text.delta', item_id: 'i', delta: 'cut' }),
      event({ type: 'response.incomplete', response: incomplete }),
    ).end(),
  )
  const openai = { kind: 'openai', name: 'openai', key: 'k', url: server.url, api: 'responses', ...pace } as const
  const [model] = catalogOf([openai], 'openai/m').choose(null)
  const events = await collect(model!.stream(request('hi'), never))
  expect(textOf(events)).toBe('cut')
  expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'length', usage: { input: 3, output: 7 } })
  expect(server.asked[0]!.body).toMatchObject({ store: false })
})

test('[AGENT-17] an answer that the provider held back says so', async () => {
  const { model } = await modelAt(response => begin(response, said('well')).end(ended('content_filter')))
  expect((await collect(model.stream(request('hi'), never))).at(-1)).toMatchObject({
    type: 'finish',
    reason: 'filtered',
  })
})

test('[AGENT-20] tokens that a provider does not tell, or tells as nothing, are unknown, and so is the cost', async () => {
  for (const usage of [undefined, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }]) {
    const { model } = await modelAt(response => begin(response, said('well')).end(ended('stop', usage)))
    const finish = (await collect(model.stream(request('hi'), never))).at(-1)
    expect(finish).toMatchObject({ usage: { input: null, output: null } })
  }
})
