import { createHash } from 'node:crypto'
import type { Tool as Listed } from '@modelcontextprotocol/client'
import type { Hide } from '../hiding.ts'
import type { Json, JsonObject, Tool } from '../tool.ts'
import { TOOLS_MAX } from '../toolbox.ts'
import { schemaFault } from './schemas.ts'
import type { McpServer } from './settings.ts'
import { plainly } from './words.ts'

/** Longest name of a tool. */
const NAME_MAX = 64
/** Longest name that a server may give a tool, in UTF-16 units. */
const OWN_NAME_MAX = 128
/** Longest description, in UTF-16 units. */
const DESCRIPTION_MAX = 2_000

/** A tool of a server that may be offered. */
export interface Offer extends Pick<Tool, 'name' | 'description' | 'parameters' | 'effect'> {
  /** What the server calls it. */
  readonly of: string
  /** Of all that the server says of it: another one means that it is no longer the tool it was. */
  readonly digest: string
  readonly listed: Listed
}

export interface Listing {
  readonly offers: readonly Offer[]
  /** Tools that are allowed and not offered, and why. */
  readonly refused: readonly { readonly tool: string; readonly why: string }[]
}

/** What is offered of the tools that a server says it has. */
export function listingOf(server: McpServer, listed: readonly Listed[], hide: Hide): Listing {
  const offers = new Map<string, Offer>()
  const refused: { tool: string; why: string }[] = []
  for (const tool of listed) {
    if (!matches(server.allow, tool.name)) continue
    const name = nameOf(server.name, tool.name)
    const why = offers.has(name)
      ? 'it is there twice'
      : offers.size === TOOLS_MAX
        ? 'there are too many'
        : faultOf(tool)
    if (why === undefined) offers.set(name, offerOf(server, name, tool, hide))
    else refused.push({ tool: plainly(tool.name, NAME_MAX), why })
  }
  return { offers: [...offers.values()], refused }
}

function offerOf(server: McpServer, name: string, listed: Listed, hide: Hide): Offer {
  const { description = '', inputSchema } = listed
  return {
    name,
    description: plainly(hide(description), DESCRIPTION_MAX),
    parameters: inputSchema as JsonObject, // it came as JSON
    effect: isReading(server, listed) ? 'read' : 'write',
    of: listed.name,
    digest: digest(JSON.stringify([description, inputSchema])),
    listed: { name: listed.name, inputSchema },
  }
}

const faultOf = ({ inputSchema }: Listed): string | undefined => schemaFault(inputSchema as Json) // it came as JSON

const isReading = ({ read, trustsHints }: McpServer, { name, annotations }: Listed): boolean =>
  matches(read, name) || (trustsHints && annotations?.readOnlyHint === true)

/** Whether one of `patterns` is the name, `*` standing for any part of it. */
function matches(patterns: readonly string[], name: string): boolean {
  if (name.length > OWN_NAME_MAX) return false
  return patterns.some(pattern => {
    const parts = pattern.split(/\*+/).map(part => part.replaceAll(/\W/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`, 's').test(name)
  })
}

/** The server's name before the tool's. One that had to be changed or cut carries a mark of what it was, so none meets another. */
function nameOf(server: string, tool: string): string {
  const whole = `${server}_${tool}`
  const name = whole.replaceAll(/[^A-Za-z0-9_-]/g, '_')
  if (name === whole && name.length <= NAME_MAX) return name
  return `${name.slice(0, NAME_MAX - 9)}_${digest(tool).slice(0, 8)}`
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
