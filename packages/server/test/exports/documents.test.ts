import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { Artefact } from '../../src/core/artefact.ts'
import type { ExportedArtefacts, ExportedPart } from '../../src/core/commands/artefact-exports.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { kindOf } from '../../src/core/ports/artefact-kinds.ts'
import { documentOf } from '../../src/exports/document.ts'
import { artefactKinds } from '../artefacts.ts'
import { needs } from '../needs.ts'

/** Texts of any UTF-16 units, in pairs or not. */
const anyUnits = fc.array(fc.nat({ max: 0xffff })).map(units => String.fromCharCode(...units))

let made = 0

function part(
  kind: string,
  title: string,
  data: JsonObject,
  over: Partial<ExportedPart> = {},
  team = 'books',
): ExportedPart {
  const id = `01890000-0000-7000-8000-${(++made).toString(16).padStart(12, '0')}`
  const times = { createdAt: 1_700_000_000_000, changedAt: 1_700_000_000_999 }
  const artefact = { id, team, kind, title, version: 1, data, links: [], ...times } as unknown as Artefact
  return { artefact, kind: kindOf(artefactKinds, team, kind) ?? null, links: [], ...over }
}

const exported = (
  parts: readonly ExportedPart[],
  title = 'A book',
  creators: readonly string[] = [],
): ExportedArtefacts => ({
  ...{ title, creators, parts },
})

const utf8 = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)
const markdown = (...parts: ExportedPart[]) => utf8(documentOf(exported(parts), 'markdown').bytes)

/** Files of a book as texts. */
function filesOf(document: ExportedArtefacts): Record<string, string> {
  const files = unzipSync(documentOf(document, 'epub').bytes)
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, utf8(bytes)]))
}

function book(): ExportedArtefacts {
  const author = part('author', 'Ursula', {
    name: 'Ursula',
    biography: 'Writes.\n\nReads.',
    genres: ['fantasy', 'essay'],
  })
  const cast = part('characters', 'Cast', {
    title: 'Cast',
    characters: [{ role: 'mage', name: 'Ged' }, { name: 'Vetch' }],
  })
  const data = {
    title: 'Ash',
    chapters: [{ title: 'One', summary: 'It\nbegins.' }],
    plot: 'x'.repeat(150),
    genre: 'fantasy',
  }
  const links = [
    { field: 'author', to: author.artefact },
    { field: 'world', to: part('world_building', 'Elsewhere', {}).artefact },
  ]
  const ids = { author: author.artefact.id, characters: cast.artefact.id, world: 'x' }
  return exported([author, cast, part('plot', 'Ash', { ...data, ...ids }, { links })], 'Ash', ['Ursula'])
}

// Whatever breaks a document that is put together carelessly.
const HOSTILE = [
  '<script>alert(1)</script>',
  '![](http://evil.example/x.png)',
  '[a](javascript:alert(1)) <http://evil.example> https://evil.example www.evil.example',
  '# no heading\n- no item\n1. no number\n> no quote\n---\n===\n    no code\n```\nno fence\n```\n| no | table |',
  '&lt;b&gt; &amp; ]]> <!-- --> <?xml?> "quoted" \'so\'',
  '\u0000\u0001\u001b[31m\u007f\u0085\u2028\u2029\ufffe\uffff\ud800 visible',
  '[ref]: http://evil.example\n[^1] *b* _i_ ~~s~~ `c` $m$ \\( {x}',
]

describe('Markdown', () => {
  test('[ART-42] fields come in the order and with the headings of their kind', () => {
    expect(utf8(documentOf(book(), 'markdown').bytes)).toBe(
      `# Ash

Ursula

## Author: Ursula

### Biography

Writes.

Reads.

### Genres

- fantasy
- essay

## Characters: Cast

### Characters

#### Ged

**Role:** mage

#### Vetch

## Plot: Ash

**Genre:** fantasy

### The story

${'x'.repeat(150)}

### Chapters

#### One

##### Summary

It\\
begins.

**Author:** Ursula

**World:** Elsewhere
`,
    )
  })

  test('[ART-42] of another team, and of a kind that there is no more', () => {
    const environment = { product: 'Lamp', version: '2' }
    const ticket = { subject: 'Off', status: 'open', priority: 1, isBlocking: true, problem: 'x', environment }
    expect(markdown(part('ticket', 'Off', ticket, {}, 'helpdesk'))).toContain(
      '## Ticket: Off\n\n**Status:** open\n\n**Priority:** 1\n\n**Blocks work:** yes\n\n**Problem:** x\n\n### Environment\n\n**Product:** Lamp\n\n**Version:** 2\n',
    )
    const odd = { some_field: [['a'], { b: 1 }, null], none: null, empty: {}, n: 0 }
    expect(markdown(part('poem', 'Ode', odd, {}, 'gone'))).toContain('## poem: Ode\n\n### some field\n\n')
  })

  // What is left after what a backslash or an entity makes plain.
  const bare = (text: string) => text.replace(/\\[!-/:-@[-`{-~]|&(?:amp|lt|gt);/g, 'x')

  test('[ART-42] what people wrote is text: no markup, HTML, link or picture comes of it', () => {
    const plain = fc.oneof(fc.constantFrom(...HOSTILE), anyUnits, fc.string())
    fc.assert(
      fc.property(plain, plain, (title, plot) => {
        const text = markdown(part('plot', title, { title, plot, themes: [plot] }))
        expect(text.isWellFormed()).toBe(true)
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
        for (const line of text.split('\n')) {
          // Ours are headings, list items, labels, and the backslash of a line that goes on.
          const own = /^#{1,6} |^- |^ {2}(?=\S)|^\*\*[A-Z][\w ]+:\*\* /
          const written = bare(line.replace(own, '')).replace(/\\$/, '')
          expect(written).not.toMatch(/[<>[\]*_`#|~\\&]|:\/\/|www\./i)
          expect(written).not.toMatch(/^(?:\s|[-+=]|\d+[.)])/)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('EPUB', () => {
  test('[ART-43] a book begins with its type, uncompressed, and lists every file', () => {
    const document = book()
    const { bytes, type } = documentOf(document, 'epub')
    const head = Buffer.from(bytes.buffer, bytes.byteOffset, 80)
    expect(type).toBe('application/epub+zip')
    expect([head.readUInt32LE(0), head.readUInt16LE(6) & 8, head.readUInt16LE(8)]).toEqual([0x04034b50, 0, 0])
    expect([head.readUInt32LE(18), head.readUInt16LE(26), head.readUInt16LE(28)]).toEqual([20, 8, 0])
    expect(head.subarray(30, 58).toString()).toBe('mimetypeapplication/epub+zip')
    const files = filesOf(book())
    expect(Object.keys(files)).toEqual([
      ...['mimetype', 'META-INF/container.xml', 'EPUB/package.opf', 'EPUB/nav.xhtml'],
      ...['EPUB/part-1.xhtml', 'EPUB/part-2.xhtml', 'EPUB/part-3.xhtml'],
    ])
    expect(files['META-INF/container.xml']).toContain('full-path="EPUB/package.opf"')
    const opf = files['EPUB/package.opf'] ?? ''
    const listed = [...opf.matchAll(/<item id="(\w+)" href="([^"]+)"/g)].map(([, id, href]) => [id, `EPUB/${href}`])
    expect(listed.map(([, path]) => path)).toEqual(Object.keys(files).slice(3))
    expect([...opf.matchAll(/idref="(\w+)"/g)].map(([, id]) => id)).toEqual(listed.slice(1).map(([id]) => id))
    expect(opf).toMatch(/<dc:identifier id="id">urn:uuid:[\da-f-]{36}</)
    expect(opf).toContain('<dc:title>Ash</dc:title>\n<dc:language>und</dc:language>\n<dc:creator>Ursula</dc:creator>')
    expect(opf).toContain('<meta property="dcterms:modified">2023-11-14T22:13:20Z</meta>')
    expect(files['EPUB/nav.xhtml']).toContain('<li><a href="part-3.xhtml">Ash</a></li>')
    expect(files['EPUB/part-3.xhtml']).toContain('<p><b>Author:</b> <a href="part-1.xhtml">Ursula</a></p>')
    expect(files['EPUB/part-3.xhtml']).toContain('<p><b>World:</b> Elsewhere</p>')
    expect(documentOf(document, 'epub').bytes).toEqual(bytes)
  })

  test('[ART-43] what people wrote is text in it, and nothing is loaded from elsewhere', () => {
    for (const text of HOSTILE) {
      const data = { title: text, plot: text, themes: [text], chapters: [{ title: text, summary: text }] }
      for (const file of Object.values(filesOf(exported([part('plot', text, data)], text, [text])))) {
        const ours =
          /^\/?(?:html|head|title|body|nav|h\d|ol|ul|li|a|section|p|b|i|br|container|rootfiles?|package|metadata|dc:\w+|meta|manifest|item|spine|itemref)\b/
        for (const [, tag = ''] of file.matchAll(/<(?![?!])([^>]*)>/g)) expect(tag).toMatch(ours)
        expect(
          file.match(/(?:src|href)="[^"]*"/g)?.filter(link => !/^href="(?:nav|part-\d+)\.xhtml"$/.test(link)) ?? [],
        ).toEqual([])
      }
    }
  })

  const READ = `import sys, zipfile
import xml.etree.ElementTree as tree
for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None and book.infolist()[0].compress_type == zipfile.ZIP_STORED
        for name in book.namelist()[1:]:
            tree.fromstring(book.read(name))
print(len(sys.argv) - 1)`

  needs('python3')('[ART-43] another program takes the archive and finds every page well-formed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-book-'))
    try {
      const texts = [...HOSTILE, ...fc.sample(anyUnits, { numRuns: 20, seed: 1 })]
      const books = texts.map(text =>
        exported([part('plot', text, { title: text, plot: text, themes: [text] })], text, [text]),
      )
      const paths = [book(), ...books].map((document, index) => {
        const path = join(folder, `${index}.epub`)
        writeFileSync(path, documentOf(document, 'epub').bytes)
        return path
      })
      expect(
        execFileSync('python3', ['-c', READ, ...paths])
          .toString()
          .trim(),
      ).toBe(`${paths.length}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test('[ART-44] JSON holds everything as it is stored', () => {
  const { bytes, type } = documentOf(book(), 'json')
  expect(type).toBe('application/json; charset=utf-8')
  expect(JSON.parse(utf8(bytes))).toMatchObject({
    ...{ title: 'Ash', creators: ['Ursula'] },
    artefacts: [
      { kind: 'author', data: { name: 'Ursula' } },
      {},
      { links: [{ field: 'author', title: 'Ursula' }, {}] },
    ],
  })
})

test.each([
  ['Ash', 'Ash.md'],
  ['../../etc/passwd', '_.._etc_passwd.md'],
  ['a\u202egpj.exe: "b"\r\nX: y', 'agpj.exe_ _b_ X_ y.md'],
  ['Ärger 火 🐉', 'Ärger 火 🐉.md'],
  ['...', 'artefacts.md'],
  ['x'.repeat(200), `${'x'.repeat(80)}.md`],
])('[ART-44] the file of %j is called %j', (title, name) => {
  expect(documentOf(exported([part('plot', title, {})], title), 'markdown').name).toBe(name)
})
