import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { TokenBowlClient } from '../src/index.ts'
import { key, openBowl } from './fixture/bowl.ts'

const page = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const snippetsOf = (text: string) => [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
const readme = page('packages/client/README.md')
const snippets = snippetsOf(readme)

/** Runs code as a program that talks to `bowl` as ann. */
const program = (code: string, bowl: { readonly url: string }) => {
  const child = spawn(process.execPath, ['--input-type=module-typescript'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, TOKEN_BOWL_CHAT_API_KEY: key('ann'), TOKEN_BOWL_BASE_URL: bowl.url },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(code)
  return child
}

/** Runs a snippet against a server on which bob greets everyone. One that waits for Ctrl-C gets it after its first words. */
async function run(code: string) {
  await using bowl = await openBowl()
  bowl.store('bob', 'earlier')
  const child = program(code, bowl)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    output.stdout += chunk
    if (code.includes('SIGINT')) child.kill('SIGINT')
  })
  child.stderr.on('data', chunk => {
    output.stderr += chunk
  })
  void bowl.until(() => bowl.of('ann').length === 1).then(() => bowl.store('bob', 'hello'))
  const exit = await new Promise(resolve => child.on('close', (status, signal) => resolve(signal ?? status)))
  return { exit, ...output, sent: bowl.frames.map(({ frame }) => frame.content ?? frame.type) }
}

test.each(snippets.map((code, i) => [i + 1, code] as const))('README snippet %i runs as it stands', async (_, code) => {
  expect(await run(code)).toMatchObject({ exit: 0, stderr: '' })
})

test('the README snippets do what they say', async () => {
  expect(snippets).toHaveLength(5)
  const [greet = '', loop = '', , , http = ''] = snippets
  expect(await run(greet)).toMatchObject({ sent: ['Hello, everyone!', 'Psst!'] })
  expect(await run(loop)).toMatchObject({ stdout: 'bob: hello\n', sent: ['mark_read'] })
  expect(await run(http)).toMatchObject({ stdout: 'I am ann\nbob: earlier\nthere is no nobody\n' })
})

test('the README names every method', () => {
  for (const name of Object.getOwnPropertyNames(TokenBowlClient.prototype)) {
    if (name !== 'constructor') expect(readme).toContain(`\`${name}\``)
  }
})

test('the bot of docs/writing-a-bot.md answers who calls it, and goes on', async () => {
  await using bowl = await openBowl()
  const [code = ''] = snippetsOf(page('docs/writing-a-bot.md'))
  const bot = program(code, bowl)
  onTestFinished(() => void bot.kill())
  await once(bot.stdout, 'data')
  for (const call of ['@echo one', '@echo two']) {
    bowl.store('bob', call)
    await bowl.until(() => bowl.frames.some(({ frame }) => frame.content === `bob said: ${call}`))
  }
})

test('the program of the first page says hello and shows what others say', async () => {
  await using bowl = await openBowl()
  const [code = ''] = snippetsOf(page('README.md'))
  const chat = program(code, bowl)
  onTestFinished(() => void chat.kill())
  await bowl.until(() => bowl.frames.some(({ frame }) => frame.content === 'Hello, everyone!'))
  bowl.store('bob', 'Hi ann')
  const [text] = await once(chat.stdout, 'data')
  expect(String(text)).toBe('bob: Hi ann\n')
})
