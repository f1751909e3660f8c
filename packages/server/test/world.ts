import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { AUTH_TYPES } from '@parley/protocol/assistant/limits'
import type { ClientOptions } from 'ws'
import { guide } from '../src/agents/guide.ts'
import { ensureAgent, ensureAssistant } from '../src/agents/voices.ts'
import { createMemoryBroker } from '../src/brokers/memory/broker.ts'
import type { CoreSettings } from '../src/core/context.ts'
import { type CommandOf, type CommandType, type Core, createCore, type ResultOf } from '../src/core/core.ts'
import type { SignInId } from '../src/core/ids.ts'
import type { AgentRunner } from '../src/core/ports/agents.ts'
import type { Broker } from '../src/core/ports/broker.ts'
import type { Clock } from '../src/core/ports/clock.ts'
import type { FileStore, VirusScanner } from '../src/core/ports/files.ts'
import type { Ids } from '../src/core/ports/ids.ts'
import type { Keyring } from '../src/core/ports/keyring.ts'
import type { Store } from '../src/core/ports/store.ts'
import type { ModelNames, TeamInfo } from '../src/core/ports/teams.ts'
import type { Verifier } from '../src/core/ports/verifier.ts'
import type { Actor, Role, User } from '../src/core/user.ts'
import { openFiles } from '../src/files/disk.ts'
import { createAgentsView } from '../src/protocols/agents/view.ts'
import type { TalkSettings } from '../src/protocols/assistant/decode.ts'
import { createAssistant } from '../src/protocols/assistant/view.ts'
import { level2View } from '../src/protocols/rooms/level2/view.ts'
import { roomsView } from '../src/protocols/rooms/view.ts'
import { tokenBowlView } from '../src/protocols/token-bowl/view.ts'
import { type Observer, silent, unobserved } from '../src/sessions/observe.ts'
import { createSessions, type SessionSettings, type Sessions } from '../src/sessions/sessions.ts'
import { openMemorySearch } from '../src/stores/memory/search.ts'
import { openMemoryStore } from '../src/stores/memory/store.ts'
import { createPasswords } from '../src/system/passwords.ts'
import { createTokens } from '../src/system/tokens.ts'
import { artefactKinds } from './artefacts.ts'
import type { SocketClient } from './client.ts'
import { RoomsClient } from './rooms/client.ts'
import { TestClient } from './token-bowl/client.ts'

export { type Frame, TestClient } from './token-bowl/client.ts'

/** Time that stands still until a test moves it. */
export class TestClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z')
  now = () => this.#now
  monotonic = () => this.#now
  advance(milliseconds: number): void {
    this.#now += milliseconds
  }
}

let made = 0

/** Ids that sort by creation within the test process. */
export const testIds: Ids = {
  uuid: () => {
    const order = (++made).toString(16).padStart(12, '0')
    return `${order.slice(0, 8)}-${order.slice(8)}-7${randomUUID().slice(15)}`
  },
  secret: bytes => randomBytes(bytes).toString('hex'),
}

export const testKeyring: Keyring = {
  digest: (purpose, value) => createHash('sha256').update(`${purpose}\0${value}`).digest('hex'),
  seal: value => Buffer.from(value).toString('base64'),
  unseal: sealed => Buffer.from(sealed, 'base64').toString(),
}

/** As in earnest, but cheap to guess. */
export const testPasswords = createPasswords({ memory: 8, passes: 1 })

export const testTokens = createTokens(Buffer.from('a secret of the tests'))

export const testSettings: CoreSettings = {
  registration: 'on',
  selfAssignedRoles: false,
  messageRate: null,
  registrationRate: { count: 10_000, seconds: 60 },
  signInRate: { count: 10_000, seconds: 60 },
  searchRate: { count: 10_000, seconds: 60 },
  historyLimit: null,
  publicUrl: 'http://localhost:8000',
  files: { maxFile: 52_428_800, maxChunk: 1_048_576, quotaPerUser: null, quotaTotal: null },
  guests: { openness: 'on', max: 1_000, maxPerAddress: 1_000 },
  approvalTime: 3_600_000,
}

/** For tests without files: a place where none can be kept. */
export const noFiles: FileStore = openFiles({ directory: '/dev/null/files', temporary: '/dev/null/pieces' })

export const testSessionSettings: SessionSettings = {
  trust: { publicUrl: null, trustProxy: [], allowedOrigins: [], allowedHosts: [] },
  maxConnections: 10_000,
  views: {},
  outbox: { soft: 128 * 1024, hard: 1024 * 1024 },
  heartbeatSeconds: 30,
  staleSeconds: 90,
  stuckSeconds: 30,
  closeSeconds: 2,
  stopSeconds: 2,
}

const testTalks: TalkSettings = { isProofRequired: false, authTypes: AUTH_TYPES }

export interface WorldOptions {
  readonly store?: Store
  /** Wraps the broker, for one that loses or repeats events. */
  readonly broker?: (inner: Broker) => Broker
  readonly files?: FileStore
  readonly scanner?: VirusScanner
  readonly verifier?: Verifier
  readonly talks?: Partial<TalkSettings>
  /** Who answers; the guide if nobody else. */
  readonly agents?: AgentRunner
  readonly models?: ModelNames
  readonly settings?: Partial<CoreSettings>
  readonly sessions?: Partial<SessionSettings>
  readonly observer?: Partial<Observer>
}

export interface Member {
  readonly user: User
  readonly key: string
}

/** The HTTP answer to an upgrade request that was refused. */
export interface Refusal {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server in this process: real sockets, all protocols, an assistant, and by default the memory store. Its end fails when it had faults. */
export interface World extends AsyncDisposable {
  readonly core: Core
  readonly store: Store
  readonly sessions: Sessions
  readonly clock: TestClock
  readonly port: number
  /** Faults that were reported and had no caller. A test that provokes some takes them out. */
  readonly faults: unknown[]
  /** The server's ends of all connections, in the order they came. */
  readonly sockets: readonly Socket[]
  member(name: string, role?: Role): Promise<Member>
  connect(member: Member): Promise<TestClient>
  /** Connects to a path, such as `/ws?api_key=...`. */
  open(path: string, options?: ClientOptions): Promise<TestClient>
  /** Connects to the rooms protocol, at level 2 with `v: '2'`; reads up to `connect`, with a `room_id` up to its answer. */
  joinRooms(member: Member, query?: Readonly<Record<string, string>>): Promise<RoomsClient>
  /** Connects to a path of the rooms protocol. */
  openRooms(path: string, options?: ClientOptions): Promise<RoomsClient>
  /** Asks for an upgrade that is refused. */
  knock(path: string, headers?: Record<string, string>): Promise<Refusal>
  /** Does something as a member, as if it came from another view. */
  execute<T extends CommandType>(as: Member | 'operator', command: CommandOf<T>): Promise<ResultOf<T>>
  /** Lets `seconds` pass for heartbeats and sweeps. */
  pass(seconds: number): void
  /** Cuts all lines and takes no more, without any of what a stop does. */
  cut(): Promise<void>
}

/** What sessions with agents are told of. Who answers in them is up to `agents`. */
export const testTeam: TeamInfo = {
  name: 'books',
  title: 'Books',
  agents: [
    { key: 'orchestrator', name: 'OrchestratorAgent', description: 'Begins', tools: [] },
    { key: 'plot_generator', name: 'PlotGeneratorAgent', description: 'Makes plots', tools: ['save_plot'] },
  ],
}

export const testModels: ModelNames = {
  standard: 'parley-guide',
  listed: ['parley-guide', 'gemini-2.0-flash-exp'],
  has: name => ['parley-guide', 'gemini-2.0-flash-exp'].includes(name),
}

const agentsView = (clock: Clock, { models = testModels }: WorldOptions) =>
  createAgentsView({ version: 'test', teams: [testTeam], models, clock })

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const store = options.store ?? openMemoryStore()
  const faults: unknown[] = []
  const clock = new TestClock()
  const core = openCore(store, clock, faults, options)
  await core.start()
  await ensureAssistant(core)
  await ensureAgent(core, testTeam.name)
  const sessions = createSessions({
    core,
    views: [
      tokenBowlView,
      level2View,
      roomsView,
      createAssistant({ ...testTalks, ...options.talks }).view,
      agentsView(clock, options),
    ],
    settings: { ...testSessionSettings, ...options.sessions },
    observer: { ...unobserved, ...options.observer },
    log: { ...silent, error: fields => faults.push(fields) },
  })
  await sessions.start()
  await core.recover()
  const server = createServer((_, response) => response.writeHead(404).end())
  server.on('upgrade', (asked, socket, head) => sessions.upgrade(asked, socket, head))
  const sockets: Socket[] = []
  server.on('connection', socket => sockets.push(socket))
  const port = await listen(server)
  const clients: SocketClient[] = []
  const keep = async <C extends SocketClient>(opening: Promise<C>): Promise<C> => {
    const client = await opening
    clients.push(client)
    return client
  }
  const url = (path: string): string => `ws://127.0.0.1:${port}${path}`
  const open = (path: string, options?: ClientOptions) => keep(TestClient.open(url(path), options))
  const openRooms = (path: string, options?: ClientOptions) => keep(RoomsClient.open(url(path), options))
  const cut = async () => {
    for (const client of clients) client.ws.terminate()
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
  return {
    core,
    store,
    sessions,
    clock,
    port,
    cut,
    faults,
    sockets,
    member: (name, role = 'member') => addMember(core, name, role),
    open,
    openRooms,
    joinRooms: async ({ key }, query = {}) => {
      const path = `/api/v1/ws/ws?${new URLSearchParams(query)}`
      const client = await openRooms(path, { headers: { 'X-API-Key': key } })
      await client.expect('connect')
      if ('room_id' in query) await client.until(({ type }) => type === 'join_room')
      return client
    },
    connect: member => open(`/ws?api_key=${member.key}`),
    knock: (path, headers = {}) => knock(port, path, headers),
    execute: (as, command) => core.execute(as === 'operator' ? { kind: 'operator' } : actorOf(as), command),
    pass(seconds) {
      for (let i = 0; i < seconds; i++) {
        clock.advance(1000)
        sessions.tick()
      }
    },
    async [Symbol.asyncDispose]() {
      await cut()
      await until(() => sessions.counts.sockets === 0)
      await core.stop()
      await core.drained()
      // A question that was still being looked at has started its answer since.
      await core.stop()
      await core.drained()
      await store.close()
      if (faults.length > 0) throw new AggregateError(faults, `the server had faults: ${faults.map(describe).join()}`)
    },
  }
}

/** A core on `store`. Several may share one, like the server and the command line. */
export function openCore(store: Store, clock: Clock, faults: unknown[], options: WorldOptions = {}): Core {
  const broker = createMemoryBroker(error => faults.push(error))
  return createCore({
    store,
    search: openMemorySearch(store),
    broker: options.broker?.(broker) ?? broker,
    clock,
    ids: testIds,
    keyring: testKeyring,
    passwords: testPasswords,
    tokens: testTokens,
    mailer: null,
    files: options.files ?? noFiles,
    scanner: options.scanner ?? null,
    agents: options.agents ?? guide,
    artefactKinds,
    verifier: options.verifier ?? null,
    outbound: { mayCall: () => true },
    settings: { ...testSettings, ...options.settings },
    onFault: error => faults.push(error),
  })
}

/** The member as somebody who came with their key. */
export const actorOf = ({ user, key }: Member): Actor & { kind: 'user' } => ({
  kind: 'user',
  user,
  credential: { by: 'key', digest: testKeyring.digest('api-key', key) },
})

/** Lets the event loop turn until something holds that no frame tells of. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}

/** A session token of somebody who signed in by link, good for a minute. */
export async function signIn(world: World, { user }: Member): Promise<string> {
  const { ids, clock, commits } = world.core.context
  const [token, at] = [ids.secret(32), clock.now()]
  const id = ids.uuid() as SignInId // a fresh uuid is what a sign-in id is
  const session = {
    id,
    user: user.id,
    digest: testKeyring.digest('sign-in', token),
    createdAt: at,
    expiresAt: at + 60_000,
  }
  await commits.run({ type: 'sign_in.start', signIn: session, ticket: null, at })
  return token
}

const describe = (fault: unknown): string =>
  fault instanceof Error
    ? String(fault)
    : JSON.stringify(fault, (_, value) => (value instanceof Error ? String(value) : value))

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function addMember(core: Core, name: string, role: Role): Promise<Member> {
  if (role !== 'bot') return core.execute({ kind: 'operator' }, { type: 'account.register', name, role })
  const owner = await core.execute({ kind: 'operator' }, { type: 'account.register', name: `${name} owner` })
  return core.execute(actorOf(owner), { type: 'bots.create', name })
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}

function knock(port: number, path: string, headers: Record<string, string>): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    request({ port, path, headers: { ...UPGRADE, ...headers } }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', chunk => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
      .on('upgrade', (_, socket) => {
        socket.destroy()
        reject(new Error('the upgrade was not refused'))
      })
      .on('error', reject)
      .end()
  })
}
