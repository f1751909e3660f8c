import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAssistant } from '../../client/test/fixture/assistant.ts'
import { needs } from '../../server/test/needs.ts'
import { logLine } from '../src/assistant/log.ts'
import { openTerminal, runPipes } from './fixture/program.ts'

let server: Awaited<ReturnType<typeof openAssistant>>
beforeEach(async () => {
  server = await openAssistant()
})
afterEach(() => server[Symbol.asyncDispose]())

const run = (args: readonly string[], input = '', env = {}) =>
  runPipes(args, input, { env: { BEDROCK_WS_ENDPOINT: server.url, ...env } })

test('[TERM-30] the commands, and everything else is for the assistant', async () => {
  const input = 'Tell me about Python\n/history\n/ping\n/clear\n/logout\n/nope\n/help\n/quit\n'
  const { code, output, errors } = await run(['--assistant'], input)
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  expect(output).toContain('/history')
  const { output: lines } = await run(
    ['--assistant'],
    input
      .replace('/quit\n', '')
      .replace('/help\n', '')
      .replace('/nope', '/nope\n/approve K7MX2WQR\n/use search_messages {}'),
  )
  const [id] = [...server.sessions.keys()].slice(-1)
  expect(lines.trimEnd().split('\n')).toEqual([
    `Connected: ${id}`,
    'Assistant: You said: Tell me about Python',
    '  You: Tell me about Python',
    '  Assistant: You said: Tell me about Python',
    'Pong.',
    'Conversation history cleared',
    'Successfully logged out',
    'Assistant: You said: /nope',
    'Assistant: You said: /approve K7MX2WQR',
    'Assistant: You said: /use search_messages {}',
  ])
})

test('[TERM-31] credentials go out in one frame; refused ones are told, and the talk goes on', async () => {
  const basic = ['--auth', 'basic', '--username', 'ann', '--password']
  const good = await run([...basic, 'pw'], 'hi\n')
  expect(good.output).toContain('Authentication successful')
  expect(server.frames[0]).toEqual({ type: 'auth', auth_type: 'basic_auth', username: 'ann', password: 'pw' })
  const bad = await run([...basic, 'wrong'], 'hi\n')
  expect(bad.code).toBe(0)
  expect(bad.output).toContain('Error: Authentication failed')
  expect(bad.output).toContain('Assistant: You said: hi')
  await run([], '', { BEDROCK_AUTH_TYPE: 'api_key' })
  const key = await run(['--assistant'], '', { BEDROCK_AUTH_TYPE: 'api_key', BEDROCK_API_KEY: 'k' })
  expect(key.output).toContain('Authentication successful')
  expect(server.frames.at(-1)).toMatchObject({ auth_type: 'api_key', api_key: 'k', api_key_header: 'X-API-Key' })
})

test('[TERM-31] exit codes: no server 1, a missing credential 2', async () => {
  const refused = await run(['--assistant', '--url', 'ws://127.0.0.1:9/ws/chat'])
  expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/^Error: Failed to connect: /) })
  expect(await run(['--auth', 'bearer'])).toMatchObject({ code: 2, errors: expect.stringContaining('--token') })
})

test('[TERM-32] the debug log has every frame and no credential, on the standard error', async () => {
  const { output, errors } = await run(['--auth', 'bearer', '--token', 'sk-1234', '--debug'], 'Hello\n')
  expect(output).not.toContain('DEBUG')
  const lines = errors.trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - assistant - (INFO|DEBUG) - /)
  expect(errors).toContain(`INFO - Connecting to ${server.url}...`)
  expect(errors).toContain('DEBUG - Message sent: {"type":"chat","message":"Hello"}')
  expect(errors).toContain('DEBUG - Message sent: {"type":"auth","auth_type":"bearer_token","token":"***"}')
  expect(errors).toContain('DEBUG - Message received: {"type":"ai_response"')
  expect(errors + output).not.toContain('sk-1234')
  expect(logLine(new Date(2024, 11, 3, 10, 0, 0, 123), 'INFO', 'x')).toBe(
    '2024-12-03 10:00:00,123 - assistant - INFO - x',
  )
})

test('[TERM-33] the demo asks its three questions and ends', async () => {
  const { code, output } = await run(['--demo'])
  expect(code).toBe(0)
  expect(output.match(/^You: /gm)).toHaveLength(3)
  expect(output.match(/^Assistant: You said: /gm)).toHaveLength(3)
})

needs('script')('[TERM-34] on a terminal: what is typed stays whole, and a lost conversation goes on', async () => {
  const program = openTerminal(['--assistant'], { env: { BEDROCK_WS_ENDPOINT: server.url } })
  await program.see(/^Connected: [\da-f-]{36}$/m)
  program.write('Hello\r')
  await program.see('Assistant: You said: Hello')
  program.write('And th')
  server.cut()
  await program.see('Connection error')
  await server.until(() => server.urls.length === 2)
  program.write('en?\r')
  await program.see('Assistant: You said: And then?')
  program.write('/history\r')
  await program.see('  You: Hello')
  expect(server.urls[1]).toMatch(/session_id=[\da-f-]{36}$/)
  program.write('\x03')
  await program.see('Ctrl-C again quits')
  program.write('\x03')
  expect(await program.ended).toBe(0)
})

needs('script')('[TERM-1] what the assistant says moves nothing', async () => {
  const program = openTerminal(['--assistant'], { env: { BEDROCK_WS_ENDPOINT: server.url } })
  await program.see('Connected')
  server.push(JSON.stringify({ type: 'ai_response', message: '\x1b[2J\x1b]0;x\x07evil' }))
  server.push(JSON.stringify({ type: 'error', message: '\x1b[2Jworse' }))
  server.push(JSON.stringify({ type: 'new\x1b[2J', more: '\x1b\u009b[2J' }))
  await program.see('new')
  expect(program.shown()).toContain('Assistant: ␛[2J␛]0;x␇evil')
  expect(program.shown()).toContain('Error: ␛[2Jworse')
  program.write('\x04')
  expect(await program.ended).toBe(0)
})
