import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { GUIDE_MODEL } from '../../src/agents/guide.ts'
import { readSettings, type Variables } from '../../src/config.ts'
import type { RunUsage } from '../../src/core/run.ts'
import { createOperatorCalls } from '../../src/outbound/operator.ts'
import { silent } from '../../src/sessions/observe.ts'
import { openAssistant } from '../../src/start/models.ts'
import { providersOf } from '../../src/start/providers.ts'
import { begin, ended, fail, type Reply, said, serve } from '../agents/models/server.ts'
import { ask as question } from '../agents/question.ts'
import { folder } from '../system/folder.ts'
import { type Running, run, start } from './server.ts'

/** Lists its models, and answers every question. */
const modelServer: Reply = (response, { path }) =>
  path.endsWith('/models')
    ? response.end(JSON.stringify({ data: [{ id: 'embedder' }, { id: 'small' }] }))
    : begin(response, said('Tea, '), said('please.')).end(ended('stop', { prompt_tokens: 9, completion_tokens: 3 }))

// Tells of every module of the SDK and of the prices when it is loaded.
const SPY = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({ load(url, context, next) {
    const [, name] = /node_modules\\/(ai|@ai-sdk\\/[^/]+|@pydantic\\/[^/]+|@modelcontextprotocol\\/[^/]+)\\//.exec(url) ?? []
    if (name) process.stdout.write('loaded ' + name + '\\n')
    return next(url, context)
  } })`)}`

const loaded = (server: Running) => new Set(server.output().match(/(?<=^loaded ).*$/gm))

const ready = (server: Running) => JSON.parse(/^\{.*"msg":"ready"\}$/m.exec(server.output())![0])

interface ChatFrame {
  readonly type: string
  readonly data: {
    readonly role?: string
    readonly content?: string
    readonly done?: boolean
    readonly [field: string]: unknown
  }
}

async function post(url: string, body: object) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.json()
}

/** Asks the assistant over the rooms protocol, as a documented client does. Resolves with its text and the completion. */
async function ask(url: string, message: string) {
  const [username, password] = ['ann', 'Correct-horse-battery-9']
  await post(`${url}/api/v1/auth/register`, { username, email: 'ann@example.org', password })
  const { access_token: token } = await post(`${url}/api/v1/auth/login`, { username, password })
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/ws/ws?token=${token}`)
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  const frames: ChatFrame[] = []
  const over = new Promise<ChatFrame>(resolve => {
    socket.on('message', data => {
      const frame: ChatFrame = JSON.parse(String(data))
      frames.push(frame)
      if (frame.type === 'error' || (frame.type === 'chat' && frame.data.done)) resolve(frame)
    })
  })
  socket.send(JSON.stringify({ type: 'chat', data: { message, model_preference: 'gpt-4' }, message_id: 'msg-1' }))
  const last = await over
  const text = frames
    .map(({ type, data }) => (type === 'chat' && data.role === 'assistant' ? data.content : ''))
    .join('')
  return { text, last }
}

test('[AGENT-2] [AGENT-42] a model of a compatible server answers a person; nothing of it is loaded before', async () => {
  const { url, asked } = await serve(modelServer)
  const server = await start({ DATA_DIR: folder(), OPENAI_COMPATIBLE_URL: url }, ['--import', SPY])
  expect(ready(server)).toMatchObject({ assistant: 'compatible/small' })
  expect(asked.map(({ path }) => path)).toEqual(['/v1/models'])
  expect(loaded(server)).toEqual(new Set())
  const { text, last } = await ask(server.url, 'What do you drink?')
  expect(text).toBe('Tea, please.')
  expect(last.data).toMatchObject({ model_used: 'compatible/small', tokens_used: 12, cost_usd: null })
  expect(loaded(server)).toEqual(
    new Set(['ai', '@ai-sdk/gateway', '@ai-sdk/openai-compatible', '@ai-sdk/provider', '@ai-sdk/provider-utils']),
  )
  expect((await server.stop()).code).toBe(0)
})

test('[AGENT-14] what goes wrong at the provider is told without its words, and no key reaches the log', async () => {
  const key = 'a-very-secret-key-of-the-operator'
  const { url } = await serve(fail(401, `Incorrect API key provided: ${key}`))
  const server = await start({ DATA_DIR: folder(), OPENAI_API_KEY: key, OPENAI_BASE_URL: url, LOG_LEVEL: 'debug' })
  expect(ready(server)).toMatchObject({ assistant: 'openai/gpt-5.4-mini' })
  const { last } = await ask(server.url, 'hi')
  expect(JSON.stringify(last)).toContain("The language model does not accept this server's credentials")
  const { code, output, errors } = await server.stop()
  expect(code).toBe(0)
  expect(output).toContain('"code":"credentials_refused"')
  expect(output + errors).not.toContain(key)
})

test('[AGENT-40] [AGENT-42] without a model the guide answers at once, and the start says why', async () => {
  const server = await start({ DATA_DIR: folder() })
  expect(ready(server).assistant).toBe('the built-in guide: no model is set up')
  // It has the built-in tools and the server's messages.
  expect((await ask(server.url, '/use search_messages {"words": "nothing"}')).text).toContain('"has_more": false')
  await server.stop()
})

test('[AGENT-40] a compatible server that is not there yet keeps nobody from starting', async () => {
  const server = await start({ DATA_DIR: folder(), OPENAI_COMPATIBLE_URL: 'http://127.0.0.1:1/v1' })
  expect(ready(server).assistant).toContain('the built-in guide: nobody says which model to take')
  await server.stop()
})

test('[AGENT-43] names of models that nobody has, and half a Bedrock, end the start in plain words', async () => {
  for (const [settings, words] of [
    [
      { MODEL_DEFAULT: 'openai/gpt-5' },
      'MODEL_DEFAULT is "openai/gpt-5", which is of no provider that is set up (none).',
    ],
    [
      { MODEL_FALLBACK: 'google/gemini', ANTHROPIC_API_KEY: 'k' },
      'MODEL_FALLBACK is "google/gemini", which is of no provider that is set up (anthropic).',
    ],
    [{ MODEL_DEFAULT: 'gpt-5' }, 'MODEL_DEFAULT is "gpt-5"; allowed is provider/model, such as openai/gpt-5.4-mini.'],
    [{ BEDROCK_MODEL_ID: 'amazon.nova-lite-v1:0' }, 'Bedrock needs AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY'],
    [
      { OPENAI_BASE_URL: 'http://me:secret@host/v1' },
      'OPENAI_BASE_URL is wrong (its value is not shown); allowed is an http or https address',
    ],
  ] as const) {
    const { code, errors } = await run({ DATA_DIR: folder(), ...settings })
    expect(code, words).toBe(1)
    expect(errors).toContain(words)
  }
})

test('[AGENT-41] without a provider a model server of this machine answers, unless nobody is to look for one', async () => {
  const { url, asked } = await serve(modelServer)
  const calls = createOperatorCalls()
  onTestFinished(() => calls.close())
  const open = (variables: Variables) =>
    openAssistant(readSettings(variables), calls.fetch, silent, { places: [{ name: 'ollama', url }] })
  expect((await open({ MODEL_PROBE: 'off' })).models.standard).toBe(GUIDE_MODEL)
  expect(asked).toEqual([])
  const { runner, says } = await open({})
  expect(says).toBe(`ollama/small, found at ${url}`)
  const texts: string[] = []
  for await (const event of runner.answer(question('hi'), new AbortController().signal))
    if (event.type === 'text') texts.push(event.text)
  expect(texts).toEqual(['Tea, ', 'please.'])
  expect((await open({ MODEL_DEFAULT: 'ollama/big' })).says).toBe(`ollama/big, found at ${url}`)
  await expect(open({ MODEL_DEFAULT: 'openai/gpt-5' })).rejects.toThrow('no provider that is set up (ollama)')
  expect((await open({ OPENAI_API_KEY: 'k' })).says).toBe('openai/gpt-5.4-mini')
  expect(asked.map(({ path }) => path)).toEqual(['/v1/models', '/v1/chat/completions', '/v1/models', '/v1/models'])
})

test('[AGENT-42] who answers where several are set up is one order, and what settings say comes before it', async () => {
  const says = async (variables: Variables) =>
    (await openAssistant(readSettings(variables), () => Promise.reject(new Error('nobody is to be asked')), silent))
      .says
  const keys = { OPENAI_API_KEY: 'a', ANTHROPIC_API_KEY: 'b', GOOGLE_API_KEY: 'c' }
  const bedrock = { AWS_BEARER_TOKEN_BEDROCK: 'd', BEDROCK_MODEL_ID: 'amazon.nova-lite-v1:0' }
  expect(await says({ ...keys, ...bedrock })).toBe('bedrock/amazon.nova-lite-v1:0')
  expect(await says(keys)).toBe('openai/gpt-5.4-mini')
  expect(await says({ ...keys, OPENAI_API_KEY: '' })).toBe('anthropic/claude-haiku-4-5')
  expect(await says({ GOOGLE_API_KEY: 'c' })).toBe('google/gemini-3.8-flash')
  expect(await says({ ...keys, AWS_BEARER_TOKEN_BEDROCK: 'd', MODEL_FALLBACK: 'bedrock/x' })).toBe(
    'openai/gpt-5.4-mini, else bedrock/x',
  )
  expect(await says({ ...keys, MODEL_DEFAULT: 'google/x' })).toBe('google/x')
})

test('[AGENT-70] budgets and limits of tools are what the settings say', async () => {
  const { url, asked } = await serve(modelServer)
  const calls = createOperatorCalls()
  onTestFinished(() => calls.close())
  const answer = async (variables: Variables) => {
    const paid = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: url, MODEL_DEFAULT: 'openai/nobody-knows', ...variables }
    const { runner } = await openAssistant(readSettings(paid), calls.fetch, silent)
    const usages: (RunUsage | null)[] = []
    const spending = async () => ({ person: usages.at(-1)?.charge ?? 0, room: null, guests: null })
    for await (const event of runner.answer(question('hi', { spending }), new AbortController().signal))
      if (event.type === 'usage') usages.push(event.usage)
    return usages.at(-1)
  }
  await expect(answer({ BUDGET_PERSON_DAILY: '0' })).rejects.toThrow('Your budget for language models is used up')
  expect(asked).toEqual([])
  expect(await answer({})).toMatchObject({ tokens: 12, cost: null, charge: 120 })
  expect(await answer({ BUDGET_PERSON_DAILY: 'unlimited', BUDGET_UNKNOWN_PRICE: '0.5' })).toMatchObject({ charge: 6 })
  const { BUDGET_ROOM_DAILY: room, BEDROCK_MAX_TOOL_CALLS: most } = readSettings({ BUDGET_ROOM_DAILY: '0.25' })
  expect([room, most]).toEqual([250_000, 10])
})

test('[AGENT-72] a compatible server is free on this machine and in its network, and paid elsewhere', () => {
  const isNear = (url: string) => {
    const [provider] = providersOf(readSettings({ OPENAI_COMPATIBLE_URL: url, OPENAI_COMPATIBLE_KEY: 'k' }))
    return provider?.kind === 'compatible' && provider.isNear
  }
  for (const host of [
    '127.0.0.1:11434',
    '[::1]:1',
    '10.1.2.3',
    '192.168.0.9',
    'localhost',
    'ollama:11434',
    'gpu.lan',
    'gpu.home.arpa',
  ])
    expect(isNear(`http://${host}/v1`), host).toBe(true)
  for (const host of ['api.example.com', '8.8.8.8', '[2a00::1]', 'localhost.example.com', 'lan.example'])
    expect(isNear(`https://${host}/v1`), host).toBe(false)
})
