import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { completion, completionChunk, completionError, modelList } from '@parley/protocol/agents/completions'
import { generateText, streamText } from 'ai'
import { expect, it } from 'vitest'
import { ensureAgent, ensureAssistant } from '../../src/agents/voices.ts'
import { AgentFailed } from '../../src/core/ports/agents.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { testTeam, until } from '../world.ts'
import { openSite } from './site.ts'

const PATH = '/openai/v1/chat/completions'
const USAGE = { model: 'm', tokens: 12, cost: null }
const hello = { model: 'assistant', messages: [{ role: 'user', content: 'Hello' }] }

async function openDesk() {
  const agent = new TestAgent()
  const site = await openSite({ agents: agent })
  await ensureAssistant(site.core)
  await ensureAgent(site.core, testTeam.name)
  const ann = await site.person('ann')
  const baseURL = `http://127.0.0.1:${site.port}/openai/v1`
  return {
    ...{ site, agent, ann },
    client: createOpenAICompatible({ name: 'parley', baseURL, apiKey: ann.key, includeUsage: true }),
    /** The next question, once it is asked. */
    async script(index = 0) {
      await until(() => agent.asked.length > index)
      return agent.asked[index]!
    },
    /** Whether nothing is left of what was asked. */
    async isForgotten() {
      const { total } = await site.as(ann, { type: 'conversations.list', limit: 9, offset: 0 })
      return total === 0
    },
    ask: (body: object) => site.ask('POST', PATH, { headers: { Authorization: `Bearer ${ann.key}` }, body }),
    post: (body: object, signal?: AbortSignal) =>
      fetch(`${baseURL}/chat/completions`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${ann.key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: signal ?? null,
      }),
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  }
}

it('[TEAM-50] a client of OpenAI’s API gets an answer, in the light of the conversation that it sends', async () => {
  await using desk = await openDesk()
  const answering = generateText({
    model: desk.client('books'),
    maxRetries: 0,
    instructions: 'Be brief.',
    temperature: 0.5,
    maxOutputTokens: 99,
    messages: [
      { role: 'user', content: 'I am Ann.' },
      { role: 'assistant', content: 'Hello Ann.' },
      { role: 'user', content: [{ type: 'text', text: 'Who am I?' }] },
    ],
  })
  const { question, script } = await desk.script()
  expect(question).toMatchObject({
    run: { options: { model: null, systemPrompt: 'Be brief.', temperature: 0.5, maxTokens: 99 } },
    message: { body: 'Who am I?' },
    asker: { name: 'ann' },
    hasEarlier: false,
  })
  const agent = await desk.site.core.context.directory.user(question.run.agent)
  expect(agent?.name).toBe('books')
  expect(question.context.map(({ message, sender }) => [sender.name, message.body])).toEqual([
    ['ann', 'I am Ann.'],
    ['books', 'Hello Ann.'],
  ])
  script.say('You are ', 'Ann.')
  script.finish(USAGE)
  const { text, usage, finishReason } = await answering
  expect([text, finishReason, usage.totalTokens]).toEqual(['You are Ann.', 'stop', 12])
  expect(await desk.isForgotten()).toBe(true)
})

it('[TEAM-50] a model by its name is the assistant with that model', async () => {
  await using desk = await openDesk()
  const answering = desk.ask({ ...hello, model: 'gemini-2.0-flash-exp' })
  const { question, script } = await desk.script()
  expect(question.run.options.model).toBe('gemini-2.0-flash-exp')
  expect((await desk.site.core.context.directory.user(question.run.agent))?.name).toBe('assistant')
  script.say('Hi')
  script.finish()
  const { status, body } = await answering
  expect(status).toBe(200)
  expect(completion.parse(body)).toMatchObject({
    model: 'gemini-2.0-flash-exp',
    choices: [{ message: { content: 'Hi' } }],
  })
  expect(body).not.toHaveProperty('usage')
})

it('[TEAM-51] a stream brings every step as it is stored, then the usage and the end', async () => {
  await using desk = await openDesk()
  const streaming = streamText({ model: desk.client('assistant'), prompt: 'Hello', maxRetries: 0 })
  const parts = streaming.textStream[Symbol.asyncIterator]()
  const first = parts.next()
  const { script } = await desk.script()
  script.say('One')
  expect(await first).toEqual({ done: false, value: 'One' })
  script.say(' two')
  script.finish(USAGE)
  expect(await parts.next()).toEqual({ done: false, value: ' two' })
  expect(await parts.next()).toMatchObject({ done: true })
  expect((await streaming.usage).totalTokens).toBe(12)
  expect(await desk.isForgotten()).toBe(true)

  const answering = desk.post({ ...hello, stream: true })
  const { script: next } = await desk.script(1)
  next.say('Hi')
  next.finish(USAGE)
  const response = await answering
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const events = (await response.text()).trimEnd().split('\n\n')
  expect(events.pop()).toBe('data: [DONE]')
  const chunks = events.map(one => completionChunk.parse(JSON.parse(one.slice('data: '.length))))
  expect(chunks.map(({ choices: [one] }) => [one?.delta, one?.finish_reason])).toEqual([
    [{ role: 'assistant', content: '' }, null],
    [{ content: 'Hi' }, null],
    [{}, 'stop'],
  ])
})

it.each([true, false])('[TEAM-52] a client that hangs up ends its answer (stream: %s)', async stream => {
  await using desk = await openDesk()
  const hangUp = new AbortController()
  const answering = desk.post({ ...hello, stream }, hangUp.signal).then(response => response.text())
  const { script, signal } = await desk.script()
  script.say('One')
  await until(() => script.pulled === 1)
  hangUp.abort()
  await expect(answering).rejects.toThrow()
  await until(() => signal.aborted && desk.site.core.context.runs.active === 0)
  await desk.site.core.drained()
})

it('[TEAM-53] what fails says why in the way of that API', async () => {
  await using desk = await openDesk()
  const failing = desk.ask(hello)
  ;(await desk.script()).script.fail(new AgentFailed('The model is overloaded'))
  const failed = await failing
  expect(failed.status).toBe(502)
  expect(completionError.parse(failed.body).error).toMatchObject({
    message: 'The model is overloaded',
    type: 'server_error',
  })
  const streaming = desk.post({ ...hello, stream: true })
  ;(await desk.script(1)).script.fail(new AgentFailed('The model is overloaded'))
  const events = (await (await streaming).text()).trimEnd().split('\n\n')
  expect(completionError.parse(JSON.parse(events.at(-1)!.slice(6))).error.message).toBe('The model is overloaded')
  expect(await desk.isForgotten()).toBe(true)
})

it('[TEAM-56] a server that stops ends the answer, which would not know the conversation after the next start', async () => {
  await using desk = await openDesk()
  Object.assign(desk.agent, { isRepeatable: () => true })
  const failing = desk.ask(hello)
  await desk.script()
  await desk.site.core.stop()
  const { status, body } = await failing
  expect([status, completionError.parse(body).error.type]).toEqual([503, 'server_error'])
  expect(await desk.site.core.context.store.openRuns()).toEqual([])
  expect(await desk.isForgotten()).toBe(true)
})

const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }

it.each([
  ['no message', { messages: [] }, /messages/],
  ['an image', { messages: [{ role: 'user', content: [image] }] }, /text/],
  ['the message of a tool', { messages: [{ role: 'tool', content: 'x', tool_call_id: '1' }] }, /role/],
  ['an answer at the end', { messages: [...hello.messages, { role: 'assistant', content: 'x' }] }, /role user/],
  ['nothing to answer', { messages: [{ role: 'user', content: ' ' }] }, /empty/],
  ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }, /Tools of a client/],
  ['several answers', { n: 2 }, /n has to be 1/],
  ['a temperature that is none', { temperature: 3 }, /temperature/],
])('[TEAM-54] %s is refused in words', async (_, over, words) => {
  await using desk = await openDesk()
  const { status, body } = await desk.ask({ ...hello, ...over })
  expect(status).toBe(400)
  expect(completionError.parse(body).error).toMatchObject({
    type: 'invalid_request_error',
    message: expect.stringMatching(words),
  })
  expect(desk.agent.asked).toEqual([])
})

it('[TEAM-54] no key, an unknown name and no JSON are refused as that API does', async () => {
  await using desk = await openDesk()
  const wrong = await desk.site.ask('POST', PATH, { headers: { Authorization: 'Bearer junk' }, body: hello })
  expect([wrong.status, completionError.parse(wrong.body).error.type]).toEqual([401, 'authentication_error'])
  expect((await desk.site.ask('GET', '/openai/v1/models')).status).toBe(401)
  const unknown = await desk.ask({ ...hello, model: 'nobody' })
  expect([unknown.status, completionError.parse(unknown.body).error.code]).toEqual([404, 'model_unknown'])
  const raw = await desk.site.ask('POST', PATH, { key: desk.ann.key, raw: '{' })
  expect([raw.status, completionError.parse(raw.body).error.type]).toEqual([400, 'invalid_request_error'])
  expect((await desk.site.ask('PUT', PATH, { key: desk.ann.key })).body).toHaveProperty('error')
})

it('[TEAM-55] the names that answer are listed', async () => {
  await using desk = await openDesk()
  const { body } = await desk.site.ask('GET', '/openai/v1/models', {
    headers: { Authorization: `Bearer ${desk.ann.key}` },
  })
  const names = modelList.parse(body).data.map(({ id }) => id)
  expect(names).toEqual(['assistant', 'books', 'parley-guide', 'gemini-2.0-flash-exp'])
})
