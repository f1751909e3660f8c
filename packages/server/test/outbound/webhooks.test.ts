import { verify } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { guide } from '../../src/agents/guide.ts'
import { createMemoryBroker } from '../../src/brokers/memory/broker.ts'
import { type CommandOf, createCore } from '../../src/core/core.ts'
import type { RoomId } from '../../src/core/ids.ts'
import type { Actor, Role, User } from '../../src/core/user.ts'
import { readAllowed } from '../../src/outbound/allowed.ts'
import type { Ending } from '../../src/outbound/deliveries.ts'
import { DELIVERY_LIMITS } from '../../src/outbound/deliveries.ts'
import { createGuard } from '../../src/outbound/guard.ts'
import { Hooks } from '../../src/outbound/hooks.ts'
import { createWebhooks } from '../../src/outbound/webhooks.ts'
import { messageResponse } from '../../src/protocols/token-bowl/shapes.ts'
import { openMemorySearch } from '../../src/stores/memory/search.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { actorOf, noFiles, testIds, testKeyring, testPasswords, testSettings, testTokens } from '../world.ts'
import { accept, inbox, type Received } from './servers.ts'
import { testKey } from './signing-key.ts'
import { ownTime } from './time.ts'

const key = testKey()

const operator: Actor = { kind: 'operator' }

/** A core with webhooks, whose time is the test's. */
async function server({ allow = '127.0.0.1', limits = DELIVERY_LIMITS } = {}) {
  const time = ownTime()
  const logged: [object, string][] = []
  const endings: Ending[] = []
  const waiting: (() => void)[] = []
  const store = openMemoryStore()
  const broker = createMemoryBroker(fault => {
    throw fault
  })
  const guard = createGuard({ allowed: readAllowed(allow).allowed, after: time.after })
  onTestFinished(() => guard.close())
  const core = createCore({
    store,
    search: openMemorySearch(store),
    broker,
    clock: time.clock,
    ids: testIds,
    keyring: testKeyring,
    passwords: testPasswords,
    tokens: testTokens,
    mailer: null,
    files: noFiles,
    scanner: null,
    agents: guide,
    outbound: { mayCall: () => true },
    settings: testSettings,
    onFault: fault => {
      throw fault
    },
  })
  await core.start()
  const log = { warn: note, info: note }
  function note(fields: object, text: string) {
    logged.push([fields, text])
  }
  const open = () =>
    createWebhooks({
      broker,
      store,
      guard,
      key,
      clock: time.clock,
      after: time.after,
      log,
      limits,
      onEnded: ending => {
        endings.push(ending)
        for (const tell of waiting.splice(0)) tell()
      },
    })
  const webhooks = await open()
  const member = (name: string, webhookUrl: string | null = null, role: Role = 'member') =>
    core.execute(operator, { type: 'account.register', name, webhookUrl, role })
  type Member = Awaited<ReturnType<typeof member>>
  const say = (from: Member, body: string) =>
    core.execute(actorOf(from), { type: 'message.send', to: { at: 'lobby' }, body })
  const whisper = (from: Member, to: Member, body: string) =>
    core.execute(actorOf(from), { type: 'message.send', to: { at: 'direct', name: to.user.name }, body })
  /** Changes somebody, and lets it be known: events are published at the end of the turn. */
  const change = async (command: CommandOf<'admin.change'> | CommandOf<'admin.delete'>) => {
    await core.execute(operator, command)
    await new Promise(setImmediate)
  }
  /** Waits until so many deliveries have ended in all. */
  const ended = async (count: number) => {
    while (endings.length < count) await new Promise<void>(resolve => waiting.push(resolve))
    return endings
  }
  return { core, change, webhooks, open, time, logged, endings, ended, member, say, whisper }
}

const body = ({ body }: Received) => JSON.parse(body)

test('[OUT-20] a room message goes to every webhook but those of its sender and of viewers', async () => {
  const { member, say, webhooks, ended } = await server()
  const hooks = await inbox()
  const of = (name: string) => `${hooks.url}/${name}`
  const ada = await member('ada', of('ada'))
  await member('bob', of('bob'))
  await member('cid', of('cid'))
  await member('vera', of('vera'), 'viewer')
  await member('dan')
  const shown = await say(ada, 'hello')
  const posts = [await hooks.next(), await hooks.next()]
  expect(posts.map(({ path }) => path).sort()).toEqual(['/bob', '/cid'])
  for (const post of posts) expect(body(post)).toEqual(messageResponse(shown))
  await ended(2)
  expect(webhooks.queued()).toEqual({ deliveries: 0, bytes: 0 })
  expect(hooks.unread()).toBe(0)
})

test('[OUT-20] a direct message goes to its recipient, also when that is its sender', async () => {
  const { member, whisper, ended } = await server()
  const hooks = await inbox()
  const ada = await member('ada', `${hooks.url}/ada`)
  const bob = await member('bob', `${hooks.url}/bob`)
  const cid = await member('cid')
  await member('dan', `${hooks.url}/dan`)
  await whisper(ada, cid, 'nobody hears this')
  const shown = await whisper(ada, bob, 'psst')
  const post = await hooks.next()
  expect(post.path).toBe('/bob')
  expect(body(post)).toEqual(messageResponse(shown))
  expect(body(post)).toMatchObject({ message_type: 'direct', to_username: 'bob', content: 'psst' })
  await whisper(ada, ada, 'note')
  expect((await hooks.next()).path).toBe('/ada')
  await ended(2)
  expect(hooks.unread()).toBe(0)
})

test('[OUT-20] an announcement goes out as a room message does; an edit and a removal do not', async () => {
  const { core, member, ended } = await server()
  const hooks = await inbox()
  const root = await member('root', null, 'admin')
  await member('bob', hooks.url)
  const { message } = await core.execute(actorOf(root), { type: 'message.announce', body: 'Maintenance at noon' })
  expect(body(await hooks.next())).toMatchObject({ message_type: 'system', content: 'Maintenance at noon' })
  await core.execute(actorOf(root), { type: 'message.amend', id: message.id, body: 'Maintenance at one' })
  await core.execute(actorOf(root), { type: 'message.remove', id: message.id })
  await core.execute(actorOf(root), { type: 'message.announce', body: 'Done' })
  expect(body(await hooks.next())).toMatchObject({ content: 'Done' })
  await ended(2)
})

test('[OUT-21] a delivery is a signed POST of JSON', async () => {
  const { member, say, time } = await server()
  const hooks = await inbox()
  const ada = await member('ada')
  await member('bob', `${hooks.url}/hook?token=abc`)
  const { message } = await say(ada, 'grüß dich 👋')
  const { method, path, headers, body } = await hooks.next()
  expect([method, path]).toEqual(['POST', '/hook?token=abc'])
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': message.id })
  expect(headers['webhook-timestamp']).toBe(String(time.clock.now() / 1000))
  const signature = String(headers['webhook-signature']).replace(/^v1a,/, '')
  const signed = Buffer.from(`${message.id}.${headers['webhook-timestamp']}.${body}`)
  expect(verify(null, signed, key.pem, Buffer.from(signature, 'base64'))).toBe(true)
})

test.each([200, 201, 202, 204, 299])('[OUT-22] status %i is success', async status => {
  const { member, say, ended } = await server()
  const hooks = await inbox((_, response) => void response.writeHead(status).end())
  const ada = await member('ada')
  await member('bob', hooks.url)
  await say(ada, 'hello')
  expect(await ended(1)).toEqual(['delivered'])
})

test.each([302, 307, 400, 404, 410, 429, 500])(
  '[OUT-22] status %i is failure, tried three times with the same id and a time of its own',
  async status => {
    const { member, say, time, ended } = await server()
    const elsewhere = await inbox()
    const hooks = await inbox((_, response) => void response.writeHead(status, { location: elsewhere.url }).end())
    const ada = await member('ada')
    await member('bob', hooks.url)
    await say(ada, 'hello')
    const first = await hooks.next()
    await time.waiting(1_000)
    time.pass(1_000)
    const second = await hooks.next()
    await time.waiting(2_000)
    time.pass(2_000)
    const third = await hooks.next()
    expect(await ended(1)).toEqual(['failed'])
    for (const repeat of [second, third]) {
      expect(repeat.body).toBe(first.body)
      expect(repeat.headers['webhook-id']).toBe(first.headers['webhook-id'])
    }
    const times = [first, second, third].map(({ headers }) => Number(headers['webhook-timestamp']))
    expect(times.map(at => at - (times[0] ?? 0))).toEqual([0, 1, 3])
    expect(elsewhere.connections()).toBe(0)
  },
)

test('[OUT-22] an attempt takes 10 s at most, and a later one may succeed', async () => {
  const { member, say, time, ended } = await server()
  const answers: ((response: ServerResponse) => void)[] = [
    () => {},
    response => void response.writeHead(500).end(),
    response => void response.writeHead(204).end(),
  ]
  const hooks = await inbox((_, response) => answers.shift()?.(response))
  const ada = await member('ada')
  await member('bob', hooks.url)
  await say(ada, 'hello')
  await hooks.next()
  time.pass(9_999)
  expect(time.waits()).toEqual([1])
  time.pass(1)
  await time.waiting(1_000)
  time.pass(1_000)
  await hooks.next()
  await time.waiting(2_000)
  time.pass(2_000)
  await hooks.next()
  expect(await ended(1)).toEqual(['delivered'])
})

test('[OUT-23] messages arrive at a webhook in the order they were stored', async () => {
  const { member, say, ended } = await server()
  const seen: string[] = []
  const hooks = await inbox((request, response) => {
    seen.push(body(request).content)
    accept(request, response)
  })
  const ada = await member('ada')
  await member('bob', hooks.url)
  const texts = Array.from({ length: 50 }, (_, i) => `message ${i}`)
  await Promise.all(texts.map(text => say(ada, text)))
  await ended(50)
  expect(seen).toEqual(texts)
})

test('[OUT-24] a webhook that does not answer delays neither the sender nor other webhooks', async () => {
  const { member, say, ended, webhooks } = await server()
  const dead = await inbox(() => {})
  const alive = await inbox()
  const ada = await member('ada')
  for (let i = 0; i < 20; i++) await member(`dead ${i}`, `${dead.url}/${i}`)
  await member('bob', alive.url)
  for (const text of ['one', 'two', 'three']) {
    await say(ada, text)
    expect(body(await alive.next()).content).toBe(text)
  }
  expect(await ended(3)).toEqual(['delivered', 'delivered', 'delivered'])
  expect(webhooks.queued().deliveries).toBe(60)
})

test('[OUT-25] a full queue drops the oldest, tells it once, and counts each', async () => {
  const { member, say, endings, logged, webhooks } = await server({ limits: { ...DELIVERY_LIMITS, deliveries: 2 } })
  const dead = await inbox(() => {})
  const ada = await member('ada')
  await member('bob', dead.url)
  for (const text of ['one', 'two', 'three', 'four', 'five']) await say(ada, text)
  expect(endings).toEqual(['crowded_out', 'crowded_out', 'crowded_out'])
  expect(webhooks.queued().deliveries).toBe(2)
  expect(logged.map(([, text]) => text)).toEqual(['Webhook deliveries are dropped, the oldest first'])
})

test('[OUT-26] a change of webhook counts from the next attempt on', async () => {
  const { change, member, say, time, ended } = await server()
  const old = await inbox((_, response) => void response.writeHead(500).end())
  const now = await inbox()
  const ada = await member('ada')
  const bob = await member('bob')
  await say(ada, 'before he has one')
  await change({ type: 'admin.change', ref: bob.user.id, patch: { webhookUrl: old.url } })
  await say(ada, 'moved while it waits')
  await old.next()
  await time.waiting(1_000)
  await change({ type: 'admin.change', ref: bob.user.id, patch: { webhookUrl: now.url } })
  time.pass(1_000)
  expect(body(await now.next()).content).toBe('moved while it waits')
  await change({ type: 'admin.change', ref: bob.user.id, patch: { webhookUrl: null } })
  await say(ada, 'after he had one')
  await change({ type: 'admin.change', ref: bob.user.id, patch: { webhookUrl: now.url } })
  await say(ada, 'again')
  expect(body(await now.next()).content).toBe('again')
  expect(await ended(2)).toEqual(['delivered', 'delivered'])
})

test.each(['cleared', 'deleted', 'made a viewer'] as const)(
  '[OUT-26] what waits for a user whose webhook is %s is not delivered',
  async end => {
    const { change, member, say, time, ended } = await server()
    const hooks = await inbox((_, response) => void response.writeHead(500).end())
    const ada = await member('ada')
    const { id: ref } = (await member('bob', hooks.url)).user
    await say(ada, 'hello')
    await hooks.next()
    await time.waiting(1_000)
    if (end === 'deleted') await change({ type: 'admin.delete', ref })
    else
      await change({ type: 'admin.change', ref, patch: end === 'cleared' ? { webhookUrl: null } : { role: 'viewer' } })
    time.pass(1_000)
    expect(await ended(1)).toEqual(['unwanted'])
    expect(hooks.unread()).toBe(0)
  },
)

test('[OUT-26] webhooks that were there before the start are known', async () => {
  const { member, say, open, ended } = await server()
  const hooks = await inbox()
  const ada = await member('ada')
  await member('bob', hooks.url)
  await open()
  await say(ada, 'hello')
  // The first webhooks of this server and the second ones deliver to the same user.
  for (const _ of [1, 2]) await hooks.next()
  await ended(2)
})

test('[OUT-26] what is told while everyone is being read is newer than what was read', async () => {
  const { member } = await server()
  const hooks = new Hooks()
  const bob = (await member('bob', 'https://old.example/')).user
  const cid = (await member('cid', 'https://cid.example/')).user
  const everyone = Promise.withResolvers<readonly User[]>()
  const loaded = hooks.load(() => everyone.promise)
  const moved = { ...bob, webhookUrl: 'https://new.example/' }
  hooks.hear({ type: 'user.changed', user: moved, directory: testIds.uuid() as RoomId, seq: 9 })
  everyone.resolve([bob, cid])
  await loaded
  expect(hooks.of(bob.id)?.url).toBe('https://new.example/')
  expect(hooks.of(cid.id)?.url).toBe('https://cid.example/')
})

test('[OUT-27] a private address is not called, and not tried again', async () => {
  const { member, say, ended, logged, time } = await server({ allow: '' })
  const hooks = await inbox()
  const ada = await member('ada')
  await member('bob', `${hooks.url}/secret-path`)
  await say(ada, 'hello')
  expect(await ended(1)).toEqual(['refused'])
  expect(hooks.connections()).toBe(0)
  expect(time.waits()).toEqual([])
  expect(logged).toMatchObject([[{ failure: 'address_refused' }, 'A webhook fails']])
})

test('[OUT-28] the log names a failing webhook once by its host, and once when it works again', async () => {
  const { member, say, ended, logged, time } = await server()
  let status = 500
  const hooks = await inbox((_, response) => void response.writeHead(status).end())
  const ada = await member('ada')
  const bob = await member('bob', `${hooks.url}/secret-path?token=secret-token`)
  await say(ada, 'secret text')
  await hooks.next()
  await time.waiting(1_000)
  time.pass(1_000)
  await hooks.next()
  await time.waiting(2_000)
  status = 200
  time.pass(2_000)
  await ended(1)
  expect(logged).toEqual([
    [{ user: bob.user.id, host: `127.0.0.1:${hooks.port}`, status: 500 }, 'A webhook fails'],
    [{ user: bob.user.id, host: `127.0.0.1:${hooks.port}` }, 'A webhook works again'],
  ])
  expect(JSON.stringify(logged)).not.toContain('secret')
})

test('[OUT-29] draining hears no more messages and waits for those it has', async () => {
  const { member, say, webhooks, ended } = await server()
  const held: ServerResponse[] = []
  const hooks = await inbox((_, response) => void held.push(response))
  const ada = await member('ada')
  await member('bob', hooks.url)
  await say(ada, 'before')
  await hooks.next()
  const drained = webhooks.drain(10_000)
  await say(ada, 'after')
  held[0]?.writeHead(204).end()
  await drained
  expect(await ended(1)).toEqual(['delivered'])
  expect(webhooks.queued()).toEqual({ deliveries: 0, bytes: 0 })
})

test('[OUT-29] draining ends in time although a webhook does not answer', async () => {
  const { member, say, webhooks, time, endings, logged } = await server()
  const hooks = await inbox(() => {})
  const ada = await member('ada')
  await member('bob', hooks.url)
  await say(ada, 'hello')
  await hooks.next()
  const drained = webhooks.drain(3_000)
  time.pass(3_000)
  await drained
  await new Promise(setImmediate)
  expect(endings).toEqual(['abandoned'])
  expect(logged).toEqual([])
})
