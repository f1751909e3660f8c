import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openAssistant } from '../fixture/assistant.ts'

const page = readFileSync(new URL('../../../../docs/sdk/assistant.md', import.meta.url), 'utf8')
const snippets = [...page.matchAll(/```ts (\w+)\n(.*?)```/gs)].map(([, name = '', code = '']) => [name, code] as const)

const SAYS: Readonly<Record<string, RegExp>> = {
  basic: /^Connected: [\da-f-]{36}\nAssistant is typing...\nAssistant: You said: Hello!\n$/,
  flow: /^You said: What is machine learning\?\nYou said: Can you give me an example\?\n4 items\n$/,
}

test.each(snippets)('[CLIENT-66] the snippet %s does what the page says', async (name, code) => {
  await using server = await openAssistant()
  const child = spawn(process.execPath, ['--input-type=module-typescript'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, BEDROCK_WS_ENDPOINT: server.url },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', part => (output += part))
  child.stdin.end(code)
  const [exit] = await once(child, 'close')
  expect(output).toMatch(SAYS[name] ?? /no snippet of that name/)
  expect(exit).toBe(0)
})

test('[CLIENT-66] there is a snippet for each that is looked for', () => {
  expect(snippets.map(([name]) => name)).toEqual(Object.keys(SAYS))
})
