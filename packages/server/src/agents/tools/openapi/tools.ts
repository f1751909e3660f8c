import { unique } from '../names.ts'
import type { Tool } from '../tool.ts'
import { type ServiceTool, TOOLS_MAX } from '../toolbox.ts'
import { callEndpoint, type Reach } from './calling.ts'
import { DocumentFault, type OpenApiDocument } from './document.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'
import { type LeftOut, type Operation, outlines, readOperation } from './operations.ts'
import { type Named, selects } from './patterns.ts'
import type { OpenApiService } from './settings.ts'

/** What the caller's time limit leaves for words about ours, in milliseconds. */
const GRACE = 1_000

export interface ServiceTools {
  readonly tools: readonly ServiceTool[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Makes a tool of every operation of the document that the service allows. Throws DocumentFault where patterns name nothing, or where
 * there are too many.
 */
export function toolsOf(document: OpenApiDocument, reach: Reach): ServiceTools {
  const { service } = reach
  const all = outlines(document)
  refuseIdle(service, all)
  const isAllowed = anyOf(service.allow ?? ['*', '/*'])
  const isExcluded = anyOf(service.exclude)
  const chosen = all.filter(one => isAllowed(one) && !isExcluded(one))
  if (chosen.length > TOOLS_MAX)
    throw new DocumentFault(
      `it has ${chosen.length} operations; at most ${TOOLS_MAX} can be tools, so name them with allow`,
    )
  const read = chosen.map(one => readOperation(document, one, service.server !== null))
  const taken = new Set(Object.keys(service.headers).map(name => name.toLowerCase()))
  const names = new Set<string>()
  const isReading = anyOf(service.readOnlyPosts)
  const operations = read.filter((one): one is Operation => !('why' in one))
  return {
    leftOut: read.filter(one => 'why' in one),
    tools: operations.map(operation => {
      const { method, path, id } = operation
      const name = unique(names, ...(id === null ? [] : [id]), `${method.toLowerCase()}${path}`)
      const isRead = method === 'GET' || method === 'HEAD' || (method === 'POST' && isReading(operation))
      const endpoint = endpointOf(document, operation, taken)
      return { ...toolOf(name, isRead, endpoint, reach), place: { method, path } }
    }),
  }
}

function toolOf(name: string, isRead: boolean, endpoint: Endpoint, reach: Reach): Tool {
  return {
    name,
    description: endpoint.description,
    parameters: endpoint.parameters,
    effect: isRead ? 'read' : 'write',
    isPersonal: reach.service.forwardsCredentials,
    timeLimit: reach.service.timeLimit + GRACE,
    run: (args, call) => callEndpoint(reach, endpoint, args, call),
  }
}

function anyOf(patterns: readonly string[]): (operation: Named) => boolean {
  const all = patterns.map(selects)
  return operation => all.some(is => is(operation))
}

/** A pattern that names nothing is a mistake: what somebody meant to keep out would be in. */
function refuseIdle({ allow, exclude, readOnlyPosts }: OpenApiService, all: readonly Named[]): void {
  const posts = all.filter(({ method }) => method === 'POST')
  const lists = { allow: [allow ?? [], all], exclude: [exclude, all], read_only_posts: [readOnlyPosts, posts] } as const
  for (const [key, [patterns, operations]] of Object.entries(lists))
    for (const pattern of patterns)
      if (!operations.some(selects(pattern)))
        throw new DocumentFault(`${key} names ${JSON.stringify(pattern)}, which is no operation of it`)
}
