import type { ExportedArtefacts } from '../core/commands/artefact-exports.ts'
import { epubOf } from './epub.ts'
import { jsonOf } from './json.ts'
import { markdownOf } from './markdown.ts'
import { lineOf } from './text.ts'

export type DocumentFormat = 'markdown' | 'json' | 'epub'

/** A file for people to keep. */
export interface DocumentFile {
  readonly bytes: Uint8Array
  /** Media type, with a charset where it is text. */
  readonly type: string
  readonly name: string
}

/** Writes what was exported in a format. */
export function documentOf(exported: ExportedArtefacts, format: DocumentFormat): DocumentFile {
  const named = (extension: string) => `${fileName(exported.title)}.${extension}`
  const text = (written: string) => new TextEncoder().encode(written)
  switch (format) {
    case 'markdown':
      return { bytes: text(markdownOf(exported)), type: 'text/markdown; charset=utf-8', name: named('md') }
    case 'json':
      return { bytes: text(jsonOf(exported)), type: 'application/json; charset=utf-8', name: named('json') }
    case 'epub':
      return { bytes: epubOf(exported), type: 'application/epub+zip', name: named('epub') }
    default:
      return format satisfies never
  }
}

const NAME_MAX = 80

/** A title as the name of a file, on any system. */
function fileName(title: string): string {
  const plain = lineOf(title)
    .replace(/[\\/:*?"<>|]/g, '_')
    .replace(/[\p{Cf}\p{Co}\p{Cn}]/gu, '')
  const name = [...plain]
    .slice(0, NAME_MAX)
    .join('')
    .replace(/^[. ]+|[. ]+$/g, '')
  return name === '' ? 'artefacts' : name
}
