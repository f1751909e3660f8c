import { resolve } from 'node:path'
import { z } from 'zod'
import type { McpServer, Way } from '../../agents/tools/mcp/settings.ts'
import { isHeaderName, isHeaderValue } from '../../core/headers.ts'
import { type Kind, url } from '../kinds.ts'
import { serviceName } from './openapi.ts'
import { expanded, kind, type Reading } from './reading.ts'

const pattern: Kind<string> = {
  allowed: 'a name of a tool, or a pattern such as "read_*"',
  read: text => (/^\S{1,128}$/.test(text) ? text : undefined),
}

const TIMEOUT = 'a number of seconds from 1 to 600'
const WAYS = 'either command, with args, env and cwd, or url, with headers'
const HEADERS = 'headers by their names; not those that say where a request goes, how long it is or whose it looks'

const header = (reading: Reading) =>
  expanded(reading).refine(isHeaderValue, 'a text of Latin letters without line breaks')

const written = (reading: Reading) =>
  z.strictObject({
    name: kind(serviceName),
    command: expanded(reading).optional(),
    args: z.array(expanded(reading), 'a list').optional(),
    env: z.record(z.string(), expanded(reading), 'variables by their names').optional(),
    cwd: expanded(reading).optional(),
    url: expanded(reading).pipe(kind(url)).optional(),
    headers: z.record(z.string().refine(isHeaderName), header(reading), HEADERS).optional(),
    allow: z.array(kind(pattern), 'a list of the tools to offer').min(1, 'at least one tool; ["*"] allows all'),
    read: z.array(kind(pattern), 'a list').default([]),
    trust_hints: z.boolean('true or false').default(false),
    timeout: z.number(TIMEOUT).min(1, TIMEOUT).max(600, TIMEOUT).default(reading.timeout),
    for: z.enum(['everyone', 'accounts'], 'everyone or accounts').default('accounts'),
  })

type Written = z.output<ReturnType<typeof written>>

/** An entry of `mcp` in the tools file. */
export const mcpServer = (reading: Reading) =>
  written(reading).transform((entry, ctx): McpServer => {
    const way = wayOf(entry, reading)
    if (!way) ctx.addIssue(WAYS)
    return way
      ? {
          name: entry.name,
          way,
          allow: entry.allow,
          read: entry.read,
          trustsHints: entry.trust_hints,
          timeLimit: entry.timeout * 1000,
          audience: entry.for,
        }
      : z.NEVER
  })

function wayOf({ command, args, env, cwd, url: address, headers }: Written, { directory }: Reading): Way | undefined {
  if (command && address === undefined && headers === undefined)
    return { by: 'process', command, args: args ?? [], env: env ?? {}, cwd: resolve(directory, cwd ?? '') }
  if (address !== undefined && [command, args, env, cwd].every(field => field === undefined))
    return { by: 'http', url: address, headers: headers ?? {} }
  return undefined
}
