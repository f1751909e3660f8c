import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { guide } from '../../src/agents/guide.ts'
import { createMemoryBroker } from '../../src/brokers/memory/broker.ts'
import type { CoreSettings } from '../../src/core/context.ts'
import { type CommandOf, type CommandType, type Core, createCore, type ResultOf } from '../../src/core/core.ts'
import type { AgentRunner } from '../../src/core/ports/agents.ts'
import type { FileStore } from '../../src/core/ports/files.ts'
import type { Mail, Mailer } from '../../src/core/ports/mailer.ts'
import type { OutboundPolicy } from '../../src/core/ports/outbound.ts'
import type { Search } from '../../src/core/ports/search.ts'
import type { Store } from '../../src/core/ports/store.ts'
import type { Role, User } from '../../src/core/user.ts'
import { createHttp, type HttpDependencies } from '../../src/http/http.ts'
import { level2View } from '../../src/protocols/rooms/level2/view.ts'
import { roomsView } from '../../src/protocols/rooms/view.ts'
import { tokenBowlView } from '../../src/protocols/token-bowl/view.ts'
import { silent, unobserved } from '../../src/sessions/observe.ts'
import { createSessions, type SessionSettings, type Sessions } from '../../src/sessions/sessions.ts'
import type { TrustSettings } from '../../src/sessions/trust.ts'
import { openMemorySearch } from '../../src/stores/memory/search.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { artefactKinds } from '../artefacts.ts'
import { RoomsClient } from '../rooms/client.ts'
import {
  actorOf,
  noFiles,
  TestClock,
  testIds,
  testKeyring,
  testModels,
  testPasswords,
  testSessionSettings,
  testSettings,
  testTeam,
  testTokens,
} from '../world.ts'
import { check } from './contract.ts'

const noTools = {
  ...{ total_tools: 0, unique_paths: 0, methods_distribution: {} },
  ...{ excluded_paths: 0, allowed_paths: 0, has_restrictions: false },
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Parsed where it is JSON, else text. */
  // biome-ignore lint/suspicious/noExplicitAny: the contract's strict schemas have read it, and tests look at single fields
  readonly body: any
  readonly text: string
}

interface Asked {
  readonly key?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string | Buffer
}

export interface Person {
  readonly user: User
  readonly key: string
}

/** Parley on a real port, over the memory store. Every answer over HTTP is held against the contract. */
export interface Site extends AsyncDisposable {
  readonly core: Core
  readonly sessions: Sessions
  readonly clock: TestClock
  readonly port: number
  readonly server: Server
  readonly mails: Mail[]
  /** Faults that no caller was told of. */
  readonly faults: unknown[]
  /** Lines of the log: level, fields, text. */
  readonly lines: (readonly [string, object, string])[]
  ask(method: string, path: string, asked?: Asked): Promise<Answer>
  /** A connection of the rooms protocol, at level 2 with `v: '2'`, read up to `connect`. */
  rooms(person: Person, query?: Readonly<Record<string, string>>): Promise<RoomsClient>
  /** Does something as somebody, as if it came from another view. */
  as<T extends CommandType>(person: Person, command: CommandOf<T>): Promise<ResultOf<T>>
  /** Somebody with a role; a bot belongs to `owner`. */
  person(name: string, role?: Role, owner?: Person): Promise<Person>
  /** A token for POST /setup. */
  setupToken(): Promise<string>
}

export interface SiteOptions {
  readonly settings?: Partial<CoreSettings>
  readonly trust?: Partial<TrustSettings>
  readonly mailer?: Mailer | null
  readonly files?: FileStore
  readonly agents?: AgentRunner
  /** The memory search unless given. */
  readonly search?: (store: Store) => Search
  readonly outbound?: OutboundPolicy
  readonly sessions?: Partial<SessionSettings>
  readonly http?: Partial<HttpDependencies>
}

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const { settings, trust, mailer, files, agents, http } = options
  const trusting = { publicUrl: null, trustProxy: [], allowedOrigins: [], allowedHosts: [], ...trust }
  const clock = new TestClock()
  const mails: Mail[] = []
  const faults: unknown[] = []
  const lines: Site['lines'] = []
  const store = openMemoryStore()
  const core = createCore({
    store,
    search: (options.search ?? openMemorySearch)(store),
    broker: createMemoryBroker(fail),
    clock,
    ids: testIds,
    keyring: testKeyring,
    passwords: testPasswords,
    tokens: testTokens,
    mailer: mailer === undefined ? { send: async mail => void mails.push(mail) } : mailer,
    files: files ?? noFiles,
    scanner: null,
    agents: agents ?? guide,
    artefactKinds,
    outbound: options.outbound ?? { mayCall: url => !url.includes('169.254.') },
    settings: { ...testSettings, ...settings },
    onFault: error => faults.push(error),
  })
  await core.start()
  const sessions = createSessions({
    core,
    views: [tokenBowlView, level2View, roomsView],
    settings: { ...testSessionSettings, trust: trusting, ...options.sessions },
    observer: unobserved,
    log: { ...silent, error: fields => faults.push(fields) },
  })
  await sessions.start()
  const { listener } = createHttp({
    core,
    trust: trusting,
    sockets: sessions,
    agents: { teams: [testTeam], models: testModels },
    health: async () => ({ healthy: true, body: { status: 'healthy' } }),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'parley_up 1\n' }),
    apiRate: null,
    metricsPublic: false,
    assistant: {
      model: 'parley-guide',
      tally: { sessions: 0, frames: 0, questions: 0, failures: 0 },
      tools: () => ({ tools_description: [], tools_metadata: {}, statistics: noTools }),
      maxSessions: 1000,
      sessionTimeout: 3600,
      isProofRequired: false,
      authTypes: ['bearer_token'],
    },
    webhookKey: { algorithm: 'ed25519' },
    version: '0.0.0',
    log: {
      ...silent,
      info: (fields, text) => lines.push(['info', fields, text]),
      error: (fields, text) => lines.push(['error', fields, text]),
    },
    ...http,
  })
  const server = createServer(listener)
  server.on('upgrade', (asked, socket, head) => sessions.upgrade(asked, socket, head))
  const sockets: Socket[] = []
  server.on('connection', socket => sockets.push(socket))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    core,
    sessions,
    clock,
    port,
    server,
    mails,
    faults,
    lines,
    ask: (method, path, asked = {}) => ask(port, method, path, asked),
    person: (name, role = 'member', owner) => person(core, name, role, owner),
    as: (person, command) => core.execute(actorOf(person), command),
    async rooms({ key }, query = {}) {
      const url = `ws://127.0.0.1:${port}/api/v1/ws/ws?${new URLSearchParams(query)}`
      const client = await RoomsClient.open(url, { headers: { 'X-API-Key': key } })
      await client.expect('connect')
      return client
    },
    setupToken: () => setupToken(core),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy() // those that were upgraded the server no longer knows
      await new Promise(resolve => server.close(resolve))
      await core.stop()
      await core.drained()
      // A question that was still being looked at has started its answer since.
      await core.stop()
      await core.drained()
    },
  }
}

function fail(error: unknown): never {
  throw error
}

async function person(core: Core, name: string, role: Role, owner?: Person): Promise<Person> {
  if (role !== 'bot') return core.execute({ kind: 'operator' }, { type: 'account.register', name, role })
  const { user, key } = owner ?? (await person(core, `${name}-owner`, 'member'))
  const credential = { by: 'key', digest: testKeyring.digest('api-key', key) } as const
  return core.execute({ kind: 'user', user, credential }, { type: 'bots.create', name })
}

async function setupToken(core: Core): Promise<string> {
  const offer = await core.execute({ kind: 'operator' }, { type: 'account.offer_admin' })
  if (!offer) throw new Error('this site has an admin')
  return offer.token
}

function ask(port: number, method: string, path: string, asked: Asked): Promise<Answer> {
  const { key, headers, body, raw = body === undefined ? undefined : JSON.stringify(body) } = asked
  const sent = { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...(key && { 'X-API-Key': key }) }
  return new Promise((resolve, reject) => {
    const asking = request({ port, method, path, headers: { ...sent, ...headers } }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => (text += chunk))
      response.on('error', reject).on('end', () => {
        try {
          const status = response.statusCode ?? 0
          const json = text !== '' && response.headers['content-type']?.startsWith('application/json')
          const answer = json ? JSON.parse(text) : text
          const isKnown = json || text === '' || /^\/api\/v1\/(files|artefacts)\//.test(path)
          if (isKnown && method !== 'HEAD') check(method, path, status, answer)
          resolve({ status, headers: response.headers, body: answer, text })
        } catch (error) {
          reject(error)
        }
      })
    })
    asking.on('error', reject).end(raw)
  })
}
