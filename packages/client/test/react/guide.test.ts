import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createElement, type FunctionComponent } from 'react'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../../../examples/support/server.ts'
import type * as chat from '../../src/chat/index.ts'
import type * as hooks from '../../src/react/index.ts'
import { openAgents } from '../fixture/agents.ts'
import { type Shown, show } from '../fixture/dom.ts'

const page = readFileSync(new URL('../../../../docs/sdk/react.md', import.meta.url), 'utf8')
const snippets = new Map([...page.matchAll(/```tsx (\w+)\n(.*?)```/gs)].map(([, name = '', code = '']) => [name, code]))

/** Below the packages, for what is imported. */
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/', import.meta.url))
let folder: string
let server: Server
let apiKey: string
beforeAll(async () => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'guide-'))
  server = await startServer()
  apiKey = await server.register('ann')
}, 30_000)
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server[Symbol.asyncDispose]()
})

type Hooks = Pick<typeof hooks, 'ChatProvider'> & Pick<typeof chat, 'ChatClient'>
type Snippet = Hooks & Readonly<Record<string, FunctionComponent<Record<string, unknown>>>>

/** What a snippet exports, with React as this test has it. */
async function load(name: string): Promise<Snippet> {
  const input = join(folder, `${name}.tsx`)
  const rest = `export { ChatProvider, useRoom } from '@parley/client/react'\nexport { ChatClient } from '@parley/client/chat'\n`
  writeFileSync(input, `${snippets.get(name)}\n${rest}`)
  const build = await rolldown({ input, platform: 'node', external: /^react/, logLevel: 'silent' })
  const { output } = await build.generate({ format: 'esm' })
  await build.close()
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, output[0].code)
  return await import(/* @vite-ignore */ pathToFileURL(file).href)
}

/** Draws a component of a snippet below a provider. */
async function drawn(name: string, component: string): Promise<Shown> {
  const { ChatClient, ChatProvider, [component]: Component = () => null } = await load(name)
  const client = () => new ChatClient({ url: server.url, apiKey })
  return show(createElement(ChatProvider, { client }, createElement(Component)))
}

const until = ({ element }: Shown, condition: () => boolean) =>
  new Promise<void>(resolve => {
    const look = () => {
      if (!condition()) return
      watcher.disconnect()
      resolve()
    }
    const watcher = new window.MutationObserver(look)
    watcher.observe(element, { subtree: true, childList: true, characterData: true, attributes: true })
    look()
  })

/** Writes into a field past the setter by which React would know that a program did. */
function type(field: HTMLInputElement | null, text: string): void {
  Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, 'value')?.set?.call(field, text)
  field?.dispatchEvent(new window.Event('input', { bubbles: true }))
}

const textOf = ({ element }: Shown, selector: string) => element.querySelector(selector)?.textContent ?? ''
const submit = ({ element }: Shown) =>
  element.querySelector('form')?.dispatchEvent(new window.Event('submit', { bubbles: true, cancelable: true }))

test('[REACT-20] a team of agents', async () => {
  await using agents = await openAgents({ echoes: true })
  process.env.PARLEY_URL = agents.url
  const { Team } = await load('agents')
  const shown = show(createElement(Team ?? (() => null)))
  await until(shown, () => textOf(shown, '[role=status]').startsWith('open'))
  type(shown.element.querySelector('input'), 'Create a novel')
  submit(shown)
  await until(shown, () => textOf(shown, 'li:last-child') === 'You said: Create a novel')
  expect(shown.element.querySelectorAll('li')).toHaveLength(2)
  await shown.unmount()
})

test('[REACT-20] a room', async () => {
  const { App } = await load('room')
  const shown = show(createElement(App ?? (() => null), { apiKey, url: server.url }))
  await until(shown, () => textOf(shown, 'h1') === 'The kitchen (0)')
  type(shown.element.querySelector('input'), 'Dinner at seven')
  submit(shown)
  await until(shown, () => textOf(shown, 'li') === 'ann: Dinner at seven')
  await shown.unmount()
})

test('[REACT-20] answers as they are written', async () => {
  const shown = await drawn('runs', 'Assistant')
  await until(shown, () => shown.element.querySelector('button:not([disabled])') !== null)
  shown.element.querySelector('button')?.click()
  await until(shown, () => textOf(shown, 'p:last-of-type').includes('8'))
  expect(textOf(shown, 'p')).toBe('2+2*3')
  await shown.unmount()
})

test('[REACT-20] files', async () => {
  const shown = await drawn('files', 'Files')
  await until(shown, () => shown.element.querySelector('input:not([disabled])') !== null)
  const input = shown.element.querySelector('input')
  const file = new File(['Soup: water, salt, luck'], 'recipe.txt', { type: 'text/plain' })
  if (input) Object.defineProperty(input, 'files', { value: [file] })
  input?.dispatchEvent(new window.Event('change', { bubbles: true }))
  await until(shown, () => textOf(shown, 'p').startsWith('recipe.txt: stored'))
  shown.element.querySelector('button')?.click()
  await until(shown, () => shown.element.querySelector('p') === null)
  await shown.unmount()
})

test('[REACT-20] the page shows every hook, and there is a test for each snippet', async () => {
  expect([...snippets.keys()]).toEqual(['agents', 'room', 'runs', 'files'])
  const exported = Object.keys(await import('../../src/react/index.ts'))
  for (const name of exported) expect(page).toMatch(new RegExp(`\\b${name}\\b`))
})
