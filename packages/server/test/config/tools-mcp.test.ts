import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { secretsOf } from '../../src/agents/tools/mcp/settings.ts'
import { readToolsFile } from '../../src/config/tools/file.ts'
import { folder } from '../system/folder.ts'

const variables = { FILES_TOKEN: 'token-of-files', WIKI_TOKEN: 'token-of-wiki' }

/** What a tools file with these servers says. */
async function read(...mcp: readonly object[]) {
  const directory = folder()
  const file = join(directory, 'tools.json')
  writeFileSync(file, JSON.stringify({ mcp }))
  const { mcp: servers } = await readToolsFile(file, { variables, timeout: 30 })
  return { servers, directory }
}

const wrong = (...mcp: readonly object[]) =>
  read(...mcp).then(
    () => expect.unreachable('it is taken'),
    (error: Error) => error.message.replaceAll(/^.*tools\.json: /gm, ''),
  )

const files = { name: 'files', command: 'node', allow: ['*'] }
const wiki = { name: 'wiki', url: 'https://wiki.example/mcp?key=1', allow: ['read_*'] }

test('[MCP-40] all that can be said of a process and of an address, and what holds where nothing is', async () => {
  const { servers, directory } = await read(
    {
      ...files,
      args: ['server.js'],
      env: { TOKEN: '$FILES_TOKEN' },
      cwd: 'files',
      read: ['search_*'],
      timeout: 5,
      for: 'everyone',
    },
    { ...wiki, headers: { Authorization: 'Bearer $WIKI_TOKEN' }, trust_hints: true },
    { ...files, name: 'bare' },
  )
  const common = { read: [], trustsHints: false, timeLimit: 30_000, audience: 'accounts' }
  const process = {
    by: 'process',
    command: 'node',
    args: ['server.js'],
    env: { TOKEN: 'token-of-files' },
    cwd: join(directory, 'files'),
  }
  expect(servers).toEqual([
    {
      ...common,
      name: 'files',
      way: process,
      allow: ['*'],
      read: ['search_*'],
      timeLimit: 5_000,
      audience: 'everyone',
    },
    {
      ...{ ...common, name: 'wiki', allow: ['read_*'], trustsHints: true },
      way: { by: 'http', url: wiki.url, headers: { Authorization: 'Bearer token-of-wiki' } },
    },
    { ...common, name: 'bare', way: { ...process, args: [], env: {}, cwd: directory }, allow: ['*'] },
  ])
  expect(servers.flatMap(secretsOf)).toEqual(['token-of-files', 'Bearer token-of-wiki', 'token-of-wiki'])
})

const WAYS = 'mcp[0] is wrong; allowed is either command, with args, env and cwd, or url, with headers.'

test.each([
  ['no way to reach it', { name: 'x', allow: ['*'] }, WAYS],
  ['two ways', { ...files, url: wiki.url }, WAYS],
  ['headers for a process', { ...files, headers: {} }, WAYS],
  ['an environment for an address', { ...wiki, env: {} }, WAYS],
  [
    'nothing allowed',
    { ...files, allow: [] },
    'mcp[0].allow is wrong; allowed is at least one tool; ["*"] allows all.',
  ],
  ['no list', { name: 'x', command: 'x' }, 'mcp[0].allow is wrong; allowed is a list of the tools to offer.'],
  [
    'another protocol',
    { ...wiki, url: 'file:///etc/passwd' },
    'mcp[0].url is wrong; allowed is an address, such as https://auth.example.org/check.',
  ],
  [
    'credentials in an address',
    { ...wiki, url: 'https://a:b@wiki.example/' },
    'mcp[0].url is wrong; allowed is an address, such as https://auth.example.org/check.',
  ],
  [
    'a header that says where it goes',
    { ...wiki, headers: { Host: 'x' } },
    'mcp[0].headers.Host is wrong; allowed is another name of a header.',
  ],
  [
    'a variable that there is none of',
    { ...files, env: { A: '$NONE' } },
    'mcp[0].env.A is wrong; allowed is a text whose $NAMEs are in the environment; NONE is not.',
  ],
  ['a mistyped key', { ...files, alow: ['*'] }, 'mcp[0].alow is nothing that is known.'],
])('[MCP-40] %s is a mistake', async (_, server, message) => expect(await wrong(server)).toBe(message))

test('[MCP-40] two services of a name are a mistake', async () => {
  expect(await wrong(files, files)).toMatch(/^it is wrong; allowed is one service of the name files\.$/)
})

test('[MCP-40] the example of the documentation is taken', async () => {
  const text = readFileSync(new URL('../../../../docs/tools-mcp.md', import.meta.url), 'utf8')
  const { mcp } = JSON.parse(/```json\n([\s\S]+?)```/.exec(text)?.[1] ?? '')
  const { servers } = await read(...mcp)
  expect(servers.map(({ name, way }) => [name, way.by])).toEqual([
    ['files', 'process'],
    ['wiki', 'http'],
  ])
})
