import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { readLevels } from '../../src/config/levels.ts'
import { type LogOptions, openLog } from '../../src/log.ts'
import { createIds } from '../../src/system/ids.ts'

const { secret } = createIds()

function written(options: Partial<Omit<LogOptions, 'write'>> = {}) {
  const lines: string[] = []
  const levels = { base: 'info', of: new Map() } as const
  const open = openLog({ levels, format: 'json', stacks: false, ...options, write: line => lines.push(line) })
  return { lines, open }
}

test('a line of JSON has level, time, component, fields and text', () => {
  const { lines, open } = written()
  open('http').warn({ status: 503, address: '::1' }, 'refused')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    component: 'http',
    status: 503,
    address: '::1',
    msg: 'refused',
  })
  expect(lines[0]?.endsWith('}\n')).toBe(true)
})

test('[OPS-41] a component has its own level, or that of all', () => {
  const { lines, open } = written({ levels: readLevels('warn,sessions=debug,http=error')! })
  for (const component of ['server', 'sessions', 'http'] as const) {
    const log = open(component)
    for (const level of ['error', 'warn', 'info', 'debug'] as const) log[level]({}, `${component} ${level}`)
  }
  expect(lines.map(line => JSON.parse(line).msg)).toEqual([
    ...['server error', 'server warn'],
    ...['sessions error', 'sessions warn', 'sessions info', 'sessions debug'],
    'http error',
  ])
})

/** Logs every secret in every way that somebody might come to log it. */
function logEverything(log: ReturnType<ReturnType<typeof openLog>>, key: string, token: string, password: string) {
  log.info({ key, token, password, cookie: password }, `registered with ${key}`)
  log.info({ body: { api_key: key, session: token, password } }, 'body')
  log.info({ deep: { down: { in: { it: [key, { token }] } } } }, 'nested')
  log.info({ headers: { authorization: `Bearer ${password}`, 'x-api-key': key } }, `Authorization: Basic ${password}`)
  log.info({ url: `/ws?api_key=${password}`, link: `https://chat.example/auth/magic-link?token=${password}` }, 'link')
  log.info({}, `GET /ws?api_key=${password}&x=1 HTTP/1.1`)
  log.warn({ smtp: `smtp://parley:${password}@mail.example:587` }, `dialling smtp://parley:${password}@mail.example`)
  const cause = Object.assign(new TypeError(`bad ${key}`), { input: password, code: 'ERR_X' })
  log.error({ err: Object.assign(new Error(`failed with ${token}`, { cause }), { config: { password } }) }, 'failed')
  log.error({ err: `thrown ${token}` }, 'failed')
}

test.each(['json', 'pretty'] as const)('[OPS-40] no secret reaches the log as %s, whatever is logged', format => {
  const { lines, open } = written({ format, stacks: true, levels: { base: 'debug', of: new Map() } })
  const [key, token, password] = [secret(32), secret(32), `pa${secret(6)}`]
  logEverything(open('core'), key, token, password)
  const text = lines.join('')
  expect(lines).toHaveLength(9)
  for (const hidden of [key, token, password]) expect(text).not.toContain(hidden)
})

test('an error keeps its kind, text, code and causes; its stack is for DEBUG only', () => {
  const error = new RangeError('outer', { cause: Object.assign(new Error('inner'), { code: 'EIO' }) })
  const plain = written()
  plain.open('store').error({ err: error }, 'failed')
  expect(JSON.parse(plain.lines[0]!).err).toEqual({
    type: 'RangeError',
    message: 'outer',
    cause: { type: 'Error', message: 'inner', code: 'EIO' },
  })
  const stacked = written({ stacks: true })
  stacked.open('store').error({ err: error }, 'failed')
  expect(JSON.parse(stacked.lines[0]!).err.stack).toContain('log.test.ts')
})

test('a line for a person is one line without control characters, and an error follows indented', () => {
  const { lines, open } = written({ format: 'pretty' })
  open('http').info({ name: 'a\u001b[31mb\nc', n: 1 }, 'hello')
  open('http').error({ err: new Error('boom') }, 'failed')
  const text = stripVTControlCharacters(lines.join(''))
  expect(text).toMatch(/^\d\d:\d\d:\d\d info {2}http: hello name=ab c n=1\n/)
  expect(text).toMatch(/error http: failed\n {2}Error: boom\n$/)
})
