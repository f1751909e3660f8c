import type { Audience } from '../audience.ts'

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
  readonly audience: Audience
}

/** What must be shown to nobody: all that the operator gave the server in its environment and headers. */
export function secretsOf({ way }: McpServer): readonly string[] {
  const values = Object.values(way.by === 'process' ? way.env : way.headers)
  // Of `Bearer abc` the second half is the secret.
  return values.flatMap(value => [value, ...value.split(' ')]).filter(value => value.length >= SECRET_MIN)
}

/** Shorter values, such as `1` or `info`, are no secrets, and hiding them would make texts unreadable. */
const SECRET_MIN = 6
