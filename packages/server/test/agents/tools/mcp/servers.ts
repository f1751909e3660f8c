import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { McpPorts } from '../../../../src/agents/tools/mcp/server.ts'
import { openMcpService } from '../../../../src/agents/tools/mcp/service.ts'
import type { McpServer, Way } from '../../../../src/agents/tools/mcp/settings.ts'
import type { JsonObject } from '../../../../src/agents/tools/tool.ts'
import { later } from '../../../../src/core/runs.ts'
import { systemClock } from '../../../../src/system/clock.ts'
import { ask } from '../../question.ts'

/** A program of the fixtures as the operator would set it up. */
export function program(
  file: 'stdio' | 'hostile',
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Way {
  const path = fileURLToPath(new URL(`fixtures/${file}.ts`, import.meta.url))
  return { by: 'process', command: process.execPath, args: [path, ...args], env, cwd: null }
}

interface Logged {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** Servers with what was logged of them, until the test ends. */
export function kept(way: Way, settings: Partial<McpServer> = {}, ports: Partial<McpPorts> = {}) {
  const log: Logged[] = []
  const waiting = new Set<() => void>()
  const logs = (level: string) => (fields: object, msg: string) => {
    log.push({ level, msg, ...fields })
    for (const look of waiting) look()
  }
  const server: McpServer = {
    name: 'files',
    way,
    allow: ['*'],
    read: [],
    trustsHints: false,
    timeLimit: 10_000,
    audience: 'accounts',
    ...settings,
  }
  const service = openMcpService(server, {
    fetchFor: () => fetch,
    environment: { PATH: process.env.PATH ?? '' },
    we: { name: 'parley', version: '0' },
    later,
    clock: systemClock,
    log: { warn: logs('warn'), info: logs('info'), debug: logs('debug') },
    ...ports,
  })
  onTestFinished(async () => service.close())
  const told = (msg: string) => log.filter(line => line.msg === msg)
  /** Resolves once that was logged so many times. */
  const hears = (msg: string, times = 1) =>
    new Promise<readonly Logged[]>(resolve => {
      const look = () => {
        if (told(msg).length < times) return
        waiting.delete(look)
        resolve(told(msg))
      }
      waiting.add(look)
      look()
    })
  const offered = async (times = 1) => {
    await hears('MCP tools are offered', times)
    return service.tools()
  }
  return { ...service, told, hears, offered }
}

export type Kept = ReturnType<typeof kept>

interface Use {
  readonly signal?: AbortSignal
  readonly progress?: (message: string, progress: number) => void
}

/** Uses the tool that the server calls `name`. */
export async function use({ offered }: Kept, name: string, args: JsonObject = {}, { signal, progress }: Use = {}) {
  const tool = (await offered()).find(tool => tool.name === `files_${name}`)
  if (!tool) throw new Error(`there is no tool ${name}`)
  const call = {
    question: ask('hello'),
    signal: signal ?? new AbortController().signal,
    progress: progress ?? (() => undefined),
  }
  return await tool.run(args, call)
}
