import type { ToolSource } from '../tool.ts'
import { KeptServer, type McpPorts } from './server.ts'
import type { McpServer } from './settings.ts'

export type { McpPorts } from './server.ts'

export interface McpTools extends ToolSource {
  /** Resolves once no process and no connection is left. */
  close(): Promise<void>
}

/** The tools of servers. Connects to them in the background: one that is away keeps nobody waiting. */
export function openMcpTools(servers: readonly McpServer[], ports: McpPorts): McpTools {
  const kept = servers.map(server => ({ server, keeper: new KeptServer(server, ports) }))
  return {
    async toolsFor({ asker }) {
      return kept.flatMap(({ server, keeper }) =>
        server.audience === 'everyone' || asker.role !== 'guest' ? keeper.tools : [],
      )
    },
    async close() {
      await Promise.all(kept.map(({ keeper }) => keeper.close()))
    },
  }
}
