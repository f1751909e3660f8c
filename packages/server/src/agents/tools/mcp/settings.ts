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

/** Shorter values, such as `1` or `info`, are no secrets, and hiding them would make texts unreadable. */
const SECRET_MIN = 6

/** What must be shown to nobody: all that the operator gave the server in its environment, its headers and the query of its address. */
export function secretsOf({ way }: McpServer): readonly string[] {
  return valuesOf(way)
    .flatMap(partsOf)
    .filter(value => value.length >= SECRET_MIN)
}

const valuesOf = (way: Way): readonly string[] =>
  way.by === 'process'
    ? Object.values(way.env)
    : [...Object.values(way.headers), ...new URL(way.url).searchParams.values()]

/** A value, and what of it is a secret by itself. */
function partsOf(value: string): readonly string[] {
  const [, scheme = '', rest = ''] = /^(Bearer|Basic) +(.+)$/i.exec(value) ?? []
  return scheme.toLowerCase() === 'basic' ? [value, rest, Buffer.from(rest, 'base64').toString()] : [value, rest]
}
