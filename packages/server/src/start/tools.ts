import { resolve } from 'node:path'
import type { Tools } from '@parley/protocol/assistant/endpoints'
import type { McpPorts } from '../agents/tools/mcp/server.ts'
import { openMcpService } from '../agents/tools/mcp/service.ts'
import { createTokens, type Tokens } from '../agents/tools/oauth2.ts'
import { DocumentFault, isUrl } from '../agents/tools/openapi/document.ts'
import { openService } from '../agents/tools/openapi/service.ts'
import type { OpenApiService } from '../agents/tools/openapi/settings.ts'
import type { ToolSource } from '../agents/tools/tool.ts'
import { createToolbox, type Listed, type Service, TOOLS_MAX } from '../agents/tools/toolbox.ts'
import { readToolsFile } from '../config/tools/file.ts'
import type { Settings, Variables } from '../config.ts'
import { later } from '../core/runs.ts'
import { either, readAllowed } from '../outbound/allowed.ts'
import { type GuardedCalls, hostsOf } from '../outbound/guarded.ts'
import { createPolicy } from '../outbound/policy.ts'
import { tokenHosts } from '../outbound/token-hosts.ts'
import type { Log } from '../sessions/observe.ts'
import { systemClock } from '../system/clock.ts'
import { OperatorFault } from '../system/fault.ts'
import { version } from './version.ts'

/** What the assistant may use. */
export interface OpenedTools {
  readonly source: ToolSource
  /** What clients are told of it now. Lists the tools that guests may use; the numbers are of all. */
  shown(): Tools
  /** Resolves once nothing of them runs. */
  close(): Promise<void>
}

export interface ToolPorts {
  readonly calls: GuardedCalls
  /** Tools that are built in. */
  readonly builtIn?: readonly ToolSource[]
  readonly log: Log
}

/** Opens the services of the tools file. Throws OperatorFault for what is wrong in it, or in a file that it names. */
export async function openTools(settings: Settings, variables: Variables, ports: ToolPorts): Promise<OpenedTools> {
  const { TOOLS_FILE: file, BEDROCK_TIMEOUT: timeout } = settings
  const none = { openapi: [], mcp: [] }
  const { openapi, mcp } = file === null ? none : await readToolsFile(resolve(file), { variables, timeout })
  const tokens = tokensOf(settings, ports.calls)
  const services = [
    ...(await Promise.all(openapi.map(service => opened(service, settings, tokens, ports)))),
    ...mcp.map(server => openMcpService(server, mcpPorts(variables, ports))),
  ]
  refuseCrowd(services, ports.builtIn ?? [])
  const toolbox = createToolbox(ports.builtIn ?? [], services, service =>
    ports.log.error(
      { service },
      `a service is left out: there would be more than ${TOOLS_MAX} tools; name fewer with allow`,
    ),
  )
  return {
    source: toolbox,
    shown: () => shown(toolbox.list(), services),
    close: async () => void (await Promise.all(services.map(service => service.close()))),
  }
}

function tokensOf(settings: Settings, calls: GuardedCalls): Tokens {
  const { OAUTH2_TOKEN_HOSTS: hosts, OUTBOUND_ALLOW: allow, BEDROCK_AUTH_TOKEN_CACHE_TTL: life } = settings
  return createTokens({
    fetch: calls.fetchFor(),
    refusal: tokenHosts(hosts === null ? null : readAllowed(hosts).allowed, readAllowed(allow).allowed),
    life: life * 1000,
    later,
    now: systemClock.monotonic,
  })
}

async function opened(
  service: OpenApiService,
  { OUTBOUND_ALLOW: allow }: Settings,
  tokens: Tokens,
  ports: ToolPorts,
): Promise<Service> {
  const { name, document, server } = service
  const named = hostsOf([document, server].filter(isAddress))
  const about = { service: name }
  try {
    return await openService(service, {
      fetch: ports.calls.fetchFor(named),
      mayCall: createPolicy(either(readAllowed(allow).allowed, named)).mayCall,
      tokens,
      later,
      onTrouble: (why, wait) =>
        ports.log.error({ ...about, againIn: wait }, `a service has no tools, because of its document: ${why}`),
      onReady: (tools, leftOut) => {
        ports.log.info({ ...about, tools }, 'a service has tools')
        if (leftOut.length > 0) ports.log.warn({ ...about, leftOut }, 'some operations of a service are no tools')
      },
    })
  } catch (error) {
    if (!(error instanceof DocumentFault)) throw error
    throw new OperatorFault(`The service ${name} of the tools file can't be used: ${document}: ${error.message}.`)
  }
}

const mcpPorts = ({ PATH = '', HOME = '' }: Variables, { calls, log }: ToolPorts): McpPorts => ({
  fetchFor: url => calls.fetchFor(hostsOf([url])),
  environment: { PATH, HOME },
  we: { name: 'Parley', version },
  later,
  clock: systemClock,
  log,
})

const isAddress = (place: string | null): place is string => place !== null && isUrl(place)

/** What is known at the start is a mistake of the operator's; what comes later can only be left out. */
function refuseCrowd(services: readonly Service[], builtIn: readonly ToolSource[]): void {
  const count = services.reduce((sum, service) => sum + service.tools().length, 0)
  const allowed = TOOLS_MAX - builtIn.reduce((sum, { most = 0 }) => sum + most, 0)
  if (count <= allowed) return
  throw new OperatorFault(`The tools file makes ${count} tools; allowed are ${allowed}. Name fewer with allow.`)
}

const GUEST = { role: 'guest' } as const

function shown(all: readonly Listed[], services: readonly Service[]): Tools {
  const open = all.filter(({ service }) => service.isFor(GUEST))
  return {
    tools_description: open.map(({ tool: { name, description, parameters } }) => ({ name, description, parameters })),
    tools_metadata: Object.fromEntries(
      open.map(({ service, tool }) => [tool.name, { service: service.name, effect: tool.effect, ...tool.place }]),
    ),
    statistics: statisticsOf(all, services),
  }
}

function statisticsOf(all: readonly Listed[], services: readonly Service[]): Tools['statistics'] {
  const places = all.flatMap(({ tool }) => tool.place ?? [])
  const methods = Object.groupBy(places, ({ method }) => method)
  const count = (of: 'allowed' | 'excluded') => services.reduce((sum, { restrictions }) => sum + restrictions[of], 0)
  const [allowed, excluded] = [count('allowed'), count('excluded')]
  return {
    total_tools: all.length,
    unique_paths: new Set(places.map(({ path }) => path)).size,
    methods_distribution: Object.fromEntries(Object.entries(methods).map(([name, list]) => [name, list?.length ?? 0])),
    excluded_paths: excluded,
    allowed_paths: allowed,
    has_restrictions: allowed + excluded > 0,
  }
}
