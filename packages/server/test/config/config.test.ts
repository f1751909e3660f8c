import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { settingsFile, settingsPage } from '../../src/config/document.ts'
import { SCHEMAS } from '../../src/config/settings.ts'
import { loadSettings, readSettings, type Settings, type Variables } from '../../src/config.ts'
import { OperatorFault } from '../../src/system/fault.ts'
import { folder } from '../system/folder.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** What the operator is told of wrong settings, line by line. */
function complaints(variables: Variables): readonly string[] {
  try {
    readSettings(variables)
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorFault)
    return (error as OperatorFault).message.split('\n')
  }
  return []
}

function envFile(text: string): string {
  const file = join(folder(), 'settings')
  writeFileSync(file, text)
  return file
}

describe('defaults', () => {
  test('[OPS-1] a server without settings is local, private and complete', () => {
    expect(readSettings({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 8000,
      DATA_DIR: 'data',
      PUBLIC_URL: null,
      TRUST_PROXY: [],
      ALLOWED_ORIGINS: [],
      REGISTRATION: 'local',
      TOKEN_BOWL_SELF_ASSIGNED_ROLES: false,
      MESSAGE_HISTORY_LIMIT: null,
      MESSAGE_RATE_LIMIT: null,
      SECRET_KEY: null,
      METRICS_PUBLIC: false,
    } satisfies Partial<Settings>)
    for (const name of SCHEMAS.keys()) expect(readSettings({})).toHaveProperty(name)
  })

  test('[OPS-1] an empty value counts as none', () => {
    expect(readSettings({ PORT: '', PUBLIC_URL: ' ' })).toEqual(readSettings({}))
  })
})

describe('values', () => {
  const right: readonly [keyof Settings, string, unknown][] = [
    ['HOST', '::', '::'],
    ['HOST', 'localhost', 'localhost'],
    ['PORT', '0', 0],
    ['PORT', ' 65535 ', 65_535],
    ['MESSAGE_HISTORY_LIMIT', '100', 100],
    ['MESSAGE_HISTORY_LIMIT', 'Unlimited', null],
    ['TOKEN_BOWL_SELF_ASSIGNED_ROLES', 'TRUE', true],
    ['DEBUG', '1', true],
    ['DEBUG', 'no', false],
    ['MESSAGE_RATE_LIMIT', '30/60', { count: 30, seconds: 60 }],
    ['MESSAGE_RATE_LIMIT', 'off', null],
    ['PUBLIC_URL', 'https://Chat.example.org/', 'https://chat.example.org'],
    ['ALLOWED_ORIGINS', 'https://a.example, null,', ['https://a.example', 'null']],
    ['ALLOWED_HOSTS', 'Chat.lan', ['chat.lan']],
    ['TRUST_PROXY', 'loopback,10.0.0.0/8,fd00::1', ['loopback', '10.0.0.0/8', 'fd00::1']],
    ['OUTBOUND_ALLOW', 'hooks.lan:8080, 10.0.0.5', 'hooks.lan:8080, 10.0.0.5'],
    ['REGISTRATION', 'ON', 'on'],
    ['LOG_LEVEL', 'warn,sessions=debug', { base: 'warn', of: new Map([['sessions', 'debug']]) }],
    [
      'LOG_LEVEL',
      'info,sessions=debug,auth=debug',
      {
        base: 'info',
        of: new Map([
          ['sessions', 'debug'],
          ['auth', 'debug'],
        ]),
      },
    ],
    ['LOG_LEVEL', 'http=error', { base: 'info', of: new Map([['http', 'error']]) }],
  ]
  test.each(right)('%s=%s', (name, text, value) => {
    expect(readSettings({ [name]: text })[name]).toEqual(value)
  })

  test('the mail settings are right together', () => {
    const mail = { SMTP_URL: 'smtp://u:p@mail.example:587', MAIL_FROM: 'Parley <chat@example.org>' }
    expect(readSettings(mail)).toMatchObject(mail)
  })
})

describe('wrong values', () => {
  const wrong: readonly [keyof Settings, string][] = [
    ['HOST', 'not a host'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '8e3'],
    ['PORT', '0x50'],
    ['MAX_CONNECTIONS', '0'],
    ['MESSAGE_HISTORY_LIMIT', '0'],
    ['MAX_FILE_SIZE', '0'],
    ['MAX_CHUNK_SIZE', '1048577'],
    ['FILE_QUOTA_PER_USER', 'none'],
    ['TOKEN_BOWL_SELF_ASSIGNED_ROLES', 'maybe'],
    ['MESSAGE_RATE_LIMIT', '30'],
    ['MESSAGE_RATE_LIMIT', '0/60'],
    ['REGISTRATION_RATE_LIMIT', 'off'],
    ['PUBLIC_URL', 'chat.example.org'],
    ['PUBLIC_URL', 'https://chat.example.org/path'],
    ['PUBLIC_URL', 'https://user@chat.example.org'],
    ['ALLOWED_ORIGINS', 'https://a.example,*'],
    ['ALLOWED_HOSTS', 'chat.lan:80'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['OUTBOUND_ALLOW', 'http://hooks.lan'],
    ['REGISTRATION', 'yes'],
    ['LOG_LEVEL', 'trace'],
    ['LOG_LEVEL', 'info,session=debug'],
    ['LOG_FORMAT', 'xml'],
    ['HEARTBEAT_INTERVAL', '0.5'],
  ]
  test.each(wrong)('[OPS-2] %s=%s is named with its value and what is allowed', (name, text) => {
    const [line, ...others] = complaints({ [name]: text })
    expect(others).toEqual([])
    expect(line?.startsWith(`${name} is ${JSON.stringify(text)}; allowed is `)).toBe(true)
  })

  test('[OPS-2] all wrong settings are listed at once, contradictions too', () => {
    expect(complaints({ PORT: 'http', DEBUG: 'maybe', TLS_KEY_FILE: 'key.pem', STALE_AFTER: '30' })).toEqual([
      'PORT is "http"; allowed is a whole number from 0 to 65535.',
      'DEBUG is "maybe"; allowed is true or false.',
      'TLS_KEY_FILE is given without TLS_CERT_FILE; allowed are both or none.',
      'STALE_AFTER is 30; allowed is more than HEARTBEAT_INTERVAL, which is 30.',
    ])
  })

  test.each([
    [{ TLS_CERT_FILE: 'c' }, 'TLS_CERT_FILE is given without TLS_KEY_FILE'],
    [{ SMTP_URL: 'smtp://mail.example' }, 'MAIL_FROM is missing'],
    [{ MAX_CHUNK_SIZE: '1024' }, 'MAX_FILE_SIZE is 52428800; allowed is at most 10000 times MAX_CHUNK_SIZE'],
    [{ SLOW_READER_HARD_LIMIT: '2048' }, 'SLOW_READER_HARD_LIMIT is 2048; allowed is more than SLOW_READER_SOFT_LIMIT'],
  ])('[OPS-2] %o contradicts', (variables, start) => {
    expect(complaints(variables)).toEqual([expect.stringContaining(start)])
  })

  test('[OPS-2] the value of a secret is not shown', () => {
    const lines = complaints({ SECRET_KEY: 'hush', SMTP_URL: 'http://u:hush@mail' })
    expect(lines).toHaveLength(2)
    expect(lines.join()).not.toContain('hush')
    expect(lines[0]).toMatch(/^SECRET_KEY is wrong \(its value is not shown\); allowed is a text of at least 32 char/)
  })
})

describe('the file', () => {
  test('[OPS-1] the environment wins over the file', () => {
    const file = envFile('PORT=1\nHOST=::1\n')
    const { settings } = loadSettings({ PORT: '2', HOST: '' }, file)
    expect(settings).toMatchObject({ PORT: 2, HOST: '::1' })
  })

  test('[OPS-1] ENV_FILE names the file', () => {
    expect(loadSettings({ ENV_FILE: envFile('PORT=3') }).settings.PORT).toBe(3)
  })

  test('a file that was named and is not there ends the start', () => {
    expect(() => loadSettings({ ENV_FILE: '/nowhere/.env' })).toThrow('The settings file /nowhere/.env is not there.')
  })

  test('[OPS-4] comments, quotes and export are understood', () => {
    const file = envFile(`# Settings
      PORT=9  # the port
      export HOST = ::1
      DATA_DIR="a # b" # quoted
      SECRET_KEY='with a # and enough letters to be one'
      DEBUG=true# no space`)
    expect(loadSettings({}, file).settings).toMatchObject({
      PORT: 9,
      HOST: '::1',
      DATA_DIR: 'a # b',
      SECRET_KEY: 'with a # and enough letters to be one',
      DEBUG: true,
    })
  })

  test('[OPS-4] the block of the rooms guide loads as it was pasted', () => {
    const block = readFileSync(new URL('./rooms-guide.env', import.meta.url), 'utf8')
    const file = envFile(block)
    expect(parseEnv(block)).toMatchObject({
      MAX_FILE_SIZE: '52428800',
      WS_RATE_LIMIT_WINDOW: '60',
      UPLOAD_DIR: 'uploads',
    })
    expect(Object.keys(parseEnv(block)).every(name => (SCHEMAS as ReadonlyMap<string, unknown>).has(name))).toBe(true)
    expect(loadSettings({}, file)).toMatchObject({ settings: readSettings({}), warnings: [] })
  })
})

describe('mistyped names', () => {
  test.each([
    ['DATADIR', 'DATA_DIR'],
    ['PUBLIC_URI', 'PUBLIC_URL'],
    ['Port', 'PORT'],
    ['MAX_CONECTIONS', 'MAX_CONNECTIONS'],
    ['ALOWED_ORIGIN', 'ALLOWED_ORIGINS'],
    ['TOKEN_BOWL_SELF_ASSIGNED_ROLE', 'TOKEN_BOWL_SELF_ASSIGNED_ROLES'],
    ['WEBSOCKET_MAX_CONNECTION', 'WEBSOCKET_MAX_CONNECTIONS'],
  ])('[OPS-3] %s gets a warning that names %s', (name, meant) => {
    expect(loadSettings({ [name]: 'x' }).warnings).toEqual([
      `${name} is no setting and does nothing. Did you mean ${meant}?`,
    ])
    expect(loadSettings({}, envFile(`${name}=x`)).warnings).toHaveLength(1)
  })

  test.each([
    ['PROT', 'PORT'],
    ['HOTS', 'HOST'],
  ])('[OPS-3] %s gets one in a file, where it is nobody else’s, and none in the environment', (name, meant) => {
    expect(loadSettings({}, envFile(`${name}=x`)).warnings).toEqual([
      `${name} is no setting and does nothing. Did you mean ${meant}?`,
    ])
    expect(loadSettings({ [name]: 'x' }).warnings).toEqual([])
  })

  test('[OPS-3] what environments hold anyway gets none', () => {
    const usual = 'PATH HOME USER SHELL PWD LANG TERM HOSTNAME LOGNAME EDITOR POST HOSTS PORTAL NODE_ENV DATABASE_URL'
    const ours = 'TOKEN_BOWL_CHAT_API_KEY TOKEN_BOWL_BASE_URL OPENAI_API_KEY SMTP_HOST'
    const variables = Object.fromEntries(`${usual} ${ours}`.split(' ').map(name => [name, 'x']))
    expect(loadSettings(variables).warnings).toEqual([])
  })
})

describe('the documents', () => {
  test('[OPS-5] docs/settings.md is what the settings say of themselves', () => {
    expect(readFileSync(`${root}docs/settings.md`, 'utf8')).toBe(settingsPage())
  })

  test('[OPS-5] .env.example is what the settings say of themselves, and changes nothing', () => {
    expect(readFileSync(`${root}.env.example`, 'utf8')).toBe(settingsFile())
    expect(parseEnv(settingsFile())).toEqual({})
  })

  test('[OPS-5] .env.example without its # gives the defaults', () => {
    const bare = settingsFile().replaceAll(/^# (?=[A-Z_]+=)/gm, '')
    expect(readSettings(parseEnv(bare))).toEqual(readSettings({}))
  })
})
