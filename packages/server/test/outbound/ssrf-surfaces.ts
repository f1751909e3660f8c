import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { guide } from '../../src/agents/guide.ts'
import type { ToolCall } from '../../src/agents/tools/tool.ts'
import { createMemoryBroker } from '../../src/brokers/memory/broker.ts'
import { readSettings } from '../../src/config.ts'
import { createCore } from '../../src/core/core.ts'
import type { Outside } from '../../src/core/ports/agents.ts'
import { CallFailed } from '../../src/core/ports/outbound.ts'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { createGuard, type GuardSettings } from '../../src/outbound/guard.ts'
import { createGuardedCalls } from '../../src/outbound/guarded.ts'
import { createVerifier } from '../../src/outbound/verifier.ts'
import { createWebhooks } from '../../src/outbound/webhooks.ts'
import { silent } from '../../src/sessions/observe.ts'
import { openTools } from '../../src/start/tools.ts'
import { openMemorySearch } from '../../src/stores/memory/search.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { ask } from '../agents/question.ts'
import { openSite } from '../http/site.ts'
import { actorOf, noFiles, testIds, testKeyring, testPasswords, testSettings, testTokens } from '../world.ts'
import { testKey } from './signing-key.ts'
import { openStranger } from './ssrf-canary.ts'
import { namesOfForms, STRANGER } from './ssrf-forms.ts'

/** What came of each URL: `refused` where it was not let out, else what it met. */
export type Reach = (urls: readonly string[]) => Promise<readonly string[]>

const oneByOne =
  (reach: (url: string) => Promise<string>): Reach =>
  async urls => {
    const outcomes: string[] = []
    for (const url of urls) outcomes.push(await reach(url))
    return outcomes
  }

/** A way on which a stranger's URL may make the server call. */
export interface Surface {
  readonly name: string
  /** Whether it judges by the text alone, and calls nobody. */
  readonly isText?: boolean
  /** Whether the URL is the operator's own, so that only what a stranger makes of it counts: redirects. */
  readonly isOperators?: boolean
  /** Ports of 127.0.0.1 that belong to the test. */
  open(): Promise<{ readonly reach: Reach; readonly ports?: readonly number[] }>
}

const { allowed } = readAllowed(STRANGER)

function openGuard(settings: Partial<GuardSettings> = {}) {
  const guard = createGuard({ allowed, lookup: namesOfForms(), ...settings })
  onTestFinished(() => guard.close())
  return guard
}

function openCalls() {
  const calls = createGuardedCalls({ allowed, lookup: namesOfForms() })
  onTestFinished(() => calls.close())
  return calls
}

const isRefusal = (failure: string) => failure === 'url_refused' || failure === 'address_refused'
const outcome = (failure: string) => (isRefusal(failure) ? 'refused' : failure)

const guard: Surface = {
  name: 'the guard, following redirects',
  async open() {
    const { call } = openGuard()
    return {
      reach: oneByOne(async url => {
        const answer = await call({ method: 'GET', url, timeout: 5_000, bodyMax: 100, redirectsMax: 5 })
        return answer.state === 'failed' ? outcome(answer.failure) : `status ${answer.status}`
      }),
    }
  },
}

const guardedFetch: Surface = {
  name: 'GuardedFetch',
  async open() {
    const fetch = openCalls().fetchFor()
    return {
      reach: oneByOne(url =>
        fetch(url).then(
          ({ status }) => `status ${status}`,
          error => (error instanceof CallFailed ? outcome(error.failure) : String(error)),
        ),
      ),
    }
  },
}

const verifier: Surface = {
  name: 'ASSISTANT_VERIFY_URL',
  async open() {
    const guard = openGuard()
    return {
      reach: oneByOne(async url => {
        let failure = 'rejected'
        const { verify } = createVerifier({ accepted: [], url }, guard, why => (failure = why))
        await verify({ Authorization: 'Bearer x' })
        return outcome(failure)
      }),
    }
  },
}

/** The three doors by which a webhook is stored. */
const registration: Surface = {
  name: 'storing a webhook',
  isText: true,
  async open() {
    const site = await openSite({ outbound: openGuard() })
    onTestFinished(() => site[Symbol.asyncDispose]())
    const ada = await site.person('ada')
    let made = 0
    return {
      ports: [site.port],
      reach: oneByOne(async url => {
        const name = `u${++made}`
        const answers = [
          await site.ask('POST', '/register', { body: { username: name, webhook_url: url } }),
          await site.ask('PATCH', '/users/me/webhook', { key: ada.key, body: { webhook_url: url } }),
          await site.ask('POST', '/bots', { key: ada.key, body: { username: `${name}b`, webhook_url: url } }),
        ]
        return answers.every(({ status }) => status === 422) ? 'refused' : answers.map(({ status }) => status).join()
      }),
    }
  },
}

/** Webhooks that were stored when more was allowed. */
const delivery: Surface = {
  name: 'delivering to a webhook',
  async open() {
    const [store, broker] = [openMemoryStore(), createMemoryBroker(fail)]
    const search = openMemorySearch(store)
    const ports = {
      store,
      search,
      broker,
      clock: systemClock,
      ids: testIds,
      keyring: testKeyring,
      passwords: testPasswords,
    }
    const core = createCore({
      ...{ ...ports, tokens: testTokens, mailer: null, files: noFiles, scanner: null, agents: guide },
      ...{ outbound: { mayCall: () => true }, settings: testSettings, onFault: fail },
    })
    await core.start()
    const member = (name: string) => core.execute({ kind: 'operator' }, { type: 'account.register', name })
    const [ada, bob] = [await member('ada'), await member('bob')]
    let tell = (_: string) => {}
    const guard = openGuard()
    await createWebhooks({
      ...{ broker, store, guard, key: testKey(), clock: systemClock, log: silent },
      onEnded: ending => tell(ending),
      after: (_, run) => {
        const soon = setImmediate(run)
        return () => clearImmediate(soon)
      },
    })
    return {
      reach: oneByOne(async url => {
        const ended = new Promise<string>(resolve => (tell = resolve))
        await core.execute({ kind: 'operator' }, { type: 'admin.change', ref: bob.user.id, patch: { webhookUrl: url } })
        await core.execute(actorOf(ada), { type: 'message.send', to: { at: 'lobby' }, body: 'hello' })
        return await ended
      }),
    }
  },
}

/** A tools file, opened as the server opens it, with what was logged of trouble by the name of the service. */
async function toolsOf(file: object) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'tools.json')
  writeFileSync(path, JSON.stringify(file))
  const troubles = new Map<string, string>()
  const trouble = Promise.withResolvers<void>()
  const note = (fields: { service?: string; server?: string }, text: string) => {
    troubles.set(fields.service ?? fields.server ?? '', `${text} ${JSON.stringify(fields)}`)
    trouble.resolve()
  }
  const settings = readSettings({ TOOLS_FILE: path, OUTBOUND_ALLOW: STRANGER })
  const tools = await openTools(settings, {}, { calls: openCalls(), log: { ...silent, error: note, warn: note } })
  onTestFinished(() => tools.close())
  return { ...tools, troubles, trouble: trouble.promise }
}

const service = (_: string, i: number) => `s${i}`

type Paths = Readonly<Record<string, { readonly get: { readonly operationId: string } }>>

const document = (server: string, paths: Paths) => ({ openapi: '3.1.0', servers: [{ url: server }], paths })

const at = (path: string, operationId: string): Paths => ({ [path]: { get: { operationId } } })

const NOT_ALLOWED = /not allowed|no address over HTTP|private address|no plain address|does not say at which/

/** Uses a tool, twice: over the same connections, and when a name may have changed. */
async function use({ source }: Awaited<ReturnType<typeof toolsOf>>, name: string, outside: Outside | null = null) {
  const question = { ...ask('hello'), outside }
  const tool = (await source.toolsFor(question)).find(tool => tool.name === name)
  const call: ToolCall = { question, signal: new AbortController().signal, progress: () => undefined }
  const once = async () => {
    try {
      return JSON.stringify(await tool?.run({}, call))
    } catch (error) {
      return NOT_ALLOWED.test(String(error)) ? 'refused' : String(error)
    }
  }
  await once()
  return await once()
}

const openApiDocument: Surface = {
  name: 'the document of an OpenAPI service',
  isOperators: true,
  open: async () => ({
    async reach(urls) {
      const tools = await toolsOf({ openapi: urls.map((url, i) => ({ name: service(url, i), document: url })) })
      return urls.map((url, i) => tools.troubles.get(service(url, i)) ?? 'no trouble')
    },
  }),
}

const openApiServer: Surface = {
  name: 'the server that an OpenAPI document names',
  open: async () => ({
    async reach(urls) {
      const stranger = await openStranger(path => {
        const i = Number(path.slice(1))
        return document(urls[i] ?? '', at('/x', `x${i}`))
      })
      const named = urls.map((url, i) => ({ name: service(url, i), document: `${stranger.url}/${i}` }))
      const tools = await toolsOf({ openapi: named })
      return Promise.all(
        urls.map(async (url, i) => {
          const trouble = tools.troubles.get(service(url, i))
          if (trouble) return NOT_ALLOWED.test(trouble) ? 'refused' : trouble
          // Seen from the document, some forms are the stranger itself.
          return URL.parse(url, stranger.url)?.origin === stranger.url ? 'refused' : use(tools, `x${i}`)
        }),
      )
    },
  }),
}

const openApiCall: Surface = {
  name: 'a call of an OpenAPI service',
  isOperators: true,
  open: async () => ({
    async reach(urls) {
      const paths = urls.map((url, i) => at(decodeURI(new URL(url).pathname), `x${i}`))
      const { origin } = new URL(urls[0] ?? '')
      const stranger = await openStranger(() => document(origin, Object.assign({}, ...paths)))
      const tools = await toolsOf({ openapi: [{ name: 'x', document: stranger.url }] })
      return Promise.all(urls.map((_, i) => use(tools, `x${i}`)))
    },
  }),
}

const tokenUrl: Surface = {
  name: 'the token_url of OAuth2 credentials',
  async open() {
    const stranger = await openStranger(() => document(stranger.url, at('/x', 'x')))
    const tools = await toolsOf({ openapi: [{ name: 'x', document: stranger.url, forward_credentials: true }] })
    const asked = (url: string) =>
      use(tools, 'x', { by: 'oauth2', client: { id: 'me', secret: 'mine', url, scope: null } })
    return {
      // Over plain HTTP it is refused for that alone, so the address is tried with TLS as well.
      reach: oneByOne(async url => {
        const plain = await asked(url)
        const secure = await asked(url.replace(/^\s*h\s*t\s*t\s*p:/i, 'https:'))
        return plain === 'refused' || /has to be https/.test(plain) ? secure : plain
      }),
    }
  },
}

const mcp: Surface = {
  name: 'an MCP server over HTTP',
  isOperators: true,
  open: async () => ({
    async reach(urls) {
      const outcomes: string[] = []
      for (const url of urls) {
        const tools = await toolsOf({ mcp: [{ name: 'x', url, allow: ['*'] }] })
        await tools.trouble
        outcomes.push(tools.troubles.get('x') ?? '')
        await tools.close()
      }
      return outcomes
    },
  }),
}

function fail(fault: unknown): never {
  throw fault
}

/** Every way out that a stranger has a say in. A new one goes here. */
export const SURFACES: readonly Surface[] = [
  guard,
  guardedFetch,
  verifier,
  registration,
  delivery,
  openApiDocument,
  openApiServer,
  openApiCall,
  tokenUrl,
  mcp,
]
