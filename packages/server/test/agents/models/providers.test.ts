import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ModelUsage } from '../../../src/agents/models/model.ts'
import { PRICES } from '../../../src/agents/models/prices.ts'
import type { Provider } from '../../../src/agents/models/providers.ts'
import { catalogOf, collect, request } from './models.ts'
import { KINDS, wiresAt } from './wires.ts'

// Stands in for the services of all providers, over real HTTP.
const service = new LLMock({ port: 0, chunkSize: 5 })
const ANSWER = 'Tea, please – 茶 🍵.'

beforeAll(async () => {
  service.onMessage('drink', { content: ANSWER, usage: { input_tokens: 12, output_tokens: 5 } })
  service.onMessage('long', { content: 'cut', finishReason: 'length' })
  await service.start()
})
afterAll(() => service.stop())

const providers = () => wiresAt(service.url)

for (const [at, kind] of KINDS.entries()) {
  test(`[AGENT-1] ${kind}: a question comes back as text in pieces and what it took`, async () => {
    const { path, model: id, ...provider } = providers()[at]!
    service.clearRequests()
    const [model] = catalogOf([provider], `${provider.name}/${id}`).choose(null)
    const events = await collect(model!.stream(request('What do you drink?'), new AbortController().signal))
    const texts = events.flatMap(event => (event.type === 'text' ? [event.text] : []))
    expect(texts.join('')).toBe(ANSWER)
    expect(texts.length).toBeGreaterThan(1)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
    const asked = service.getLastRequest()!
    expect(new URL(asked.path, service.url).pathname).toBe(path)
    const sent = JSON.stringify(asked.body)
    expect(sent).toContain('Be brief.')
    expect(sent).toContain('What do you drink?')
  })

  // The stand-in says it otherwise than OpenAI does; see hostile.test.ts.
  if (kind === 'openai responses') continue
  test(`[AGENT-17] ${kind}: an answer that was cut at its longest says so`, async () => {
    const { path: _, model: id, ...provider } = providers()[at]!
    const [model] = catalogOf([provider], `${provider.name}/${id}`).choose(null)
    const events = await collect(model!.stream(request('long'), new AbortController().signal))
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'length' })
  })
}

test('[AGENT-20] tokens are what the provider says, the cost comes from a table with a version', async () => {
  const { path: _, model: id, ...provider } = providers()[1]!
  const [model] = catalogOf([provider], `${provider.name}/${id}`).choose(null)
  const events = await collect(model!.stream(request('drink'), new AbortController().signal))
  const finish = events.at(-1)
  const usage = finish?.type === 'finish' ? finish.usage : undefined
  expect(usage).toMatchObject({ input: 12, output: 5 })
  expect(await model!.cost(usage!)).toEqual({ cost: expect.closeTo((12 * 0.75 + 5 * 4.5) / 1e6, 9), prices: PRICES })
})

test('[AGENT-20] what the table does not know has no cost, and the name of the table is that of the one installed', async () => {
  const usage = { input: 10, output: 10, cacheRead: 0, cacheWrite: 0 }
  const [openai, , , , bedrock, local] = providers()
  const cost = async (provider: Provider, id: string, took: ModelUsage) =>
    (await catalogOf([provider], `${provider.name}/${id}`).choose(null)[0]!.cost(took))?.cost ?? null
  expect(await cost(openai!, 'gpt-of-nobody', usage)).toBeNull()
  expect(await cost(openai!, 'gpt-5.4-mini', { ...usage, output: null })).toBeNull()
  expect(await cost(openai!, 'gpt-5.4-mini', { ...usage, cacheRead: 11 })).toBeNull()
  expect(await cost(local!, 'gpt-5.4-mini', usage)).toBeNull()
  expect(await cost(bedrock!, 'amazon.nova-lite-v1:0', usage)).toBeGreaterThan(0)
  const table = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const { version } = JSON.parse(readFileSync(join(dirname(table), '../package.json'), 'utf8'))
  expect(PRICES).toBe(`genai-prices ${version}`)
})

test('[AGENT-31] the window of a model comes from the same table, and from the settings where it does not know', async () => {
  const [openai, , , , , local] = providers()
  expect(await catalogOf([openai!], 'openai/gpt-5.4-mini').choose(null)[0]!.window()).toBe(400_000)
  expect(await catalogOf([local!], 'ollama/qwen3:8b').choose(null)[0]!.window()).toBe(8192)
})
