// Makes docs/sdk/reference.md from the sources of the SDK: node scripts/reference.ts > docs/sdk/reference.md
import type { ESTree } from 'rolldown/utils'
import { serverFamily } from '../packages/server/src/http/operations.ts'
import { families } from '../packages/server/src/http/token-bowl/api.ts'
import { docBefore, type Exported, exportsOf, load, type Module, sectionBefore } from './reference/source.ts'
import { wireTypes } from './reference/wire.ts'

const ENTRY = 'packages/client/src/index.ts'

const INTRODUCTION = `# SDK reference

Made from the sources of \`@parley/client\` by \`node scripts/reference.ts > docs/sdk/reference.md\`. How to use it is told in
[its README](../../packages/client/README.md) and shown in [examples](../../examples/README.md).`

/** The whole page. Throws where something exported is not understood. */
export async function reference(): Promise<string> {
  const all = exportsOf(load(ENTRY))
  const bodies = all.filter(({ module }) => module.file.startsWith('packages/protocol/'))
  const ours = all.filter(exported => !bodies.includes(exported))
  const types = ours.filter(({ declaration }) => declaration.type !== 'ClassDeclaration')
  const classes = ours.filter(exported => !types.includes(exported))
  const errors = classes.filter(({ module }) => module.file.endsWith('/errors.ts'))
  const clients = Map.groupBy(
    classes.filter(exported => !errors.includes(exported)),
    ({ declaration }) => declaration,
  )
  return `${section(
    INTRODUCTION,
    ...[...clients.values()].map(showClass).toReversed(), // the socket before HTTP
    '## Options and events',
    ...types.map(showType),
    '## Errors',
    ['| class | extends | when |', '| --- | --- | --- |', ...errors.map(showError)].join('\n'),
    '## Bodies',
    ...(await wireTypes(bodies)).map(({ name, doc, code }) => section(`### ${name}`, doc, fenced(code))),
  )}\n`
}

const section = (...parts: readonly string[]): string => parts.filter(part => part !== '').join('\n\n')
const fenced = (code: string): string => `\`\`\`ts\n${code}\n\`\`\``

function showType({ name, doc, module, declaration }: Exported): string {
  return section(`### ${name}`, doc, fenced(module.source.slice(declaration.start, declaration.end)))
}

function showError({ name, doc, declaration }: Exported): string {
  const parent = declaration.type === 'ClassDeclaration' ? declaration.superClass : null
  return `| \`${name}\` | \`${parent?.type === 'Identifier' ? parent.name : ''}\` | ${doc.replaceAll('\n', ' ')} |`
}

/** A class, under all the names it is exported by. */
function showClass(exports: readonly Exported[]): string {
  const first = exports.find(({ name, declaration }) => name === declaration.id?.name)
  if (first?.declaration.type !== 'ClassDeclaration') throw new Error('a class is exported under no name of its own')
  const { module, declaration } = first
  const others = exports.filter(exported => exported !== first).map(({ name }) => `Also called \`${name}\`.`)
  const groups = Map.groupBy(declaration.body.body.filter(isPublic), member => sectionBefore(module, member.start))
  return section(
    `## ${first.name}`,
    first.doc,
    ...others,
    ...[...groups].flatMap(([title, members]) => [
      title === '' ? '' : `### ${title.charAt(0).toUpperCase()}${title.slice(1)}`,
      ...members.map(member => showMember(module, member, title === '' ? '###' : '####')),
    ]),
  )
}

type Member = ESTree.MethodDefinition & { readonly key: ESTree.IdentifierName }

const isPublic = (member: ESTree.ClassElement): member is Member =>
  member.type === 'MethodDefinition' && member.key.type === 'Identifier' && !member.computed

function showMember(module: Module, member: Member, level: string): string {
  const source = module.source.slice(member.start, member.end)
  const endpoint = endpointOf(source)
  const doc = docBefore(module, member.start) || (endpoint?.summary ? `${endpoint.summary}.` : '')
  return section(
    `${level} ${member.key.name}`,
    fenced(signature(source.slice(0, (member.value.body?.start ?? member.end) - member.start))),
    endpoint ? `\`${endpoint.name}\`: ${doc}` : doc,
  )
}

/** The head of a method on one line, as its caller sees it. */
function signature(head: string): string {
  return head
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\( | ?,? \)/g, bracket => bracket.replaceAll(/[ ,]/g, ''))
    .replace(/^(static )?async /, '$1')
    .replace(/^get (\w+)\(\)/, 'readonly $1')
    .trim()
}

const endpoints = [...families, serverFamily].flatMap(family => family.endpoints)

/** The endpoint that a method of the HTTP client asks; undefined for other methods. */
function endpointOf(source: string): { readonly name: string; readonly summary: string } | undefined {
  const [, method, parts] = /method: '(\w+)',\s*path: \[([^\]]*)\]/.exec(source) ?? []
  if (!method || !parts) return undefined
  const path = `/${parts
    .split(', ')
    .map(part => (part.startsWith("'") ? part.slice(1, -1) : '{}'))
    .join('/')}`
  const found = endpoints.find(row => row.method === method && row.path.replaceAll(/\{\w+\}/g, '{}') === path)
  if (!found) throw new Error(`the SDK asks ${method} ${path}, which is no endpoint`)
  return { name: `${method} ${found.path}`, summary: found.summary }
}

if (import.meta.main) process.stdout.write(await reference())
