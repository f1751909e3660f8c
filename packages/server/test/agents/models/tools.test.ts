import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CalledTurn, Model, ModelEvent, ModelRequest, Turn } from '../../../src/agents/models/model.ts'
import { ownTime } from '../../outbound/time.ts'
import { catalogOf, collect, pace, recordedWayOut, request } from './models.ts'
import { begin, called, compatible, ended, event, type Reply, said, serve } from './server.ts'
import { KINDS, wiresAt } from './wires.ts'

const never = new AbortController().signal

const offered = (name: string) => ({
  name,
  description: `Says the ${name}.`,
  parameters: { type: 'object', properties: { of: { type: 'string' } }, required: ['of'] },
})

const asking = (...turns: readonly Turn[]): ModelRequest => ({
  ...request('What weather is it, and what time?'),
  turns: [{ role: 'user', text: 'What weather is it, and what time?' }, ...turns],
  tools: [offered('weather'), offered('time')],
})

// Stands in for the services of all providers, over real HTTP.
const service = new LLMock({ port: 0, chunkSize: 3 })

beforeAll(async () => {
  const toolCalls = [
    { name: 'weather', arguments: '{"of":"Köln 🌧"}' },
    { name: 'time', arguments: '{"of":"Tokyo"}' },
  ]
  service.on({ userMessage: 'weather', hasToolResult: true }, { content: 'It rains.' })
  service.on({ userMessage: 'weather', model: /nova/ }, { content: 'Let me look.', toolCalls })
  const thoughts = { reasoning: 'Where to look?', reasoningSignature: 'signed' }
  service.on({ userMessage: 'weather' }, { content: 'Let me look.', toolCalls, ...thoughts })
  await service.start()
})
afterAll(() => service.stop())

/** The call that an answer ended with. */
function turnOf(events: readonly ModelEvent[]): CalledTurn {
  const last = events.at(-1)
  if (last?.type === 'finish' && last.reason === 'tools') return last.turn
  throw new Error(`No tools are called: ${JSON.stringify(last)}`)
}

const textOf = (events: readonly ModelEvent[]) => events.map(one => (one.type === 'text' ? one.text : '')).join('')

const resultsOf = ({ calls }: CalledTurn): Turn => ({
  role: 'results',
  results: calls.map(({ id, name }) =>
    name === 'time'
      ? { id, name, state: 'failed', value: { error: 'no clock' } }
      : { id, name, state: 'completed', value: { rain: true } },
  ),
})

/** Asks, gives results and asks again; what was sent the second time. */
async function roundTrip(model: Model, sent: readonly unknown[]) {
  const events = await collect(model.stream(asking(), never))
  const turn = turnOf(events)
  const answer = await collect(model.stream(asking(turn, resultsOf(turn)), never))
  return { text: textOf(events), turn, answer, second: JSON.stringify(sent[1]), first: JSON.stringify(sent[0]) }
}

for (const [at, kind] of KINDS.entries()) {
  test(`[AGENT-50] ${kind}: text before calls, calls side by side, and their results on the way back`, async () => {
    const { path: _, model: id, ...provider } = wiresAt(service.url)[at]!
    const { fetch, sent } = recordedWayOut()
    const [model] = catalogOf([provider], `${provider.name}/${id}`, { fetch }).choose(null)
    const { text, turn, answer, first, second } = await roundTrip(model!, sent)
    expect(text).toBe('Let me look.')
    expect(turn).toMatchObject({ text: 'Let me look.', by: model!.name })
    expect(turn.calls).toEqual([
      { id: expect.any(String), name: 'weather', args: { of: 'Köln 🌧' } },
      { id: expect.any(String), name: 'time', args: { of: 'Tokyo' } },
    ])
    expect(textOf(answer)).toBe('It rains.')
    expect(answer.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
    for (const part of ['Says the weather.', 'Says the time.']) expect(first).toContain(part)
    const order = ['What weather', 'Let me look.', 'Köln 🌧', 'Tokyo', 'rain', 'no clock'].map(part =>
      second.lastIndexOf(part),
    )
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
}

test('[AGENT-51] what a provider wants back besides comes back: signed thoughts, and encrypted ones that it does not store', async () => {
  for (const [at, parts] of [
    [0, ['"encrypted_content":"', '"include":["reasoning.encrypted_content"]', '"store":false']],
    [2, ['"type":"thinking"', '"signature":"signed"', 'Where to look?']],
  ] as const) {
    const { path: _, model: id, ...provider } = wiresAt(service.url)[at]!
    const { fetch, sent } = recordedWayOut()
    const [model] = catalogOf([provider], `${provider.name}/${id}`, { fetch }).choose(null)
    const { second } = await roundTrip(model!, sent)
    for (const part of parts) expect(second).toContain(part)
  }
})

test('[AGENT-51] the signature of a thought of Gemini comes back with the call that it belongs to', async () => {
  const call = { functionCall: { name: 'weather', args: { of: 'Rome' } }, thoughtSignature: 'c2lnbmVk' }
  const { url, asked } = await serve(response =>
    begin(response, event({ candidates: [{ content: { parts: [call] }, finishReason: 'STOP', index: 0 }] })).end(),
  )
  const google = { kind: 'google', name: 'google', key: 'k', url, ...pace } as const
  const [model] = catalogOf([google], 'google/gemini-3.8-flash').choose(null)
  const turn = turnOf(await collect(model!.stream(asking(), never)))
  await collect(model!.stream(asking(turn, resultsOf(turn)), never))
  expect(JSON.stringify(asked[1]!.body)).toContain('"thoughtSignature":"c2lnbmVk"')
})

async function modelAt(reply: Reply) {
  const server = await serve(reply)
  const [model] = catalogOf([compatible(server.url)], 'local/m').choose(null)
  return { model: model!, ...server }
}

test('[AGENT-50] another model gets what was called without what only the first could read', async () => {
  const { model, asked } = await modelAt(response => begin(response, said('ok')).end(ended()))
  const calls = [
    { id: 'c-1', name: 'weather', args: { of: 'Rome' } },
    { id: 'c-2', name: 'time', args: 'no JSON' },
  ]
  const turn: CalledTurn = { role: 'called', text: 'So.', calls, by: 'other/m', raw: { secret: 'thought' } }
  await collect(model.stream(asking(turn, resultsOf(turn)), never))
  const sent = JSON.stringify(asked[0]!.body)
  for (const part of ['So.', 'c-1', 'Rome', 'c-2', 'no clock']) expect(sent).toContain(part)
  expect(sent).not.toContain('thought')
})

test('[AGENT-50] arguments are whole however they were cut, and calls count whatever reason the server gives', async () => {
  const args = '{"of":"茶 🍵"}'
  const { model } = await modelAt(response => {
    begin(response, called(0, '', 'weather'))
    for (const letter of args) response.write(called(0, letter))
    response.write(called(1, '{"of":"now"}', 'time'))
    response.end(ended('stop'))
  })
  expect(turnOf(await collect(model.stream(asking(), never))).calls).toEqual([
    { id: 'call-0', name: 'weather', args: { of: '茶 🍵' } },
    { id: 'call-1', name: 'time', args: { of: 'now' } },
  ])
})

test('[AGENT-52] a call with broken arguments, or of a tool that there is not, is a call; the next request is well-formed', async () => {
  const { model, asked } = await modelAt((response, _, count) =>
    count === 1
      ? begin(response, called(0, '{"of": "Ro', 'weather'), called(1, '{}', 'rm_rf'), called(2, '[1]', 'time')).end(
          ended('tool_calls'),
        )
      : begin(response, said('sorry')).end(ended()),
  )
  const turn = turnOf(await collect(model.stream(asking(), never)))
  expect(turn.calls).toEqual([
    { id: 'call-0', name: 'weather', args: '{"of": "Ro' },
    { id: 'call-1', name: 'rm_rf', args: {} },
    { id: 'call-2', name: 'time', args: [1] },
  ])
  expect(textOf(await collect(model.stream(asking(turn, resultsOf(turn)), never)))).toBe('sorry')
  const { messages } = asked[1]!.body as { messages: readonly { role: string; tool_calls?: readonly object[] }[] }
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'tool', 'tool'])
  expect(messages[2]!.tool_calls).toHaveLength(3)
})

test('[AGENT-52] calls of an answer that was cut off or held back are none', async () => {
  for (const [raw, reason] of [
    ['length', 'length'],
    ['content_filter', 'filtered'],
  ] as const) {
    const { model } = await modelAt(response => begin(response, called(0, '{"of":"x"}', 'weather')).end(ended(raw)))
    expect((await collect(model.stream(asking(), never))).at(-1)).toMatchObject({ type: 'finish', reason })
  }
})

test('[AGENT-14] an answer that ends in the middle of a call fails', async () => {
  const { model } = await modelAt(response => begin(response, called(0, '{"of":', 'weather')).end())
  await expect(collect(model.stream(asking(), never))).rejects.toMatchObject({ code: 'broken' })
})

test('[AGENT-13] the signal ends a request in the middle of a call', async () => {
  const end = new AbortController()
  const time = ownTime()
  const begun = Promise.withResolvers<void>()
  const server = await serve(response => {
    begin(response, called(0, '{"of":', 'weather'))
    begun.resolve()
  })
  const [model] = catalogOf([compatible(server.url)], 'local/m', { time }).choose(null)
  const failed = collect(model!.stream(asking(), end.signal)).catch(error => error)
  await begun.promise
  end.abort(new Error('enough'))
  expect(await failed).toEqual(new Error('enough'))
  await server.asked[0]!.closed
})
