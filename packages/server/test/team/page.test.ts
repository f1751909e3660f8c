import { Window } from 'happy-dom'
import { expect, test } from 'vitest'
import { teamPage } from '../../src/http/agents/ui.ts'
import { show } from '../../src/http/page.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { openSite } from '../http/site.ts'
import { openWorld, testTeam, until } from '../world.ts'
import { SessionClient } from './client.ts'

/** A tab that has the page open; its session is kept while the tab is. */
async function openTab(port: number, storage: Map<string, string>) {
  const { script = '', ...page } = teamPage([testTeam])
  const html = await (await show(page)).text()
  const window = new Window({ url: `http://127.0.0.1:${port}/agents/ui` })
  window.document.write(html)
  const sockets: WebSocket[] = []
  class Socket extends WebSocket {
    constructor(url: string) {
      super(url)
      sockets.push(this)
    }
  }
  const sessionStorage = {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
  }
  const given = { document: window.document, location: window.location, sessionStorage, WebSocket: Socket }
  // The page's own script, as it is, with a browser's things from elsewhere.
  new Function(...Object.keys(given), 'setTimeout', script)(...Object.values(given), () => undefined)
  const all = (selector: string) => [...window.document.querySelectorAll(selector)]
  return {
    window,
    lines: () => all('[role=log] p').map(({ textContent }) => textContent),
    busy: () => all('[aria-busy=true]').length,
    status: () => all('[role=status]')[0]?.textContent ?? '',
    say(text: string) {
      const [input] = all('#message')
      Object.assign(input ?? {}, { value: text })
      window.document.querySelector('#ask')?.dispatchEvent(new window.Event('submit', { cancelable: true }))
    },
    click: (id: string) => window.document.querySelector(`#${id}`)?.dispatchEvent(new window.Event('click')),
    close() {
      for (const socket of sockets) socket.close()
    },
  }
}

test('[TEAM-45] the page shows each answer in one element, and after a refresh all of it', async () => {
  const agent = new TestAgent()
  await using world = await openWorld({ agents: agent })
  const storage = new Map<string, string>()
  const tab = await openTab(world.port, storage)
  await until(() => tab.status() === 'Connected')
  tab.say('A <b>novel</b>')
  await until(() => agent.asked.length === 1)
  const { script } = agent.asked[0]!
  script.give({ type: 'text', text: 'Once ', by: 'OrchestratorAgent' })
  script.give({ type: 'switch', from: 'OrchestratorAgent', to: 'PlotGeneratorAgent', reason: 'Plots' })
  script.give({ type: 'text', text: 'upon', by: 'PlotGeneratorAgent' })
  await until(() => tab.lines().at(-1) === 'OrchestratorAgent: Once upon')
  expect([tab.lines(), tab.busy()]).toEqual([['You: A <b>novel</b>', 'OrchestratorAgent: Once upon'], 1])
  tab.close()

  const again = await openTab(world.port, storage)
  await until(() => again.lines().length === 2)
  expect(again.busy()).toBe(1)
  script.give({ type: 'text', text: ' a time', by: 'PlotGeneratorAgent' })
  script.finish()
  await until(() => again.busy() === 0)
  expect(again.lines()[1]).toMatch(/: Once upon a time$/)

  again.say('And now?')
  await until(() => agent.asked.length === 2)
  agent.asked[1]!.script.give({ type: 'text', text: 'Wait', by: 'OrchestratorAgent' })
  await until(() => again.busy() === 1)
  again.click('stop')
  await until(() => again.busy() === 0)
  expect(again.status()).toMatch(/^Stopped/)
  const before = storage.get('parley-team-session')
  again.click('again')
  await until(() => again.status() === 'Connected')
  expect([again.lines(), storage.get('parley-team-session') === before]).toEqual([[], false])
  again.close()
})

test('[TEAM-45] the page is served with a policy that lets its own script run alone', async () => {
  await using site = await openSite()
  const { status, headers, text } = await site.ask('GET', '/agents/ui')
  expect(status).toBe(200)
  expect(headers['content-security-policy']).toMatch(/script-src 'sha256-[^' ]+'; connect-src 'self';/)
  expect(text.match(/<script/g)).toHaveLength(1)
  expect((await site.ask('GET', '/')).text).toContain('href="/agents/ui"')
})

test('[TEAM-46] a key in the query is whose session it is', async () => {
  await using world = await openWorld()
  const ann = await world.member('ann')
  const client = await SessionClient.open(world, `hers?token=${ann.key}`)
  expect((await world.execute(ann, { type: 'sessions.list', prefix: 'agents/', limit: 9, offset: 0 })).total).toBe(1)
  client.ws.terminate()
})
