import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseSync } from 'rolldown/utils'

/**
 * Who may import whom, by the first matching room. A room is a path prefix; `may` lists rooms below it in the dependency
 * order. Packages from npm are not looked at, except where `packages` says which of them a room may use.
 */
export interface Room {
  readonly path: string
  readonly may: readonly string[]
  /** Packages and Node modules the room may import; all when absent. */
  readonly packages?: readonly string[]
}

const SERVER = 'packages/server/src'

/** What views share. */
const SHARED = ['view', 'outside', 'credential', 'timestamp'].map(name => `${SERVER}/protocols/${name}.ts`)

export const ROOMS: readonly Room[] = [
  { path: `${SERVER}/core`, may: [], packages: [] },
  // Sibling protocols never import each other: only themselves and what all views share.
  ...['token-bowl', 'rooms', 'assistant', 'agents'].map(name => ({
    path: `${SERVER}/protocols/${name}`,
    may: [...SHARED, `${SERVER}/core`, 'packages/protocol'],
  })),
  { path: `${SERVER}/protocols/view.ts`, may: [`${SERVER}/core`] },
  { path: `${SERVER}/protocols/outside.ts`, may: [`${SERVER}/core`, 'packages/protocol'] },
  { path: `${SERVER}/protocols/timestamp.ts`, may: [] },
  { path: `${SERVER}/protocols/credential.ts`, may: [`${SERVER}/protocols/view.ts`] },
  { path: `${SERVER}/sessions`, may: [`${SERVER}/protocols`, `${SERVER}/core`] },
  { path: `${SERVER}/stores`, may: [`${SERVER}/core`] },
  { path: `${SERVER}/agents`, may: [`${SERVER}/core`] },
  { path: `${SERVER}/brokers`, may: [`${SERVER}/core`] },
  { path: `${SERVER}/files`, may: [`${SERVER}/core`] },
  { path: `${SERVER}/exports`, may: [`${SERVER}/core`] },
  { path: `${SERVER}/outbound`, may: [`${SERVER}/protocols`, `${SERVER}/core`] },
  { path: `${SERVER}/system`, may: [`${SERVER}/core`] },
  {
    path: `${SERVER}/http`,
    may: [`${SERVER}/sessions`, `${SERVER}/protocols`, `${SERVER}/exports`, `${SERVER}/core`, 'packages/protocol'],
  },
  { path: SERVER, may: [SERVER, 'packages/protocol'] },
  { path: 'packages/terminal/src', may: ['packages/client/src'] },
  { path: 'packages/client/src/react', may: ['packages/client/src'], packages: ['react'] },
  { path: 'packages/client/src', may: ['packages/protocol'], packages: [] },
  { path: 'packages/protocol/src', may: [], packages: ['zod'] },
]

/** A change that makes this tool blind would otherwise pass. */
const MODULES_MIN = 100

export interface Import {
  readonly from: string
  readonly to: string
}

const within = (path: string, room: string): boolean => path === room || path.startsWith(`${room}/`)

/** What is wrong with an import between two paths; undefined when nothing is. `to` is a path, or a package's name. */
export function fault({ from, to }: Import, rooms: readonly Room[] = ROOMS): string | undefined {
  const room = rooms.find(({ path }) => within(from, path))
  if (!room) return `${from}: belongs to no room`
  if (!to.startsWith('packages/')) {
    const allowed = room.packages === undefined || room.packages.some(name => within(to, name))
    return allowed ? undefined : `${from}: ${room.path} imports the package ${to}`
  }
  if (within(to, room.path) || room.may.some(path => within(to, path))) return undefined
  return `${from}: ${room.path} must not import ${to}`
}

/** Every import of a module, types too, with relative ones and our own packages as paths. */
export function importsOf(file: string, source: string): readonly Import[] {
  const { module } = parseSync(file, source)
  const static_ = module.staticImports.map(found => found.moduleRequest.value)
  const exports = module.staticExports.flatMap(found =>
    found.entries.flatMap(entry => entry.moduleRequest?.value ?? []),
  )
  const dynamic = module.dynamicImports.map(found =>
    source.slice(found.moduleRequest.start, found.moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
  )
  return [...static_, ...exports, ...dynamic].map(name => ({ from: file, to: resolve(file, name) }))
}

function resolve(file: string, name: string): string {
  if (name.startsWith('.')) return join(dirname(file), name)
  return name.replace(/^@parley\/([a-z]+)(\/|$)/, (_, pkg: string, rest: string) => `packages/${pkg}${rest && '/src/'}`)
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const files = globSync('packages/*/src/**/*.ts', { cwd: root }).map(file => relative(root, join(root, file)))
  const imports = files.flatMap(file => importsOf(file, readFileSync(join(root, file), 'utf8')))
  const faults = imports.flatMap(found => fault(found) ?? [])
  for (const text of faults) console.error(text)
  console.log(`${files.length} modules, ${imports.length} imports, ${faults.length} in the wrong direction`)
  if (files.length < MODULES_MIN || imports.length < files.length) {
    console.error(`expected at least ${MODULES_MIN} modules: this check no longer sees the sources`)
    process.exitCode = 1
  }
  if (faults.length > 0) process.exitCode = 1
}
