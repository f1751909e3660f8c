import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TokenBowlWebSocket, type TokenBowlWebSocketOptions, ValueError } from '../src/index.ts'
import { type Bowl, key, openBowl } from './fixture/bowl.ts'
import { createManualClock } from './fixture/clock.ts'
import { createWitness, times, type Witness } from './fixture/witness.ts'

let bowl: Bowl
let witness: Witness
const open: TokenBowlWebSocket[] = []
beforeEach(async () => {
  bowl = await openBowl()
  witness = createWitness()
})
afterEach(async () => {
  for (const ws of open.splice(0)) await ws.disconnect()
  await bowl[Symbol.asyncDispose]()
})

const QUICK = { minDelay: 1, maxDelay: 4 }

async function connect(options: TokenBowlWebSocketOptions = {}): Promise<TokenBowlWebSocket> {
  const ws = new TokenBowlWebSocket({
    apiKey: key('ann'),
    baseUrl: bowl.url,
    handlers: witness,
    reconnect: QUICK,
    ...options,
  })
  open.push(ws)
  await ws.connect()
  return ws
}

const connected = (count: number) => witness.until(() => times(witness, 'connect') === count)
const received = (count: number) => witness.until(() => witness.contents().length >= count)

const END = 'the end'

/** Resolves with all that was delivered, once what comes last in the room and among the direct messages is there. */
async function settled(): Promise<string[]> {
  bowl.store('bob', END)
  bowl.store('bob', END, { to: 'ann' })
  await witness.until(() => witness.contents().filter(content => content === END).length === 2)
  return witness.contents().filter(content => content !== END)
}

test('[CLIENT-21] what is stored while the connection is lost is delivered once it is back, in order', async () => {
  await connect()
  bowl.store('bob', 'live')
  await received(1)
  bowl.cut()
  bowl.store('bob', 'missed in the room')
  bowl.store('bob', 'missed by ann', { to: 'ann' })
  bowl.store('carl', 'missed in the room too')
  await connected(2)
  bowl.store('bob', 'live again')
  await received(5)
  expect(witness.contents()).toEqual([
    'live',
    'missed in the room',
    'missed by ann',
    'missed in the room too',
    'live again',
  ])
  expect(witness.events.map(([name]) => name).filter(name => name !== 'message')).toEqual([
    'connect',
    'error',
    'disconnect',
    'connect',
  ])
})

test('[CLIENT-21] what was stored before connect() is not delivered, then or later', async () => {
  for (let i = 0; i < 120; i++) bowl.store('bob', `old ${i}`, i % 2 ? { to: 'ann' } : {})
  await connect()
  bowl.cut()
  await connected(2)
  expect(await settled()).toEqual([])
})

test('[CLIENT-21] what is stored between the call of connect() and the connection is delivered', async () => {
  bowl.store('bob', 'old')
  let pages = 0
  bowl.rude.beforePage = () => {
    // Pages one and two find the end of the history.
    if (++pages === 3) bowl.store('bob', 'in between')
  }
  await connect()
  expect(await settled()).toEqual(['in between'])
})

test('[CLIENT-21] a history that was empty at first is fetched whole', async () => {
  await connect()
  bowl.cut()
  bowl.store('bob', 'the very first')
  await received(1)
  expect(witness.contents()).toEqual(['the very first'])
})

test('[CLIENT-21] a message that is pushed and fetched is delivered once, in its place', async () => {
  await connect()
  bowl.cut()
  bowl.store('bob', 'one')
  bowl.rude.beforePage = ({ pathname }) => {
    if (pathname !== '/messages') return
    bowl.rude.beforePage = () => {}
    // The socket is open: this is pushed now, and found in the page that is about to be read.
    bowl.store('bob', 'two')
    bowl.store('bob', 'three')
  }
  await received(3)
  expect(await settled()).toEqual(['one', 'two', 'three'])
})

test('[CLIENT-21] frames that arrive while the history is fetched keep their order behind it', async () => {
  await connect()
  bowl.cut()
  bowl.store('bob', 'missed')
  bowl.rude.afterPage = ({ pathname }) => {
    if (pathname !== '/messages') return
    bowl.rude.afterPage = () => {}
    bowl.push('ann', { type: 'typing', username: 'bob', to_username: null })
    bowl.store('bob', 'live')
    bowl.push('ann', { type: 'read_receipt', message_id: 'm', read_by: 'bob' })
  }
  await witness.until(() => times(witness, 'readReceipt') === 1)
  const after = witness.events.slice(witness.events.findLastIndex(([name]) => name === 'connect'))
  expect(after.map(([name, first]) => (name === 'message' ? first.content : name))).toEqual([
    'connect',
    'missed',
    'typing',
    'live',
    'readReceipt',
  ])
})

test('[CLIENT-21] a server that pushes everything three times is heard once', async () => {
  bowl.rude.pushes = 3
  await connect()
  bowl.store('bob', 'one')
  await received(1)
  bowl.cut()
  await connected(2)
  for (const message of bowl.messages) bowl.push('ann', message)
  bowl.store('bob', 'two')
  expect(await settled()).toEqual(['one', 'two'])
})

test('[CLIENT-21] a long absence is fetched page by page', async () => {
  await connect()
  bowl.cut()
  for (let i = 0; i < 1_234; i++) bowl.store('bob', `${i}`, i % 3 ? {} : { to: 'ann' })
  await received(1_234)
  expect(witness.contents()).toEqual(Array.from({ length: 1_234 }, (_, i) => `${i}`))
})

test('[CLIENT-21] deletions and sends while pages are read make no hole', async () => {
  await connect()
  bowl.cut()
  const stored = Array.from({ length: 1_100 }, (_, i) => bowl.store('bob', `${i}`))
  let pages = 0
  bowl.rude.beforePage = ({ pathname }) => {
    if (pathname === '/messages' && ++pages === 2) for (const { id } of stored.slice(-3)) bowl.remove(id)
    if (pathname === '/messages' && pages === 3) bowl.store('bob', 'new')
  }
  await received(1_101)
  expect(witness.contents()).toEqual([...Array.from({ length: 1_100 }, (_, i) => `${i}`), 'new'])
})

test('[CLIENT-21] a connection lost while the history is fetched loses nothing', async () => {
  await connect()
  bowl.store('bob', 'live')
  await received(1)
  bowl.cut()
  bowl.store('bob', 'missed')
  let cuts = 0
  bowl.rude.beforePage = () => {
    if (++cuts > 3) return
    bowl.store('bob', `held ${cuts}`)
    bowl.cut()
  }
  await received(5)
  expect(await settled()).toEqual(['live', 'missed', 'held 1', 'held 2', 'held 3'])
})

test('[CLIENT-21] a history that fails is asked for again, and nothing is lost', async () => {
  const ws = await connect()
  bowl.cut()
  bowl.store('bob', 'missed')
  bowl.rude.answer = { status: 500, body: 'broken' }
  await witness.until(() => witness.errors().includes('Connection failed with status 500'))
  expect(ws.isConnected).toBe(false)
  bowl.rude.answer = { status: 200, body: '"a page of a proxy"' }
  await witness.until(() => witness.errors().some(text => text.includes('malformed history')))
  bowl.rude.answer = undefined
  await received(1)
  expect(witness.contents()).toEqual(['missed'])
  // The connections whose history failed are not left behind.
  await bowl.until(() => bowl.of('ann').length === 1)
})

test('[CLIENT-21] a malformed message in the history is reported and does not hide the others', async () => {
  await connect()
  bowl.cut()
  bowl.store('bob', 'one')
  Object.assign(bowl.store('bob', 'two'), { from_username: null })
  bowl.store('bob', 'three')
  await received(2)
  expect(witness.contents()).toEqual(['one', 'three'])
  expect(witness.errors()).toContain('The server sent a malformed message: bad from_username')
})

test('[CLIENT-21] a message stored late under a time up to 5 s earlier is not missed', async () => {
  await connect()
  const at = Date.parse('2026-05-05T05:05:05Z')
  bowl.store('bob', 'seen', { at })
  await received(1)
  bowl.cut()
  bowl.store('bob', 'late', { at: at - 4_999 })
  expect(await settled()).toEqual(['seen', 'late'])
})

test('[CLIENT-21] messages stored in one millisecond keep their order', async () => {
  await connect()
  bowl.cut()
  const at = Date.parse('2026-05-05T05:05:05.555Z')
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`)
  for (const text of texts) bowl.store('bob', text, { at })
  await received(20)
  expect(witness.contents()).toEqual(texts)
})

test('[CLIENT-21] however the connection is cut, every message is delivered once and in order', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom('room', 'direct') }, fc.constant('cut')), {
        minLength: 5,
        maxLength: 60,
      }),
      async steps => {
        witness = createWitness()
        const ws = await connect()
        const stored: Record<string, string[]> = { room: [], direct: [] }
        const first = bowl.messages.length
        for (const [i, step] of steps.entries()) {
          if (step === 'cut') bowl.cut()
          else stored[step]?.push(bowl.store('bob', `${i}`, step === 'direct' ? { to: 'ann' } : {}).content)
          // Lets the network move, now and then, by as much as one request takes.
          if (i % 4 === 0) await fetch(`${bowl.url}/users/me`)
        }
        await received(bowl.messages.length - first)
        const of = (type: string) =>
          witness.events.flatMap(event =>
            event[0] === 'message' && event[1].message_type === type ? [event[1].content] : [],
          )
        expect(of('room')).toEqual(stored.room)
        expect(of('direct')).toEqual(stored.direct)
        await ws.disconnect()
      },
    ),
    { numRuns: 40 },
  ))

test('[CLIENT-21] who starts to listen right after connect() hears what came meanwhile', async () => {
  bowl.rude.afterPage = () => {
    if (bowl.of('ann').length === 0) return
    bowl.rude.afterPage = () => {}
    bowl.store('bob', 'early')
  }
  const ws = await TokenBowlWebSocket.open({ apiKey: key('ann'), baseUrl: bowl.url, reconnect: QUICK })
  open.push(ws)
  expect(await ws.messages().next()).toMatchObject({ value: { content: 'early' } })
})

test('[CLIENT-22] of the history only what would have been pushed is delivered', async () => {
  await connect()
  bowl.cut()
  bowl.store('ann', 'our own in the room')
  bowl.store('ann', 'our own to bob', { to: 'bob' })
  bowl.store('ann', 'our own to ourselves', { to: 'ann' })
  bowl.store('ann', 'our own announcement', { type: 'system' })
  bowl.store('bob', 'from bob')
  await connected(2)
  expect(await settled()).toEqual(['our own to ourselves', 'our own announcement', 'from bob'])
})

test('[CLIENT-23] close code 1008 is final', async () => {
  const ws = await connect()
  const requests = bowl.heard.length
  bowl.close(1008, 'key revoked')
  expect(await ws.closed()).toHaveProperty('message', 'The connection was lost (code 1008: key revoked)')
  expect(witness.events.map(([name]) => name)).toEqual(['connect', 'error', 'disconnect'])
  expect(bowl.heard).toHaveLength(requests)
})

test('[CLIENT-23] a key that is refused on the way back is final', async () => {
  const ws = await connect()
  bowl.rude.upgrade = 401
  bowl.rude.answer = { status: 401, body: '{}' }
  bowl.cut()
  expect(await ws.closed()).toHaveProperty('message', 'Invalid API key')
  expect(witness.errors().at(-1)).toBe('Invalid API key')
  expect(ws.isConnected).toBe(false)
})

test('[CLIENT-23] the last failure in a row is final', async () => {
  const ws = await connect({ reconnect: { ...QUICK, attempts: 3 } })
  bowl.rude.upgrade = 503
  bowl.rude.answer = { status: 503, body: '{}' }
  bowl.cut()
  expect(await ws.closed()).toHaveProperty('message', 'Connection failed with status 503')
  expect(times(witness, 'error')).toBe(4)
  expect(times(witness, 'disconnect')).toBe(1)
})

test('[CLIENT-23] a loop over messages() goes on over lost connections and throws at the end', async () => {
  const ws = await connect()
  const messages = ws.messages()
  bowl.store('bob', 'one')
  await received(1)
  bowl.cut()
  bowl.store('bob', 'two')
  await received(2)
  bowl.close(1008)
  expect(await messages.next()).toMatchObject({ value: { content: 'one' } })
  expect(await messages.next()).toMatchObject({ value: { content: 'two' } })
  await expect(messages.next()).rejects.toThrow('code 1008')
})

test('[CLIENT-24] between two connections sending fails, and says so', async () => {
  const failures: unknown[] = []
  const ws = await connect({ onDisconnect: () => ws.sendMessage('into the void').catch(error => failures.push(error)) })
  bowl.cut()
  await connected(2)
  expect(failures).toEqual([new ValueError('WebSocket not connected. Call connect() first.')])
})

test('[CLIENT-20] the waits grow while the server is away, and disconnect() ends them', async () => {
  const clock = createManualClock(() => 0.5)
  const ws = await connect({ clock, reconnect: { minDelay: 100, maxDelay: 1_000 } })
  bowl.rude.upgrade = 503
  bowl.rude.answer = { status: 503, body: '{}' }
  bowl.cut()
  for (const wait of [75, 150, 300, 600, 750, 750]) {
    await clock.asked(wait)
    clock.advance(wait)
  }
  await clock.asked(750)
  await ws.disconnect()
  expect(clock.waits()).toEqual([])
  expect(await ws.closed()).toBeUndefined()
  expect(times(witness, 'disconnect')).toBe(1)
})

test('[CLIENT-20] a connection that lived for 10 s resets the waits, a shorter one does not', async () => {
  const clock = createManualClock(() => 0.5)
  await connect({ clock, reconnect: { minDelay: 100, maxDelay: 1_000 } })
  for (const [life, wait] of [
    [0, 75],
    [9_000, 150],
    [10_000, 75],
    [10_000, 75],
  ] as const) {
    clock.advance(life)
    const count = times(witness, 'connect')
    bowl.cut()
    await clock.asked(wait)
    clock.advance(wait)
    await connected(count + 1)
  }
})

test('[CLIENT-20] connect() during a wait waits for the connection to be back', async () => {
  const ws = await connect()
  bowl.cut()
  await witness.until(() => times(witness, 'disconnect') === 1)
  await ws.connect()
  expect(ws.isConnected).toBe(true)
  expect(bowl.of('ann')).toHaveLength(1)
})

test('without reconnect there is no request besides the socket', async () => {
  await connect({ reconnect: false })
  bowl.cut()
  await witness.until(() => times(witness, 'disconnect') === 1)
  expect(bowl.heard).toEqual([])
})
