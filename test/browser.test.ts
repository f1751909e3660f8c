import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { pages } from '../examples/agents/build.ts'
import { createScriptedTeam } from '../packages/server/src/agents/teams/scripted.ts'
import { noApprovals } from '../packages/server/src/agents/tools/approval.ts'
import { artefactTools } from '../packages/server/src/agents/tools/artefacts.ts'
import { readSettings } from '../packages/server/src/config.ts'
import { later } from '../packages/server/src/core/runs.ts'
import { openTeams } from '../packages/server/src/start/teams.ts'
import { needs } from '../packages/server/test/needs.ts'
import { openWorld, type World } from '../packages/server/test/world.ts'

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' }
const CHROMIUM = 'chromium'

let world: World
let site: Server
let browser: Browser | undefined
/** Of pages, as the server has them. */
const sockets = new Set<Duplex>()
let url: string

beforeAll(async () => {
  world = await openWorld({ agents: scriptedBooks() })
  const files = await pages()
  site = createServer(({ url: path = '/' }, response) => {
    const name = path.slice(1).split('?')[0] ?? ''
    const file = files[name]
    response.writeHead(file === undefined ? 404 : 200, {
      'Content-Type': TYPES[name.split('.')[1] ?? ''] ?? 'text/plain',
    })
    response.end(file)
  })
  site.on('upgrade', (asked, socket, head) => {
    sockets.add(socket)
    world.sessions.upgrade(asked, socket, head)
  })
  await new Promise<void>(resolve => site.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(site.address() as AddressInfo).port}` // of a server that listens on a port
})

afterAll(async () => {
  await browser?.close()
  site.closeAllConnections()
  site.close()
  await world[Symbol.asyncDispose]()
})

/** The team that comes with Parley, as it answers where no model is connected. */
function scriptedBooks() {
  const { teams, kinds } = openTeams(readSettings({}))
  const made = kinds.teams.filter(({ team }) => team === teams[0].name)
  const sources = made.map(one =>
    artefactTools(one, draft => world.core.execute({ kind: 'operator' }, { type: 'artefact.save', ...draft })),
  )
  return createScriptedTeam(teams[0], {
    sources,
    approvals: noApprovals,
    later,
    onFault: fault => world.faults.push(fault),
  })
}

async function open(path: string): Promise<Page> {
  browser ??= await chromium.launch({ executablePath: `/usr/bin/${CHROMIUM}`, args: ['--no-sandbox'] })
  const page = await browser.newPage()
  const broken: string[] = []
  page.on('pageerror', error => broken.push(String(error)))
  await page.goto(`${url}/${path}`)
  await page
    .getByRole('status')
    .filter({ hasText: /^Connected/ })
    .waitFor()
  expect(broken).toEqual([])
  return page
}

const ask = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('textbox').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

const said = (page: Page): Promise<string[]> => page.getByRole('log').locator('li p').allTextContents()

for (const path of ['index.html', 'react.html'])
  needs(CHROMIUM)(
    `[DOCS-9] ${path} works in Chromium: two answers in elements of their own, over a refresh and a lost connection`,
    async () => {
      const page = await open(path)
      const log = page.getByRole('log')
      await ask(page, 'Create a fantasy novel with dragons and magic')
      await log.getByText("The Dragon's Last Stand").waitFor()
      await log.locator('li').nth(1).and(page.locator('[aria-busy=false]')).waitFor()
      await ask(page, 'and a world of salt')
      await log.getByText('a peninsula of salt and slate').waitFor()
      await log.locator('li').nth(3).and(page.locator('[aria-busy=false]')).waitFor()
      const before = await said(page)
      expect(before).toHaveLength(4)
      await page.reload()
      await log.locator('li').nth(3).waitFor()
      expect(await said(page)).toEqual(before)
      for (const socket of sockets) socket.destroy()
      await ask(page, 'and some lore')
      await log.getByText('the first promise').waitFor()
      expect((await said(page)).slice(0, 5)).toEqual([...before, 'and some lore'])
      await page.close()
    },
  )
