import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ESTree, parseSync } from 'rolldown/utils'

const ROOT = join(import.meta.dirname, '../..')

export type Declaration = ESTree.Class | ESTree.TSInterfaceDeclaration | ESTree.TSTypeAliasDeclaration

/** A file of TypeScript, read. */
export interface Module {
  /** Its path from the root of the checkout. */
  readonly file: string
  readonly source: string
  readonly body: ESTree.Program['body']
  readonly comments: readonly {
    readonly type: 'Line' | 'Block'
    readonly value: string
    readonly start: number
    readonly end: number
  }[]
}

/** Something that a module gives to others, under the name they know it by. */
export interface Exported {
  readonly name: string
  readonly module: Module
  readonly declaration: Declaration
  /** Its docstring; empty where there is none. */
  readonly doc: string
}

const modules = new Map<string, Module>()

/** Where a module can be imported from. */
export const urlOf = ({ file }: Module): string => pathToFileURL(join(ROOT, file)).href

export function load(file: string): Module {
  const known = modules.get(file)
  if (known) return known
  const source = readFileSync(join(ROOT, file), 'utf8')
  const { program, comments } = parseSync(file, source)
  const module = { file, source, body: program.body, comments }
  modules.set(file, module)
  return module
}

/** Everything a module exports, in the order in which it says so. What it passes on is followed to where it is declared. */
export function exportsOf(module: Module): Exported[] {
  return module.body.flatMap(statement => {
    switch (statement.type) {
      case 'ExportAllDeclaration':
        return exportsOf(load(resolve(module, statement.source.value)))
      case 'ExportNamedDeclaration':
        return statement.declaration ? own(module, statement, statement.declaration) : passedOn(module, statement)
      default:
        return []
    }
  })
}

function own(module: Module, { start }: ESTree.ExportNamedDeclaration, declaration: ESTree.Declaration): Exported[] {
  switch (declaration.type) {
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return [{ name: declaration.id?.name ?? '', module, declaration, doc: docBefore(module, start) }]
    default:
      return []
  }
}

function passedOn(module: Module, { source, specifiers }: ESTree.ExportNamedDeclaration): Exported[] {
  const from = source && exportsOf(load(resolve(module, source.value)))
  return specifiers.flatMap(({ local, exported }) => {
    const found = from?.find(({ name }) => name === nameOf(local))
    if (!found) throw new Error(`${module.file}: nobody knows where ${nameOf(local)} comes from`)
    return { ...found, name: nameOf(exported) }
  })
}

const nameOf = (name: ESTree.ModuleExportName): string => ('name' in name ? name.name : name.value)

function resolve({ file }: Module, specifier: string): string {
  if (specifier.startsWith('.')) return relative(ROOT, join(ROOT, dirname(file), specifier))
  return specifier.replace(/^@parley\/protocol\/(.*)$/, 'packages/protocol/src/$1.ts')
}

/** The docstring that ends right before a position. */
export function docBefore({ source, comments }: Module, position: number): string {
  const comment = comments.findLast(({ end }) => end <= position)
  if (comment?.type !== 'Block' || !comment.value.startsWith('*')) return ''
  if (source.slice(comment.end, position).trim() !== '') return ''
  const lines = comment.value.slice(1).split('\n')
  return lines
    .map(line => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

/** The words of the last comment `// --- words` before a position. */
export function sectionBefore({ comments }: Module, position: number): string {
  const found = comments.findLast(({ value, end }) => end <= position && value.startsWith(' --- '))
  return found?.value.slice(5) ?? ''
}
