import { afterEach, beforeEach, expect, test } from 'vitest'
import { AgentSession, type AgentSessionOptions, type AgentSessionState } from '../../src/agents/index.ts'
import { type Agents, openAgents } from '../fixture/agents.ts'
import { createManualClock, type ManualClock } from '../fixture/clock.ts'

let server: Agents
let clock: ManualClock
const ends: (() => void)[] = []
beforeEach(async () => {
  server = await openAgents()
  clock = createManualClock()
})
afterEach(async () => {
  for (const end of ends.splice(0)) end()
  await server[Symbol.asyncDispose]()
  expect(server.faults).toEqual([])
})

/** A storage as a tab has it. */
function tab() {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  }
}

/** A session somebody looks at. */
function look(options: AgentSessionOptions = {}) {
  const session = new AgentSession({ url: server.url, clock, storage: tab(), ...options })
  const lookers = new Set<() => void>()
  const end = session.subscribe(() => {
    for (const look of [...lookers]) look()
  })
  ends.push(end)
  const until = (condition: (state: AgentSessionState) => boolean) =>
    new Promise<void>(resolve => {
      const look = () => {
        if (!condition(session.state)) return
        lookers.delete(look)
        resolve()
      }
      lookers.add(look)
      look()
    })
  return { session, until, end, id: () => session.state.sessionId ?? '' }
}

/** Connected, and told what was said so far. */
async function restored(options: AgentSessionOptions = {}) {
  const made = look(options)
  await made.until(({ model }) => model !== null)
  return made
}

const texts = ({ messages }: AgentSessionState) => messages.map(({ content }) => content)
const states = ({ messages }: AgentSessionState) => messages.map(({ state }) => state)
const isOpen = ({ connection }: AgentSessionState) => connection.state === 'open'

test('[CLIENT-80] each answer is one element, whoever of the team speaks, beside its question', async () => {
  const { session, until, id } = await restored()
  expect(session.send('Create a novel')).toBe(true)
  await server.until(() => server.questions().length === 1)
  const first = server.answer(id())
  first.chunk('I will ')
  first.switchTo('PlotGeneratorAgent')
  first.tool('executing', 0)
  await until(({ tools }) => tools.length === 1)
  expect(session.state).toMatchObject({
    agent: 'PlotGeneratorAgent',
    tools: [{ name: 'save_plot', status: 'executing', progress: 0 }],
  })
  first.tool('completed', 1)
  first.tool('executing', 0)
  first.chunk('help')
  await until(({ messages }) => messages[1]?.content === 'I will help')
  expect(session.state.tools.map(({ status }) => status)).toEqual(['completed', 'executing'])
  first.complete({ title: 'The Last Stand' })
  await until(({ messages }) => messages[1]?.state === 'complete')
  expect(session.state.tools).toEqual([])
  expect(session.state.messages[1]).toMatchObject({
    agent: 'PlotGeneratorAgent',
    results: { title: 'The Last Stand' },
    tools: [{}, {}],
  })
  session.send('And now?')
  await server.until(() => server.questions().length === 2)
  const second = server.answer(id())
  second.chunk('Done')
  second.complete()
  await until(({ messages }) => messages[3]?.state === 'complete')
  expect(texts(session.state)).toEqual(['Create a novel', 'I will help', 'And now?', 'Done'])
  expect(new Set(session.state.messages.map(message => message.id)).size).toBe(4)
})

test('[CLIENT-80] an answer that fails says why; a refusal leaves the one under way alone', async () => {
  const { session, until, id } = await restored()
  session.send('one')
  const answer = server.answer(id())
  answer.chunk('Hm')
  server.refuse(id(), 'SESSION_BUSY')
  answer.chunk('m')
  await until(state => texts(state).includes('Hmm'))
  expect(session.state.problem).toEqual({ code: 'SESSION_BUSY', message: 'SESSION_BUSY it is' })
  answer.fail()
  await until(state => states(state).includes('failed'))
  expect(session.state.messages[1]).toMatchObject({ content: 'Hmm', error: 'Failed to process message: it broke' })
  session.send('two')
  expect(session.state.problem).toBeNull()
  server.answer(id()).fail('AGENT_TIMEOUT')
  await until(state => states(state).filter(state => state === 'failed').length === 2)
  expect(session.state.messages).toHaveLength(4)
})

test('[CLIENT-80] what can’t be asked is not: blank, too long, without anybody who looks', async () => {
  const { session } = await restored()
  expect(session.send(' \n')).toBe(false)
  expect(session.send('x'.repeat(10_001))).toBe(false)
  expect(session.state.problem?.code).toBe('CONTENT_TOO_LONG')
  expect(new AgentSession({ url: server.url }).send('Hello')).toBe(false)
  expect(session.state.messages).toEqual([])
  expect(() => new AgentSession({ sessionId: 'not an id' })).toThrow(TypeError)
})

test('[CLIENT-81] its own id outlives the page; a given one is the caller’s', async () => {
  const storage = tab()
  const first = await restored({ storage })
  const id = first.id()
  expect(id).toMatch(/^[\da-f]{32}$/)
  first.end()
  const second = await restored({ storage })
  expect(second.id()).toBe(id)
  second.session.restart()
  await second.until(({ sessionId, model }) => sessionId !== id && model !== null)
  expect((await restored({ storage })).id()).toBe(second.id())
  const given = await restored({ storage, sessionId: 'mine' })
  expect([given.id(), storage.getItem('parley-agents-session')]).toEqual(['mine', second.id()])
})

test('[CLIENT-81] without a storage, with a broken one and with another’s value in it the session works', async () => {
  const broken = () => {
    throw new Error('full')
  }
  for (const storage of [
    { getItem: broken, setItem: broken },
    { getItem: () => 'not an id', setItem: () => {} },
  ])
    expect((await restored({ storage })).id()).toMatch(/^[\da-f]{32}$/)
})

test('[CLIENT-82] after a refresh everything said is there, and an answer under way goes on without a repeat', async () => {
  const storage = tab()
  const before = await restored({ storage })
  before.session.send('Why?')
  await server.until(() => server.questions().length === 1)
  const answer = server.answer(before.id())
  answer.chunk('Be')
  answer.chunk('cau')
  await before.until(state => texts(state).includes('Becau'))
  before.end()
  await server.until(() => server.open() === 0)
  answer.chunk('s')
  const after = await restored({ storage })
  expect(texts(after.session.state)).toEqual(['Why?', 'Becaus'])
  expect(states(after.session.state)).toEqual(['sent', 'streaming'])
  answer.chunk('e')
  // Once more what it had already.
  server.push(JSON.stringify({ type: 'stream_chunk', content: 's', agent: 'x', chunk_id: 3, total_chunks: null }))
  answer.complete()
  await after.until(state => states(state).includes('complete'))
  expect(texts(after.session.state)).toEqual(['Why?', 'Because'])
})

test('[CLIENT-82] after a lost connection it is the same, and every message keeps its id', async () => {
  const { session, until, id } = await restored()
  session.send('Why?')
  await server.until(() => server.questions().length === 1)
  const answer = server.answer(id())
  answer.chunk('Be')
  await until(state => texts(state).includes('Be'))
  const ids = session.state.messages.map(message => message.id)
  server.cut()
  await until(({ connection }) => connection.state === 'waiting')
  answer.chunk('cau')
  await clock.asked(1_000)
  clock.advance(1_000)
  await until(state => texts(state).includes('Becau'))
  answer.chunk('se')
  answer.complete()
  await until(state => states(state).includes('complete'))
  expect(texts(session.state)).toEqual(['Why?', 'Because'])
  expect(session.state.messages.map(message => message.id)).toEqual(ids)
})

test('[CLIENT-83] what is asked without a connection waits, is shown, and is sent once', async () => {
  const { session, until } = look()
  session.send('early')
  expect(states(session.state)).toEqual(['waiting'])
  await until(({ model }) => model !== null)
  expect([texts(session.state), states(session.state)]).toEqual([['early'], ['sent']])
  server.cut()
  await until(({ connection }) => connection.state === 'waiting')
  session.send('later')
  await clock.asked(1_000)
  clock.advance(1_000)
  await server.until(() => server.questions().length === 2)
  await until(state => isOpen(state) && !states(state).includes('waiting'))
  expect(server.questions()).toEqual(['early', 'later'])
  expect(texts(session.state)).toEqual(['early', 'later'])
  expect(server.frames.map(({ type }) => type)).toEqual(['session_restore', 'message', 'session_restore', 'message'])
})

test('[CLIENT-83] what waits outlasts a while in which nobody looks', async () => {
  const { session, end } = look()
  session.send('early')
  end()
  await Promise.resolve()
  expect(session.state.connection.state).toBe('idle')
  ends.push(session.subscribe(() => {}))
  await server.until(() => server.questions().length === 1)
  expect(states(session.state)).toEqual(['sent'])
})

test('[CLIENT-83] a question that the server never got stays, and says so', async () => {
  const { session, until, id } = await restored()
  for (const text of ['yes', 'no', 'yes']) session.send(text)
  await server.until(() => server.questions().length === 3)
  // The last of them was lost on the way.
  server.sessionOf(id()).history.pop()
  server.cut()
  await clock.asked(1_000)
  clock.advance(1_000)
  await until(state => states(state).includes('unconfirmed'))
  expect(texts(session.state)).toEqual(['yes', 'no', 'yes'])
  expect(states(session.state)).toEqual(['sent', 'sent', 'unconfirmed'])
  // It stays so, over another lost connection too.
  server.cut()
  await clock.asked(1_000)
  clock.advance(1_000)
  await server.until(() => server.urls.length === 3)
  await until(isOpen)
  session.send('maybe')
  await server.until(() => server.questions().length === 4)
  expect(texts(session.state)).toEqual(['yes', 'no', 'yes', 'maybe'])
  expect(states(session.state)).toEqual(['sent', 'sent', 'unconfirmed', 'sent'])
})

test('[CLIENT-84] it is connected while somebody looks: once for many, and not anew for who comes back at once', async () => {
  const { session, end } = await restored()
  const others = [session.subscribe(() => {}), session.subscribe(() => {})]
  for (const stop of [end, ...others]) stop()
  const again = session.subscribe(() => {})
  await Promise.resolve()
  expect(session.state.connection.state).toBe('open')
  again()
  await server.until(() => server.open() === 0)
  expect(server.urls).toHaveLength(1)
  expect([session.state.connection.state, clock.waits()]).toEqual(['idle', []])
})

test('[CLIENT-84] when nobody can be reached it says so, and begins anew when told to', async () => {
  const { session, until } = await restored({ maxReconnectAttempts: 1, token: 'old' })
  server.cut()
  await server[Symbol.asyncDispose]()
  await clock.asked(1_000)
  clock.advance(1_000)
  await until(({ connection }) => connection.state === 'failed')
  expect(session.send('still here')).toBe(true)
  const port = Number(new URL(server.url).port)
  server = await openAgents({ port })
  session.token = 'new'
  session.reconnect()
  await until(isOpen)
  await server.until(() => server.questions().length === 1)
  expect(server.urls).toEqual([`/ws/${session.state.sessionId}?token=new`])
})

test('[CLIENT-84] another model is shown, or why not', async () => {
  const { session, until } = await restored()
  session.switchModel('m-2')
  await until(({ model }) => model === 'm-2')
  session.switchModel('nothing')
  await until(({ problem }) => problem?.code === 'MODEL_NOT_FOUND')
})

test('[CLIENT-84] the state is the same object until something changed', async () => {
  const { session, until } = await restored()
  const before = session.state
  server.push(JSON.stringify({ type: 'pong' }))
  server.push(JSON.stringify({ type: 'news' }))
  session.switchModel('m-2')
  const seen: unknown[] = []
  const end = session.subscribe(() => seen.push(session.state))
  await until(({ model }) => model === 'm-2')
  end()
  expect(seen).toEqual([session.state])
  expect(session.state.messages).toBe(before.messages)
  expect(session.state.tools).toBe(before.tools)
})
