import type { ExportedArtefacts } from '../core/commands/artefact-exports.ts'
import { type Block, blocksOf } from './blocks.ts'
import { lineOf } from './text.ts'

/**
 * The document as Markdown (CommonMark, and what GitHub adds to it). What people and models wrote is text in it and nothing else:
 * no markup, no HTML, no link and no picture comes of it.
 */
export function markdownOf({ title, creators, parts }: ExportedArtefacts): string {
  const head = [`# ${escaped(lineOf(title))}`, ...creators.map(name => escaped(lineOf(name)))]
  const sections = parts.flatMap(part => {
    const { artefact, kind } = part
    const of = escaped(lineOf(kind?.title ?? artefact.kind))
    return [`## ${of}: ${escaped(lineOf(artefact.title))}`, ...blocksOf(part).map(blockText)]
  })
  return `${[...head, ...sections].join('\n\n')}\n`
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `${'#'.repeat(Math.min(block.level + 2, 6))} ${escaped(block.text)}`
    case 'paragraph':
      return broken(block.lines, '')
    case 'fact':
    case 'reference':
      return `**${escaped(block.label)}:** ${escaped(block.text)}`
    case 'list':
      return block.items.map(lines => `- ${broken(lines, '  ')}`).join('\n')
    default:
      return block satisfies never
  }
}

/** Lines that stay lines. */
const broken = (lines: readonly string[], indent: string): string => lines.map(escaped).join(`\\\n${indent}`)

/** A line as text that means nothing. */
const escaped = (line: string): string =>
  line
    .replace(/[\\`*_{}[\]#|~^$@]/g, '\\$&')
    // What begins a list, or makes a heading of the line above, where it stands first.
    .replace(/^[-+=]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    // Addresses that some turn into links by themselves.
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\bwww(?=\.)/gi, '$&\\')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
