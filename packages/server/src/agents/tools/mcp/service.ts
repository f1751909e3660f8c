import { isIn } from '../audience.ts'
import type { Service } from '../toolbox.ts'
import { KeptServer, type McpPorts } from './server.ts'
import type { McpServer } from './settings.ts'

/** The tools of a server, as a service. Connects in the background: a server that is away keeps nobody waiting. */
export function openMcpService(server: McpServer, ports: McpPorts): Service {
  const kept = new KeptServer(server, ports)
  return {
    name: server.name,
    restrictions: { allowed: server.allow.length, excluded: 0 },
    tools: () => kept.tools,
    isFor: asker => isIn(server.audience, asker),
    close: () => kept.close(),
  }
}
