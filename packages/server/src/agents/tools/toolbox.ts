import type { User } from '../../core/user.ts'
import { unique } from './names.ts'
import type { Tool, ToolSource } from './tool.ts'

/** Most tools that a model is offered: it gets lost among more, and all of them are in every question to it. */
export const TOOLS_MAX = 128

/** A tool with what the list of tools tells of it beside. */
export interface ServiceTool extends Tool {
  /** What it calls over HTTP; null for what is no HTTP operation. */
  readonly place: { readonly method: string; readonly path: string } | null
}

/** A service whose tools the toolbox offers. */
export interface Service {
  /** Unique among the services; stands before the names of tools that another one has, too. */
  readonly name: string
  /** How many patterns of the operator restrict it. */
  readonly restrictions: { readonly allowed: number; readonly excluded: number }
  /** The tools that are known now; their names are unique within the service. */
  tools(): readonly ServiceTool[]
  isFor(asker: Pick<User, 'role'>): boolean
  /** Ends what it does in the background; resolves once that has ended. */
  close(): void | Promise<void>
}

/** A tool as it is offered. */
export interface Listed {
  readonly service: Service
  readonly tool: ServiceTool
}

/** All tools together. */
export interface Toolbox extends ToolSource {
  /** The tools of services that are known now, whoever may use them. */
  list(): readonly Listed[]
}

/**
 * Joins what is built in with services. A name is that of one tool: the built-in one, or else with the name of its service before it. A
 * service that would make them more than a model is offered is left out whole; `onCrowded` is told of it once.
 */
export function createToolbox(
  builtIn: readonly ToolSource[],
  services: readonly Service[],
  onCrowded: (service: string) => void,
): Toolbox {
  const crowded = new Set<string>()
  const leaveOut = ({ name }: Service) => {
    if (!crowded.has(name)) onCrowded(name)
    crowded.add(name)
  }
  return {
    list: () => named(services, new Set()),
    async toolsFor(question) {
      const own = (await Promise.all(builtIn.map(source => source.toolsFor(question)))).flat()
      const all = named(services, new Set(own.map(({ name }) => name)))
      const offered: Tool[] = [...own]
      for (const service of services.filter(one => one.isFor(question.asker))) {
        const more = all.filter(listed => listed.service === service).map(({ tool }) => tool)
        if (offered.length + more.length <= TOOLS_MAX) offered.push(...more)
        else leaveOut(service)
      }
      return offered
    },
  }
}

/** The tools of all services. Their names do not depend on who asks. */
function named(services: readonly Service[], taken: Set<string>): readonly Listed[] {
  const all = services.flatMap(service => service.tools().map(tool => ({ service, tool })))
  const isTwin = ({ name }: Tool) => taken.has(name) || all.filter(({ tool }) => tool.name === name).length > 1
  const twins = new Set(all.map(({ tool }) => tool).filter(isTwin))
  for (const { tool } of all) if (!twins.has(tool)) taken.add(tool.name)
  return all.map(({ service, tool }) =>
    twins.has(tool)
      ? { service, tool: { ...tool, name: unique(taken, `${service.name}_${tool.name}`) } }
      : { service, tool },
  )
}
