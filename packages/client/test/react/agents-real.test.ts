import { randomUUID } from 'node:crypto'
import { createElement } from 'react'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../../../examples/support/server.ts'
import { AgentSession } from '../../src/agents/index.ts'
import { type AgentSessionView, useAgentSession } from '../../src/react/index.ts'
import { show, watching } from '../fixture/dom.ts'

/** What the scripted server of the other tests promises, the real one keeps. */
let server: Server
beforeAll(async () => (server = await startServer()), 30_000)
afterAll(() => server[Symbol.asyncDispose]())

const url = () => server.url.replace('http', 'ws')

/** Resolves when a session is as wanted. */
function sessionUntil(session: AgentSession, holds: (state: AgentSession['state']) => boolean): Promise<void> {
  return new Promise(resolve => {
    const stop = session.subscribe(look)
    function look() {
      if (!holds(session.state)) return
      resolve()
      queueMicrotask(() => stop())
    }
    look()
  })
}

test('[REACT-1] a page and a second tab ask a team of the real server; both have the answer, and so has who comes later', async () => {
  const sessionId = randomUUID()
  const watch = watching(() => useAgentSession(sessionId, { url: url() }))
  using _page = show(createElement(watch.component))
  await watch.until(({ model }) => model !== null)
  const tab = new AgentSession({ url: url(), sessionId })
  const stay = tab.subscribe(() => undefined)
  await sessionUntil(tab, ({ model }) => model !== null)
  watch.now.send('Create a fantasy novel with dragons and magic')
  const isDone = ({ messages }: Pick<AgentSessionView, 'messages'>) =>
    messages.some(one => one.role === 'assistant' && one.state === 'complete')
  await watch.until(isDone)
  await sessionUntil(tab, isDone)
  const answer = watch.now.messages.at(-1)
  expect(answer).toMatchObject({
    ...{
      role: 'assistant',
      agent: 'PlotGeneratorAgent',
      tools: [{ name: 'save_plot', status: 'completed', progress: 1 }],
    },
    results: { plot_id: expect.any(String), agents_used: ['OrchestratorAgent', 'PlotGeneratorAgent'] },
  })
  expect(tab.state.messages.at(-1)?.content).toBe(answer?.content)
  const later = new AgentSession({ url: url(), sessionId })
  const leave = later.subscribe(() => undefined)
  await sessionUntil(later, ({ messages }) => messages.length === 2)
  const texts = ({ messages }: Pick<AgentSessionView, 'messages'>) => messages.map(({ content }) => content)
  expect(texts(later.state)).toEqual(texts(watch.now))
  leave()
  stay()
})
