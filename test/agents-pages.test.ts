import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Window } from 'happy-dom'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pages } from '../examples/agents/build.ts'
import { type Agents, openAgents } from '../packages/client/test/fixture/agents.ts'

let server: Agents
let files: Readonly<Record<string, string>>
const folder = mkdtempSync(join(tmpdir(), 'parley-agents-'))
beforeAll(async () => {
  server = await openAgents({ echoes: true })
  files = await pages()
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

/** Opens a page as a browser of this tab would that got it from the server: `visit` tells visits of the same page apart. */
async function open(html: string, script: string, visit: number) {
  const url = `${server.url.replace('ws', 'http')}/agents/`
  const window = new Window({ url })
  window.document.write(files[html] ?? '')
  Object.assign(globalThis, { window, document: window.document, location: window.location })
  await import(`${pathToFileURL(join(folder, script)).href}?visit=${visit}`)
  return window
}

/** Resolves once the page has that. Looks whenever it changed. */
const until = (window: Window, condition: () => boolean): Promise<void> =>
  new Promise(resolve => {
    const look = () => {
      if (!condition()) return
      watcher.disconnect()
      resolve()
    }
    const watcher = new window.MutationObserver(look)
    watcher.observe(window.document, { subtree: true, childList: true, characterData: true, attributes: true })
    look()
  })

const lines = (window: Window): string[] =>
  [...window.document.querySelectorAll('[role=log] li p')].map(({ textContent }) => textContent ?? '')

/** Writes a question as a person does: past the setter by which React would know that a program did. */
function ask(window: Window, text: string): void {
  const area = window.document.querySelector('textarea')
  if (!area) throw new Error('there is nowhere to write')
  Object.getOwnPropertyDescriptor(window.HTMLTextAreaElement.prototype, 'value')?.set?.call(area, text)
  area.dispatchEvent(new window.Event('input', { bubbles: true }))
  area.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
}

test.each([
  ['index.html', 'page.js'],
  ['react.html', 'chat.js'],
])('[DOCS-8] %s answers each question in an element of its own, and a refresh loses nothing', async (html, script) => {
  sessionStorage.clear()
  const window = await open(html, script, 1)
  await until(window, () => /^Connected/.test(window.document.querySelector('[role=status]')?.textContent ?? ''))
  ask(window, 'Create <b>a novel</b>')
  await until(window, () => lines(window).length === 2 && !window.document.querySelector('[aria-busy=true]'))
  ask(window, 'And now?')
  const said = ['Create <b>a novel</b>', 'You said: Create <b>a novel</b>', 'And now?', 'You said: And now?']
  await until(window, () => lines(window).at(-1) === said[3])
  expect(lines(window)).toEqual(said)

  const again = await open(html, script, 2)
  await until(again, () => lines(again).length === 4)
  expect(lines(again)).toEqual(said)
  const [, restart] = again.document.querySelectorAll('form button')
  restart?.dispatchEvent(new again.Event('click', { bubbles: true }))
  await until(again, () => lines(again).length === 0)
})

test('[DOCS-8] the pages load nothing from elsewhere', () => {
  for (const name of ['index.html', 'react.html']) {
    const loaded = [...(files[name] ?? '').matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url)
    expect(loaded.length).toBeGreaterThan(1)
    for (const url of loaded) expect(Object.keys(files)).toContain(url)
  }
  for (const name of ['page.js', 'chat.js'])
    expect(files[name]).not.toMatch(/^import |\bimport\(|process\.env\.NODE_ENV/)
})
