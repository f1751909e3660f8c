import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readToolsFile } from '../../src/config/tools/file.ts'
import type { Variables } from '../../src/config.ts'
import { folder } from '../system/folder.ts'

/** Reads a file with this content. */
function read(content: unknown, variables: Variables = {}, name = 'tools.json') {
  const directory = folder()
  const file = join(directory, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return { directory, file, services: readToolsFile(file, { variables, timeout: 30 }).then(({ openapi }) => openapi) }
}

const orders = { name: 'orders', document: './orders.json' }

/** What is wrong with an entry that has this beside name and document. */
async function wrong(more: object, variables: Variables = {}) {
  const { file, services } = read({ openapi: [{ ...orders, ...more }] }, variables)
  const error = await services.then(
    () => expect.unreachable('it is taken'),
    (thrown: Error) => thrown,
  )
  expect(error.name).toBe('OperatorFault')
  return error.message.replaceAll(file, 'FILE')
}

test('[OPENAPI-1] all that can be said, and what holds where nothing is', async () => {
  const full = {
    name: 'stock',
    document: 'https://api.example.com/openapi.yaml',
    server: 'https://api.example.com/v1/',
    allow: ['listThings', 'GET /things/*', '/other'],
    exclude: ['*Secret*'],
    read_only_posts: ['search'],
    forward_credentials: false,
    headers: { 'X-Key': '$KEY', Authorization: `Bearer \${TOKEN}` },
    timeout: 2.5,
    for: 'everyone',
  }
  const { directory, services } = read({ openapi: [orders, full] }, { KEY: 'k', TOKEN: 't' })
  expect(await services).toEqual([
    {
      ...{ name: 'orders', document: join(directory, 'orders.json'), server: null, allow: null, exclude: [] },
      ...{ readOnlyPosts: [], forwardsCredentials: false, headers: {}, timeLimit: 30_000, audience: 'everyone' },
    },
    {
      ...{
        name: 'stock',
        document: full.document,
        server: 'https://api.example.com/v1',
        allow: full.allow,
        exclude: full.exclude,
      },
      ...{
        readOnlyPosts: ['search'],
        forwardsCredentials: false,
        headers: { 'X-Key': 'k', Authorization: 'Bearer t' },
      },
      ...{ timeLimit: 2_500, audience: 'everyone' },
    },
  ])
})

test('[OPENAPI-1] YAML does as well, and an empty list of services', async () => {
  expect(await read('openapi:\n  - name: orders\n    document: orders.yaml\n', {}, 'tools.yaml').services).toHaveLength(
    1,
  )
  expect(await read({}).services).toEqual([])
})

test.each([
  [{ headers: { 'X-Key': 'k' } }, 'accounts'],
  [{ headers: { 'X-Key': 'k' }, forward_credentials: true }, 'everyone'],
  [{}, 'everyone'],
  [{ for: 'accounts' }, 'accounts'],
])('[OPENAPI-25] with %j it is for %s', async (more, audience) => {
  expect(await read({ openapi: [{ ...orders, ...more }] }).services).toMatchObject([{ audience }])
})

describe('[OPENAPI-1] what is wrong is told with its place', () => {
  test.each<[object, string]>([
    [{ forward_credential: true }, 'FILE: openapi[0].forward_credential is nothing that is known.'],
    [{ name: 'my orders' }, 'FILE: openapi[0].name is wrong; allowed is a name of 1 to 40 letters, digits, _ and -.'],
    [
      { document: 'https://ann:hunter2@example.com' },
      'FILE: openapi[0].document is wrong; allowed is a path, or an http or https address without credentials.',
    ],
    [{ document: undefined }, 'FILE: openapi[0].document is wrong; allowed is a text.'],
    [
      { server: 'file:///etc' },
      'FILE: openapi[0].server is wrong; allowed is an http or https address, such as http://127.0.0.1:11434/v1.',
    ],
    [{ allow: [] }, 'FILE: openapi[0].allow is wrong; allowed is at least one operation; leave it out to allow all.'],
    [{ allow: 'all' }, 'FILE: openapi[0].allow is wrong; allowed is a list.'],
    [
      { exclude: ['get /x'] },
      'FILE: openapi[0].exclude[0] is wrong; allowed is an operationId, or a pattern such as "GET /orders/*" or "/orders/*".',
    ],
    [{ forward_credentials: 'yes' }, 'FILE: openapi[0].forward_credentials is wrong; allowed is true or false.'],
    [
      { headers: [] },
      'FILE: openapi[0].headers is wrong; allowed is headers by their names; not those that say where a request goes, how long it is or whose it looks.',
    ],
    [{ headers: { Host: 'x' } }, 'FILE: openapi[0].headers.Host is wrong; allowed is another name of a header.'],
    [
      { headers: { 'X-A': 'secret\nb' } },
      'FILE: openapi[0].headers.X-A is wrong; allowed is a text of Latin letters without line breaks.',
    ],
    [
      { headers: { authorization: 'x' }, forward_credentials: true },
      'FILE: openapi[0].headers is wrong; allowed is headers without Authorization where forward_credentials is true: that is the header of who asks.',
    ],
    [{ timeout: 0 }, 'FILE: openapi[0].timeout is wrong; allowed is a number of seconds from 1 to 600.'],
    [{ timeout: '30' }, 'FILE: openapi[0].timeout is wrong; allowed is a number of seconds from 1 to 600.'],
    [{ for: 'admins' }, 'FILE: openapi[0].for is wrong; allowed is everyone or accounts.'],
  ])('%j', async (more, expected) => {
    expect(await wrong(more)).toBe(expected)
  })

  test('all at once', async () => {
    expect((await wrong({ timeout: 0, for: 'x', more: 1 })).split('\n')).toHaveLength(3)
  })

  test.each([
    ['{"openapi":', 'is neither JSON nor YAML.'],
    ['a: [', 'is neither JSON nor YAML.'],
    ['[]', 'FILE: it is wrong; allowed is object.'],
    ['{"openapi": {}}', 'FILE: openapi is wrong; allowed is a list of services.'],
    ['{"openapi": ["orders"]}', 'FILE: openapi[0] is wrong; allowed is object.'],
  ])('%s', async (content, expected) => {
    const { file, services } = read(content)
    const message = await services.then(String, (error: Error) => error.message)
    expect(message.replaceAll(file, 'FILE')).toContain(expected)
  })

  test('a file that is not there, and one that is none', async () => {
    const directory = folder()
    mkdirSync(join(directory, 'tools.json'))
    const from = (name: string) => readToolsFile(join(directory, name), { variables: {}, timeout: 30 })
    await expect(from('none.json')).rejects.toThrow('none.json is not there.')
    await expect(from('tools.json')).rejects.toThrow("tools.json can't be read: EISDIR.")
  })
})

test('[OPENAPI-2] a missing variable is named, and no value is shown', async () => {
  const headers = { 'X-A': `$GIVEN \${MISSING}`, 'X-B': '$EMPTY', 'X-C': '$$5' }
  const text = await wrong({ headers, timeout: 0 }, { GIVEN: 'hunter2', EMPTY: '' })
  expect(text).toContain(
    'openapi[0].headers.X-A is wrong; allowed is a text whose $NAMEs are in the environment; MISSING is not.',
  )
  expect(text).toContain('EMPTY is not.')
  expect(text).not.toMatch(/hunter2|X-C/)
})

test('[OPENAPI-3] two services of one name are refused', async () => {
  await expect(read({ openapi: [orders, orders] }).services).rejects.toThrow(
    'allowed is one service of the name orders.',
  )
})

test('[OPENAPI-1] [DOCS-8] the tools files of docs/tools.md and of the example are taken', async () => {
  const at = (path: string) => new URL(`../../../../${path}`, import.meta.url)
  const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync(at('docs/tools.md'), 'utf8')) ?? []
  const expected = { name: 'orders', server: 'http://127.0.0.1:9000', forwardsCredentials: true }
  expect(await read(shown).services).toMatchObject([expected])
  const { openapi } = await readToolsFile(at('examples/orders/tools.json').pathname, { variables: {}, timeout: 30 })
  expect(openapi).toMatchObject([{ ...expected, document: at('examples/orders/openapi.json').pathname }])
})
