import { onTestFinished } from 'vitest'
import { createTokens, type TokenSettings } from '../../../src/agents/tools/oauth2.ts'
import { openDocument } from '../../../src/agents/tools/openapi/document.ts'
import type { OpenApiService } from '../../../src/agents/tools/openapi/settings.ts'
import { toolsOf } from '../../../src/agents/tools/openapi/tools.ts'
import type { JsonObject, Tool, ToolCall } from '../../../src/agents/tools/tool.ts'
import type { Outside } from '../../../src/core/ports/agents.ts'
import { readAllowed } from '../../../src/outbound/allowed.ts'
import { createGuardedCalls } from '../../../src/outbound/guarded.ts'
import { ownTime } from '../../outbound/time.ts'
import { ask } from '../question.ts'

/** The way out, to this machine too unless `allow` says otherwise. */
export function wayOut(allow = '127.0.0.1') {
  const calls = createGuardedCalls({ allowed: readAllowed(allow).allowed })
  onTestFinished(() => calls.close())
  return calls.fetchFor()
}

export const service = (own: Partial<OpenApiService> = {}): OpenApiService => ({
  name: 'orders',
  document: '/orders.json',
  server: null,
  allow: null,
  exclude: [],
  readOnlyPosts: [],
  forwardsCredentials: false,
  headers: {},
  timeLimit: 30_000,
  audience: 'everyone',
  ...own,
})

type Paths = Readonly<Record<string, unknown>>

/** A document with these paths. */
export const documentOf = (paths: Paths, more: object = {}) => openDocument({ openapi: '3.1.0', paths, ...more })

export interface Opening {
  readonly own?: Partial<OpenApiService>
  readonly document?: object
  readonly base?: string
  readonly tokens?: Partial<TokenSettings>
  readonly time?: ReturnType<typeof ownTime>
  readonly allow?: string
}

/** The tools of a service that has these paths. */
export function open(paths: Paths, { own, document, base, tokens, time = ownTime(), allow }: Opening = {}) {
  const fetch = wayOut(allow)
  const made = toolsOf(documentOf(paths, document), {
    service: service(own),
    base: base ?? 'http://127.0.0.1:1/api',
    ports: {
      fetch,
      tokens: createTokens({
        ...{ fetch, refusal: () => null, life: 3_600_000, later: time.after, now: time.clock.monotonic },
        ...tokens,
      }),
      later: time.after,
    },
  })
  const named = (name: string) => made.tools.find(tool => tool.name === name) ?? made.tools[0]!
  return { ...made, named, time }
}

/** Uses a tool, as somebody who showed this for elsewhere. */
export function use(tool: Tool, args: JsonObject = {}, outside: Outside | null = null, signal?: AbortSignal) {
  const call: ToolCall = {
    question: { ...ask('What?'), outside },
    signal: signal ?? new AbortController().signal,
    progress: () => undefined,
  }
  return tool.run(args, call)
}

export const showing = (headers: Readonly<Record<string, string>>): Outside => ({ by: 'headers', headers })
