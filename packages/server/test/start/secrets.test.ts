import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { begin, called, ended, said, serve } from '../agents/models/server.ts'
import { lastOf } from '../assistant/orders.ts'
import { postOffice } from '../outbound/post-office.ts'
import { inbox } from '../outbound/servers.ts'
import { folder } from '../system/folder.ts'
import { until } from '../world.ts'
import { bytesBelow, foundIn, type Marked } from './evidence.ts'
import { type Running, start } from './server.ts'

const mark = (what: string): string => `Mark${what}${crypto.randomUUID().replaceAll('-', '')}`

/** Secrets of the operator, in the settings. */
const settings = {
  SECRET_KEY: mark('SecretKey'),
  OPENAI_API_KEY: mark('OpenAi'),
  ANTHROPIC_API_KEY: mark('Anthropic'),
  GOOGLE_API_KEY: mark('Google'),
  OPENAI_COMPATIBLE_KEY: mark('Compatible'),
  AWS_ACCESS_KEY_ID: mark('AwsId'),
  AWS_SECRET_ACCESS_KEY: mark('AwsSecret'),
  AWS_SESSION_TOKEN: mark('AwsSession'),
  SERVICE_KEY: mark('Service'),
  FILES_KEY: mark('Files'),
  WIKI_KEY: mark('Wiki'),
}
const others = { smtp: mark('Smtp'), accepted: mark('Accepted'), acceptedPassword: mark('AcceptedPassword') }

/** Secrets of people, as they show them. */
const shown = {
  password: `${mark('Password')}-1`,
  newPassword: `${mark('NewPassword')}-2`,
  wrongPassword: mark('WrongPassword'),
  wrongKey: mark('WrongKey'),
  wrongToken: mark('WrongToken'),
  cookie: mark('Cookie'),
  bearer: mark('Bearer'),
  apiKey: mark('ApiKey'),
  basic: mark('Basic'),
  oauth2: mark('OAuth2'),
  custom: mark('Custom'),
  refused: mark('Refused'),
  room: mark('Room'),
  webhook: mark('Webhook'),
}

/** A server with every secret there is, surrounded by services that quote what they are sent and fail at it. */
async function surrounded() {
  const [DATA_DIR, place] = [folder(), folder()]
  const model = await serve((response, { path, headers, body }, count) => {
    if (path.endsWith('/models')) return response.end(JSON.stringify({ data: [{ id: 'small' }] }))
    const last = path.endsWith('/chat/completions') ? lastOf({ body }) : { role: '', text: '' }
    if (last.role === 'tool' || last.text.startsWith('From the server'))
      return begin(response, said(`I was told ${last.text}`)).end(ended())
    if (last.text.includes(USE))
      return begin(response, ...TOOLS.map((name, at) => called(at, '{}', name))).end(ended('tool_calls'))
    if (body.model === 'small' && count % 2 === 0) return begin(response, said('Tea, please.')).end(ended('stop'))
    const quoted = `you sent ${JSON.stringify(headers)}`
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: quoted } }))
  })
  const office = await postOffice({
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: ({ password = '' }, _, done) => done(null, { user: password }),
    onRcptTo: ({ address }, session, done) =>
      done(address.startsWith('broken') ? new Error(`no such address, ${session.user}`) : null),
  })
  const hooks = await inbox(({ path }, response) => void response.writeHead(500).end(path))
  const bought: object[] = []
  const shop = await inbox(({ path, headers }, response) => {
    bought.push(headers)
    const quoted = JSON.stringify({ detail: `you sent ${JSON.stringify(headers)}`, headers })
    response.writeHead(path === '/fail' ? 500 : 200, { 'content-type': 'application/json' }).end(quoted)
  })
  const verifier = await inbox(({ headers }, response) => {
    const isKnown = !JSON.stringify(headers).includes(shown.refused)
    response.writeHead(isKnown ? 204 : 401).end()
  })
  const fixture = fileURLToPath(new URL('../agents/tools/mcp/fixtures/stdio.ts', import.meta.url))
  writeFileSync(
    join(place, 'orders.json'),
    JSON.stringify({ openapi: '3.1.0', servers: [{ url: hooks.url }], paths: { '/x': { get: { operationId: 'x' } } } }),
  )
  const paths = Object.fromEntries(['echo', 'fail'].map(name => [`/${name}`, { get: { operationId: name } }]))
  writeFileSync(join(place, 'shop.json'), JSON.stringify({ openapi: '3.1.0', paths }))
  const key = { 'X-Key': '$SERVICE_KEY' }
  const tools = {
    openapi: [
      { name: 'orders', document: 'orders.json', server: hooks.url, headers: key },
      { name: 'shop', document: 'shop.json', server: shop.url, headers: key, forward_credentials: true },
    ],
    mcp: [
      { name: 'files', command: process.execPath, args: [fixture], env: { FIXTURE_KEY: '$FILES_KEY' }, allow: ['*'] },
      { name: 'wiki', url: `${hooks.url}/mcp?key=1`, headers: { Authorization: 'Bearer $WIKI_KEY' }, allow: ['*'] },
    ],
  }
  const file = join(place, 'tools.json')
  writeFileSync(file, JSON.stringify(tools))
  const server = await start({
    ...settings,
    DATA_DIR,
    DEBUG: 'true',
    LOG_LEVEL: 'debug',
    OUTBOUND_ALLOW: '127.0.0.1',
    OPENAI_BASE_URL: model.url,
    ANTHROPIC_BASE_URL: model.url,
    GOOGLE_BASE_URL: model.url,
    OPENAI_COMPATIBLE_URL: model.url,
    MODEL_DEFAULT: 'compatible/small',
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: model.url,
    BEDROCK_MODEL_ID: 'some.model',
    SMTP_URL: office.url.replace('//', `//postman:${others.smtp}@`),
    MAIL_FROM: 'chat@example.org',
    ASSISTANT_ACCEPTED_CREDENTIALS: `${others.accepted},user:${others.acceptedPassword}`,
    ASSISTANT_VERIFY_URL: verifier.url,
    TOOLS_FILE: file,
    TOKEN_BOWL_SELF_ASSIGNED_ROLES: 'true',
    METRICS_PUBLIC: 'true',
  })
  return { DATA_DIR, model, office, hooks, bought, server }
}

/** Somebody who does everything, right and wrong, and keeps what they are told of errors. */
function visitor(server: Running) {
  const errors: string[] = []
  const told: string[] = []
  const given: Record<string, string> = {}
  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), cookie: `session=${shown.cookie}`, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status >= 400) errors.push(JSON.stringify([...response.headers, text]))
    return text === '' ? {} : JSON.parse(text)
  }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const socket = async (path: string, headers: Record<string, string> = {}) => {
    const ws = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { headers })
    onTestFinished(() => ws.terminate())
    const frames: string[] = []
    let look = () => {}
    let fail = (_: number) => {}
    ws.on('close', code => fail(code))
    ws.on('message', data => {
      frames.push(String(data))
      told.push(String(data))
      if (/"(?:type|status)":"(?:error|failed)"|"error":true|"success":false/.test(String(data)))
        errors.push(String(data))
      look()
    })
    ws.on('unexpected-response', (_, response) => {
      errors.push(JSON.stringify([response.statusCode, response.headers]))
      ws.terminate()
    })
    ws.on('error', () => undefined)
    await new Promise<void>(resolve => ws.once('open', resolve).once('close', () => resolve()))
    let known = 0
    /** Sends a frame and waits for one that is its answer. */
    const say = async (frame: object | string, answer: Pick<RegExp, 'test'>) => {
      ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
      await new Promise<void>((resolve, reject) => {
        look = () => frames.slice(known).some(text => answer.test(text)) && resolve()
        fail = code => reject(new Error(`closed with ${code} before ${answer}: ${frames.slice(known)}`))
        look()
      })
      known = frames.length
    }
    return say
  }
  return { ask, socket, bearer, errors, told, given }
}

type Visitor = ReturnType<typeof visitor>

const ERROR = /"type":"error"/
/** What has the model call these tools. */
const USE = 'Use the tools'
const TOOLS = ['echo', 'fail', 'x']

const ANSWER = /"done":true|"type":"error"/
const QUESTION = 'What is there to drink?'
const MODELS = [
  'compatible/small',
  'openai/gpt-5.4-mini',
  'anthropic/claude-haiku-4-5',
  'google/gemini-3.8-flash',
  'bedrock/some.model',
]

async function useKeys({ ask, socket, bearer, given }: Visitor, webhook: string) {
  const ada = await ask('POST', '/register', {
    username: 'ada',
    admin: true,
    webhook_url: `${webhook}/hook?key=${shown.webhook}`,
  })
  given.key = ada.api_key
  await ask('POST', '/register', { username: 'ada', password: shown.wrongPassword })
  const bot = await ask('POST', '/bots', { username: 'helper' }, { 'x-api-key': ada.api_key })
  given.botKey = bot.api_key
  await ask('GET', '/users/me', undefined, { 'x-api-key': shown.wrongKey })
  await ask('GET', `/messages?api_key=${shown.wrongKey}`)
  await ask('GET', `/nowhere?token=${shown.wrongToken}`, undefined, bearer(shown.wrongToken))
  await ask('POST', '/messages', { content: 5, key: shown.wrongKey }, { 'x-api-key': ada.api_key })
  await ask('DELETE', `/bots/${ada.api_key}`, undefined, { 'x-api-key': ada.api_key })
  const renewed = await ask('POST', '/users/me/regenerate-api-key', undefined, { 'x-api-key': ada.api_key })
  given.newKey = renewed.api_key
  await ask('GET', '/users/me', undefined, { 'x-api-key': ada.api_key })
  await ask('POST', '/messages', { content: 'Said in the lobby' }, { 'x-api-key': bot.api_key })
  await socket(`/ws?api_key=${shown.wrongKey}`)
  const open = await socket(`/ws?api_key=${renewed.api_key}`)
  await open(`{"content": "${shown.wrongKey}`, ERROR)
  await open({ type: 'unknown', api_key: shown.wrongKey }, ERROR)
}

async function usePasswords(
  { ask, socket, bearer, given }: Visitor,
  letters: () => readonly { readonly text: string }[],
) {
  const [username, email] = ['benno', 'benno@example.org']
  await ask('POST', '/api/v1/auth/register', { username, email, password: shown.password })
  await ask('POST', '/api/v1/auth/register', { username, email, password: shown.wrongPassword })
  await ask('POST', '/api/v1/auth/register', { username: 'x', email: 'broken@example.org', password: 'short' })
  await ask('POST', '/api/v1/auth/login', { username, password: shown.wrongPassword })
  const { access_token, refresh_token } = await ask('POST', '/api/v1/auth/login', {
    username,
    password: shown.password,
  })
  given.access = access_token
  given.refresh = refresh_token
  await ask('GET', '/api/v1/auth/profile', undefined, bearer(shown.wrongToken))
  await ask('POST', '/api/v1/auth/refresh', { refresh_token: shown.wrongToken })
  const fresh = await ask('POST', '/api/v1/auth/refresh', { refresh_token })
  given.newAccess = fresh.access_token
  given.newRefresh = fresh.refresh_token
  await ask('POST', '/api/v1/auth/refresh', { refresh_token }) // a second use of one ends them all
  const again = await ask('POST', '/api/v1/auth/login', { username, password: shown.password })
  const ticket = await ask('POST', '/api/v1/ws/token', undefined, bearer(again.access_token))
  given.ticket = ticket.token
  await socket(`/api/v1/ws/ws?token=${shown.wrongToken}`)
  const room = await socket(`/api/v1/ws/ws?token=${ticket.token}`)
  await room({ type: 'chat', data: { message: 5, password: shown.wrongPassword } }, ERROR)
  await room({ type: 'unknown', token: shown.wrongToken }, ERROR)
  for (const model_preference of MODELS)
    await room({ type: 'chat', data: { message: QUESTION, model_preference }, message_id: model_preference }, ANSWER)
  const wish = { current_password: shown.wrongPassword, new_password: shown.newPassword }
  await ask('PUT', '/api/v1/auth/password', wish, bearer(again.access_token))
  await ask('PUT', '/api/v1/auth/password', { ...wish, current_password: shown.password }, bearer(again.access_token))
  await ask('POST', '/api/v1/auth/password/forgot', { email })
  await ask('POST', '/api/v1/auth/password/reset', { token: shown.wrongToken, new_password: shown.newPassword })
  await ask('POST', '/auth/magic-link/send', { email: 'carla@example.org', username: 'carla' })
  await ask('POST', '/auth/magic-link/send', { email: 'broken@example.org', username: 'broken' })
  for (const [i, { text }] of letters().entries())
    for (const [j, token] of (text.match(/(?<=token=)[\w.-]+/g) ?? []).entries()) {
      given[`mailed ${i} ${j}`] = token
      const session = await ask('POST', '/auth/magic-link/authenticate', { token })
      if (session.session_token) given.session = session.session_token
    }
  await ask('POST', '/auth/magic-link/authenticate', { token: shown.wrongToken })
}

async function useOutside({ socket }: Visitor) {
  const chat = await socket('/ws/chat')
  const oauth2 = { client_id: 'me', client_secret: shown.oauth2, token_url: 'https://127.0.0.1:9/token' }
  const frames = [
    { auth_type: 'bearer_token', token: shown.bearer },
    { auth_type: 'api_key', api_key: shown.apiKey },
    { auth_type: 'basic_auth', username: 'user', password: shown.basic },
    { auth_type: 'oauth2', ...oauth2 },
    { auth_type: 'custom', custom_headers: { 'X-Custom': shown.custom } },
    { auth_type: 'bearer_token', token: others.accepted },
    { auth_type: 'basic_auth', username: 'user', password: others.acceptedPassword },
    { auth_type: 'bearer_token', token: shown.refused },
    { auth_type: 'oauth2', client_secret: shown.refused },
    { auth_type: 'unknown', token: shown.refused },
    { auth_type: 'custom', custom_headers: { Host: shown.refused } },
  ]
  for (const frame of frames) {
    await chat({ type: 'auth', ...frame }, /"type":"(?:auth_response|error)"/)
    for (const message of ['Do you know me?', USE])
      await chat({ type: 'chat', message }, /"type":"(?:ai_response|error)"/)
  }
  await chat(`{"type":"auth","token":"${shown.refused}"`, ERROR)
}

/** Somebody shows credentials where others are, who see what the assistant does with them. */
async function useRoom({ ask, socket }: Visitor) {
  const enter = async (username: string) => {
    const { api_key } = await ask('POST', '/register', { username })
    const room = await socket('/api/v1/ws/ws?v=2', { 'x-api-key': api_key })
    await room({ type: 'resume', data: {}, message_id: 'r' }, /"resumed"/)
    await room({ type: 'join_room', data: { room_id: 'shop', room_type: 'shared' }, message_id: 'j' }, /"join_room"/)
    return room
  }
  const [dora, emil] = [await enter('dora'), await enter('emil')]
  const token = { auth_type: 'bearer_token', token: shown.room }
  await dora({ type: 'tool_credentials', data: token, message_id: 't' }, /"message_id":"t"/)
  const said = /"type":"chat".*"role":"assistant"/
  await dora({ type: 'chat', room_id: 'shop', data: { message: `@assistant ${USE}` }, message_id: 'c' }, said)
  const codes: string[] = []
  await dora(
    { type: 'approvals', data: {}, message_id: 'a' },
    {
      test: text => codes.push(...[...text.matchAll(/"approval":"(\w+)","agent"/g)].map(([, code = '']) => code)) > 0,
    },
  )
  for (const approval of codes)
    await dora({ type: 'decide', data: { approval, decision: 'approve', privately: true }, message_id: approval }, said)
  await emil({ type: 'history', room_id: 'shop', data: {}, message_id: 'h' }, /"message_id":"h"/)
  return codes
}

test('[OPS-46] no secret is in a log, an error, a question to a model, the data or a number', async () => {
  const { DATA_DIR, model, office, hooks, bought, server } = await surrounded()
  const person = visitor(server)
  await useKeys(person, hooks.url)
  await usePasswords(person, office.empty)
  await useOutside(person)
  const approved = await useRoom(person)
  const numbers = await Promise.all(
    [
      '/metrics',
      '/health',
      '/api/v1/ws/stats',
      '/bedrock-chat/stats',
      '/bedrock-chat/health',
      '/bedrock-chat/tools',
      '/openapi.json',
    ].map(path => fetch(`${server.url}${path}`).then(response => response.text())),
  )
  await until(() => /webhook fails/.test(server.output()) && /MCP server says/.test(server.output()))
  const living = bytesBelow(DATA_DIR)
  const { output, errors: printed } = await server.stop()

  const secrets: Marked = { ...settings, ...others, ...shown, ...person.given }
  expect(Object.keys(person.given)).toEqual(
    expect.arrayContaining(['key', 'botKey', 'access', 'refresh', 'ticket', 'session']),
  )
  const { webhook: _, ...unstored } = secrets // who is to call it has to know where
  const asked = model.asked.map(({ body }) => JSON.stringify(body)).join('\n')
  expect({
    log: foundIn(output + printed, secrets),
    errors: foundIn(person.errors.join('\n'), secrets),
    told: foundIn(person.told.join('\n'), secrets),
    model: foundIn(asked, secrets),
    data: foundIn(living, unstored),
    dataAfter: foundIn(bytesBelow(DATA_DIR), unstored),
    numbers: foundIn(numbers.join('\n'), secrets),
  }).toEqual({ log: [], errors: [], told: [], model: [], data: [], dataAfter: [], numbers: [] })

  // The search finds what is there: a message in the data and at the model, a host in the log, a code in the errors.
  const message = { said: QUESTION }
  expect(foundIn(living, message)).toEqual(['said'])
  expect(foundIn(asked, message)).toEqual(['said'])
  // They were shown to the service all the same, which said them again.
  const { bearer, apiKey, basic, custom, room } = shown
  const carried = { bearer, apiKey, basic, custom, room, service: settings.SERVICE_KEY }
  expect(foundIn(JSON.stringify(bought), carried)).toEqual(Object.keys(carried))
  expect(approved).toHaveLength(2)
  expect(asked).toContain('you sent')
  expect(foundIn(output, { host: new URL(hooks.url).host, level: '"level":"debug"' })).toEqual(['host', 'level'])
  expect(person.errors.length).toBeGreaterThan(20)
  expect(numbers.join('\n')).toContain('parley_')
}, 60_000)

test('[OPS-46] a secret is found in whatever form it is written', () => {
  const text = 'p"ä ss'
  const forms = [
    text,
    JSON.stringify({ text }),
    encodeURIComponent(text),
    Buffer.from(`user:${text}!`).toString('base64'),
    Buffer.from(text).toString('hex'),
  ]
  for (const form of forms) expect(foundIn(`before ${form} after`, { text })).toEqual(['text'])
  expect(foundIn('before after', { text })).toEqual([])
})
