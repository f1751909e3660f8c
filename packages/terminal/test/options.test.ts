import { expect, test } from 'vitest'
import { HELP, readOptions } from '../src/options.ts'

const read = (line: string, env = {}) => readOptions(line.split(' ').filter(Boolean), env)
const refusal = (line: string, env = {}) => {
  try {
    return { options: read(line, env) }
  } catch (error) {
    return error
  }
}

test('[TERM-17] room mode: options win over the environment, and nothing is mixed', () => {
  expect(read('')).toEqual({
    ...{ mode: 'room', url: undefined, token: undefined, apiKey: undefined, username: undefined },
    ...{ room: 'lobby', face: 'auto', isColoured: true, timeout: 30_000 },
  })
  const env = { PARLEY_URL: 'http://x', PARLEY_TOKEN: 't', PARLEY_API_KEY: 'k', NO_COLOR: '1' }
  expect(read('', env)).toMatchObject({ url: 'http://x', token: 't', apiKey: undefined, isColoured: false })
  expect(read('--api-key mine --room kitchen --json', env)).toMatchObject({
    ...{ token: undefined, apiKey: 'mine', room: 'kitchen', face: 'json' },
  })
  expect(read('--username ann --plain --no-color', env)).toMatchObject({
    token: undefined,
    apiKey: undefined,
    face: 'plain',
  })
  for (const wrong of [
    '--plain --json',
    '--token a --api-key b',
    '--scope x',
    '--nope',
    'word',
    '--timeout soon',
    '--debug',
  ])
    expect(refusal(wrong)).toMatchObject({ code: 2 })
})

test('[TERM-18] assistant mode: the options, names and defaults of the documented script', () => {
  expect(read('--assistant')).toMatchObject({
    mode: 'assistant',
    url: 'ws://localhost:8000/ws/chat',
    auth: 'none',
    isDemo: false,
  })
  expect(read('--demo')).toMatchObject({ mode: 'assistant', isDemo: true })
  expect(read('--auth bearer --token x')).toMatchObject({ mode: 'assistant', auth: 'bearer', token: 'x' })
  const env = {
    BEDROCK_WS_ENDPOINT: 'ws://y/ws/chat',
    BEDROCK_AUTH_TYPE: 'bearer_token',
    BEDROCK_AUTH_TOKEN: 't',
    BEDROCK_API_KEY: 'k',
  }
  expect(read('--assistant', env)).toMatchObject({ url: 'ws://y/ws/chat', auth: 'bearer', token: 't' })
  expect(read('--auth api_key', env)).toMatchObject({ auth: 'api_key', apiKey: 'k' })
  expect(read('--assistant', { LOG_LEVEL: 'DEBUG' })).toMatchObject({ isDebug: true })
  const basic = '--auth basic_auth --username u --password p'
  expect(read(basic)).toMatchObject({ auth: 'basic', username: 'u', password: 'p' })
})

test('[TERM-18] what an authentication type lacks is named', () => {
  const missing = {
    bearer: '--token',
    api_key: '--api-key',
    basic: '--username',
    'basic --username u': '--password',
    oauth2: '--client-id',
    'oauth2 --client-id i --client-secret s': '--token-url',
  }
  for (const [given, name] of Object.entries(missing))
    expect(refusal(`--auth ${given}`)).toMatchObject({ code: 2, message: expect.stringContaining(`needs ${name}`) })
  expect(refusal('--auth magic')).toMatchObject({ code: 2 })
})

test('[TERM-17] the help names every option', () => {
  for (const name of [
    'url',
    'token',
    'api-key',
    'username',
    'room',
    'plain',
    'json',
    'timeout',
    'no-color',
    'assistant',
    'auth',
    'api-key-header',
  ])
    expect(HELP).toContain(`--${name}`)
  for (const name of [
    'password',
    'client-id',
    'client-secret',
    'token-url',
    'scope',
    'demo',
    'debug',
    'help',
    'version',
  ])
    expect(HELP).toContain(`--${name}`)
})
