import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AgentSessionView, type UseAgentSessionOptions, useAgentSession } from '../../src/react/index.ts'
import { type Agents, openAgents } from '../fixture/agents.ts'
import { createManualClock, type ManualClock } from '../fixture/clock.ts'
import { show, watching } from '../fixture/dom.ts'

let server: Agents
let clock: ManualClock
beforeEach(async () => {
  server = await openAgents()
  clock = createManualClock()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

const texts = ({ messages }: AgentSessionView) => messages.map(({ content }) => content)
const isReady = ({ model }: AgentSessionView) => model !== null

/** A component with a session. `props` are those of its next render. */
function agentsView(options: UseAgentSessionOptions = {}, id?: string) {
  const props = { id, options: { url: server.url, clock, ...options } }
  const watch = watching(() => useAgentSession(props.id, props.options))
  return { watch, props, node: () => createElement(watch.component) }
}

test('[REACT-1] mounted twice it opens one connection; gone it leaves none', async () => {
  const { watch, node } = agentsView()
  const page = show(node())
  await watch.until(isReady)
  expect(server.urls).toHaveLength(1)
  await page.unmount()
  await server.until(() => server.open() === 0)
  expect(clock.waits()).toEqual([])
  expect(server.urls).toHaveLength(1)
})

test('[REACT-1] two components of one page without an id have one session, and each a connection', async () => {
  const [first, second] = [agentsView(), agentsView()]
  using page = show([
    createElement(first.watch.component, { key: 1 }),
    createElement(second.watch.component, { key: 2 }),
  ])
  await first.watch.until(isReady)
  await second.watch.until(isReady)
  expect(first.watch.now.sessionId).toBe(second.watch.now.sessionId)
  first.watch.now.send('Hello')
  const answer = server.answer(first.watch.now.sessionId ?? '')
  answer.chunk('Hi')
  await second.watch.until(now => texts(now).includes('Hi'))
  expect(page.element.textContent).toBe('')
})

test('[REACT-2] questions, answers, agent, tools and connection are state, and a refresh finds them again', async () => {
  const { watch, node } = agentsView()
  const page = show(node())
  await watch.until(isReady)
  expect(watch.now.connection.state).toBe('open')
  watch.now.send('Create a novel')
  await server.until(() => server.questions().length === 1)
  const id = watch.now.sessionId ?? ''
  const answer = server.answer(id)
  answer.chunk('I will ')
  answer.switchTo('PlotGeneratorAgent')
  answer.tool('executing', 0.5)
  await watch.until(({ tools }) => tools.length === 1)
  expect(watch.now.agent).toBe('PlotGeneratorAgent')
  await page.unmount()

  const again = agentsView()
  using _ = show(again.node())
  await again.watch.until(isReady)
  expect(again.watch.now.sessionId).toBe(id)
  answer.chunk('help')
  answer.complete()
  await again.watch.until(({ messages }) => messages[1]?.state === 'complete')
  expect(texts(again.watch.now)).toEqual(['Create a novel', 'I will help'])
})

test('[REACT-3] nothing is drawn again when nothing changed, and what did not change is the same', async () => {
  const { watch, props, node } = agentsView()
  using page = show(node(), { strict: false })
  await watch.until(isReady)
  const [drawn, before] = [watch.seen.length, watch.now]
  server.push(JSON.stringify({ type: 'pong' }))
  server.push(JSON.stringify({ type: 'news' }))
  watch.now.switchModel('m-2')
  await watch.until(({ model }) => model === 'm-2')
  expect(watch.seen).toHaveLength(drawn + 1)
  expect(watch.now.messages).toBe(before.messages)
  for (const name of ['send', 'switchModel', 'reconnect', 'restart'] as const)
    expect(watch.now[name]).toBe(before[name])
  // Options that are written anew in each render are no other session.
  props.options = { ...props.options, token: 'later' }
  const last = watch.now
  page.render(node())
  await watch.until(() => watch.seen.length > drawn + 1)
  expect(watch.now).toBe(last)
  expect(server.urls).toHaveLength(1)
  server.cut()
  await clock.asked(1_000)
  clock.advance(1_000)
  await server.until(() => server.urls.length === 2)
  expect(server.urls[1]).toMatch(/\?token=later$/)
})

test('[REACT-3] another id is another session', async () => {
  const { watch, props, node } = agentsView({}, 'one')
  using page = show(node())
  await watch.until(isReady)
  watch.now.send('Hello')
  props.id = 'two'
  page.render(node())
  await watch.until(({ sessionId, model }) => sessionId === 'two' && model !== null)
  expect(watch.now.messages).toEqual([])
  await server.until(() => server.open() === 1)
  expect(server.urls).toEqual(['/ws/one', '/ws/two'])
})

test('[REACT-4] on a server it draws an empty session, and touches neither network nor storage', () => {
  const storage = { getItem: () => expect.unreachable(), setItem: () => expect.unreachable() }
  const { watch } = agentsView({ storage })
  const states: string[] = []
  const component = () => {
    const session = useAgentSession(undefined, { url: server.url, storage })
    states.push(session.connection.state)
    return createElement('p', null, `${session.messages.length} of ${session.sessionId}`)
  }
  expect(renderToString(createElement(component))).toBe('<p>0 of null</p>')
  expect(states).toEqual(['idle'])
  expect([watch.seen, server.urls]).toEqual([[], []])
})
