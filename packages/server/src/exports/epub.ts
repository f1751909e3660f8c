import { strToU8, zipSync } from 'fflate'
import type { ExportedArtefacts, ExportedPart } from '../core/commands/artefact-exports.ts'
import type { ArtefactId } from '../core/ids.ts'
import { type Block, blocksOf } from './blocks.ts'
import { lineOf } from './text.ts'

/** Where the files of a book are in its archive. */
const ROOT = 'EPUB'
/** When the files of every archive were made, so that the same document makes the same bytes. No archive can tell of an earlier time. */
const MADE = new Date(1980, 0, 1)

/** The document as a book (EPUB 3.3), one chapter an artefact. It loads nothing from elsewhere and runs nothing. */
export function epubOf(exported: ExportedArtefacts): Uint8Array {
  const chapters = exported.parts.map((part, index) => ({ part, name: `part-${index + 1}.xhtml` }))
  const names = new Map(chapters.map(({ part, name }) => [part.artefact.id, name]))
  const files = {
    'META-INF/container.xml': CONTAINER,
    [`${ROOT}/package.opf`]: packageOf(exported, chapters),
    [`${ROOT}/nav.xhtml`]: navigationOf(exported.title, chapters),
    ...Object.fromEntries(chapters.map(({ part, name }) => [`${ROOT}/${name}`, chapterOf(part, names)])),
  }
  const packed = Object.entries(files).map(([path, text]) => [path, strToU8(text)] as const)
  // Readers tell a book by its first file, which must not be compressed.
  return zipSync(
    { mimetype: [strToU8('application/epub+zip'), { level: 0 }], ...Object.fromEntries(packed) },
    { mtime: MADE },
  )
}

interface Chapter {
  readonly part: ExportedPart
  /** Of its file. */
  readonly name: string
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n'

const CONTAINER = `${XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="${ROOT}/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`

function packageOf({ title, creators, parts }: ExportedArtefacts, chapters: readonly Chapter[]): string {
  const changed = Math.max(...parts.map(({ artefact }) => artefact.changedAt))
  const items = chapters.map(
    ({ name }, index) => `<item id="p${index + 1}" href="${name}" media-type="application/xhtml+xml"/>`,
  )
  return `${XML}<package version="3.0" xmlns="http://www.idpf.org/2007/opf" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:${parts[0]?.artefact.id}</dc:identifier>
<dc:title>${escaped(lineOf(title))}</dc:title>
<dc:language>und</dc:language>
${creators.map(name => `<dc:creator>${escaped(lineOf(name))}</dc:creator>\n`).join('')}<meta property="dcterms:modified">${new Date(changed).toISOString().slice(0, 19)}Z</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
${items.join('\n')}
</manifest>
<spine>
${items.map((_, index) => `<itemref idref="p${index + 1}"/>`).join('\n')}
</spine>
</package>
`
}

function navigationOf(title: string, chapters: readonly Chapter[]): string {
  const items = chapters.map(
    ({ part, name }) => `<li><a href="${name}">${escaped(lineOf(part.artefact.title))}</a></li>`,
  )
  return page(title, `<nav epub:type="toc"><h1>${escaped(lineOf(title))}</h1><ol>\n${items.join('\n')}\n</ol></nav>`)
}

function chapterOf(part: ExportedPart, names: ReadonlyMap<ArtefactId, string>): string {
  const { artefact, kind } = part
  const blocks = blocksOf(part).map(block => blockOf(block, names))
  const head = `<h1>${escaped(lineOf(artefact.title))}</h1>\n<p><i>${escaped(lineOf(kind?.title ?? artefact.kind))}</i></p>`
  return page(artefact.title, `<section>\n${[head, ...blocks].join('\n')}\n</section>`)
}

const page = (title: string, body: string): string => `${XML}<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>${escaped(lineOf(title))}</title></head>
<body>
${body}
</body>
</html>
`

function blockOf(block: Block, names: ReadonlyMap<ArtefactId, string>): string {
  switch (block.type) {
    case 'heading': {
      const tag = `h${Math.min(block.level + 1, 6)}`
      return `<${tag}>${escaped(block.text)}</${tag}>`
    }
    case 'paragraph':
      return `<p>${broken(block.lines)}</p>`
    case 'fact':
      return `<p><b>${escaped(block.label)}:</b> ${escaped(block.text)}</p>`
    case 'list':
      return `<ul>\n${block.items.map(lines => `<li>${broken(lines)}</li>`).join('\n')}\n</ul>`
    case 'reference': {
      const name = names.get(block.to)
      const text = escaped(block.text)
      return `<p><b>${escaped(block.label)}:</b> ${name ? `<a href="${name}">${text}</a>` : text}</p>`
    }
    default:
      return block satisfies never
  }
}

const broken = (lines: readonly string[]): string => lines.map(escaped).join('<br/>')

const MEANING: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, one => MEANING[one] ?? one)
