import type { CallToolResult } from '@modelcontextprotocol/client'
import { everyText, type Hide } from '../hiding.ts'
import { type Json, ToolFailed } from '../tool.ts'
import { plainly } from './words.ts'

/** Longest reason that is passed on, in UTF-16 units. */
const REASON_MAX = 1_000

type Block = CallToolResult['content'][number]

/** What a tool gave. Throws ToolFailed where it says that it failed. */
export function resultOf({ content, structuredContent, isError }: CallToolResult, hide: Hide): Json {
  if (isError === true) throw new ToolFailed(reasonIn(content, hide))
  // With structured content the rest says the same again, for readers.
  if (structuredContent !== undefined) return everyText(structuredContent as Json, hide) // it came as JSON
  const texts = content.flatMap(block => (block.type === 'text' ? [block.text] : []))
  if (texts.length === content.length) return hide(texts.join('\n'))
  return everyText(content.map(shown), hide)
}

function reasonIn(content: readonly Block[], hide: Hide): string {
  const texts = content.flatMap(block => (block.type === 'text' ? [block.text] : []))
  return plainly(hide(texts.join(' ')), REASON_MAX) || 'the tool failed and gave no reason'
}

/** A piece of a result as a model reads it. Of pictures and sounds it learns that they are there. */
function shown(block: Block): Json {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text }
    case 'image':
    case 'audio':
      return { type: block.type, mime_type: block.mimeType, bytes: bytesIn(block.data) }
    case 'resource_link':
      return { type: 'link', url: block.uri, name: block.name }
    case 'resource': {
      const { resource } = block
      const mime_type = resource.mimeType ?? null
      if ('text' in resource) return { type: 'resource', url: resource.uri, mime_type, text: resource.text }
      return { type: 'resource', url: resource.uri, mime_type, bytes: bytesIn(resource.blob) }
    }
    default:
      return block satisfies never
  }
}

/** How many bytes base64 stands for. */
const bytesIn = (base64: string): number => Buffer.byteLength(base64, 'base64')
