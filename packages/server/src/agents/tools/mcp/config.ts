import { z } from 'zod'

/** Longest time for one use of a tool, in seconds. */
const TIMEOUT_MAX = 600

/** A name of tools; `*` stands for any part of it. */
const pattern = z.string().min(1).max(128)

const written = z.strictObject({
  /** What the names of its tools begin with. No `_`, so that no two servers can have a tool of the same name. */
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, 'a letter, then letters, digits and -, 32 at most'),
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'a name of a variable'), z.string()).optional(),
  cwd: z.string().min(1).optional(),
  url: z.url({ protocol: /^https?$/, error: 'a whole http or https address' }).optional(),
  headers: z.record(z.string().regex(/^[\w-]+$/, 'a name of a header'), z.string()).optional(),
  /** Nothing is offered that is not listed. */
  allow: z.array(pattern).min(1),
  /** What only reads; everything else asks for approval. */
  read: z.array(pattern).default([]),
  /** Whether the server itself may say what only reads. */
  trust_hints: z.boolean().default(false),
  timeout: z.int().min(1).max(TIMEOUT_MAX).default(30),
  for: z.enum(['everyone', 'accounts']).default('accounts'),
})

type Written = z.infer<typeof written>

/** How a server is reached. Holds secrets. */
export type Way =
  | {
      readonly by: 'process'
      readonly command: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string>>
      readonly cwd: string | null
    }
  | { readonly by: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }

/** A server of tools, as the operator set it up. */
export interface McpServer {
  readonly name: string
  readonly way: Way
  readonly allow: readonly string[]
  readonly read: readonly string[]
  readonly trustsHints: boolean
  /** For one use of a tool, in milliseconds. */
  readonly timeLimit: number
  readonly isForGuests: boolean
}

/** The part `mcp` of the tools file, its variables filled in. */
export const mcpServers = z
  .array(written.superRefine(refuseTwoWays).transform(understood))
  .superRefine((servers, { addIssue }) => {
    const names = servers.map(({ name }) => name.toLowerCase())
    const twice = names.find((name, at) => names.indexOf(name) !== at)
    if (twice !== undefined) addIssue(`the name ${twice} is given twice`)
  })

const PROCESS_ONLY = ['args', 'env', 'cwd'] as const

function refuseTwoWays(server: Written, { addIssue }: { addIssue(text: string): void }): void {
  if ((server.command === undefined) === (server.url === undefined)) return addIssue('needs either command or url')
  const stray = server.url === undefined ? ['headers' as const] : PROCESS_ONLY
  for (const field of stray) {
    if (server[field] !== undefined) addIssue(`${field} goes with ${field === 'headers' ? 'url' : 'command'} only`)
  }
}

function understood(server: Written): McpServer {
  return {
    name: server.name,
    way: wayOf(server),
    allow: server.allow,
    read: server.read,
    trustsHints: server.trust_hints,
    timeLimit: server.timeout * 1000,
    isForGuests: server.for === 'everyone',
  }
}

function wayOf({ command, args = [], env = {}, cwd, url = '', headers = {} }: Written): Way {
  return command === undefined ? { by: 'http', url, headers } : { by: 'process', command, args, env, cwd: cwd ?? null }
}

/** What must be shown to nobody: all that the operator gave the server in its environment and headers. */
export function secretsOf({ way }: McpServer): readonly string[] {
  const values = Object.values(way.by === 'process' ? way.env : way.headers)
  // Of `Bearer abc` the second half is the secret.
  return values.flatMap(value => [value, ...value.split(' ')]).filter(value => value.length >= SECRET_MIN)
}

/** Shorter values, such as `1` or `info`, are no secrets, and hiding them would make texts unreadable. */
const SECRET_MIN = 6
