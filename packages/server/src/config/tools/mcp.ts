import { resolve } from 'node:path'
import { z } from 'zod'
import type { McpServer, Way } from '../../agents/tools/mcp/settings.ts'
import { type Kind, url } from '../kinds.ts'
import { expanded, headers, kind, type Reading, refused, seconds, serviceName } from './reading.ts'

const pattern: Kind<string> = {
  allowed: 'a name of a tool, or a pattern such as "read_*"',
  read: text => (/^\S{1,128}$/.test(text) ? text : undefined),
}

const WAYS = 'either command, with args, env and cwd, or url, with headers'

const written = (reading: Reading) =>
  z.strictObject({
    name: kind(serviceName),
    command: expanded(reading).optional(),
    args: z.array(expanded(reading), 'a list').optional(),
    env: z.record(z.string(), expanded(reading), 'variables by their names').optional(),
    cwd: expanded(reading).optional(),
    url: expanded(reading).pipe(kind(url)).optional(),
    headers: headers(reading).optional(),
    allow: z.array(kind(pattern), 'a list of the tools to offer').min(1, 'at least one tool; ["*"] allows all'),
    read: z.array(kind(pattern), 'a list').default([]),
    trust_hints: z.boolean('true or false').default(false),
    timeout: seconds(reading),
    for: z.enum(['everyone', 'accounts'], 'everyone or accounts').default('accounts'),
  })

type Written = z.output<ReturnType<typeof written>>

/** An entry of `mcp` in the tools file. */
export const mcpServer = (reading: Reading) =>
  written(reading).transform(
    (entry, ctx): McpServer => ({
      name: entry.name,
      way: wayOf(entry, reading) ?? refused(ctx, WAYS),
      allow: entry.allow,
      read: entry.read,
      trustsHints: entry.trust_hints,
      timeLimit: entry.timeout * 1000,
      audience: entry.for,
    }),
  )

function wayOf({ command, args, env, cwd, url, headers }: Written, { directory }: Reading): Way | undefined {
  if (command && url === undefined && headers === undefined)
    return { by: 'process', command, args: args ?? [], env: env ?? {}, cwd: resolve(directory, cwd ?? '') }
  if (url !== undefined && [command, args, env, cwd].every(field => field === undefined))
    return { by: 'http', url, headers: headers ?? {} }
  return undefined
}
