import { OFFICE } from './file-types.ts'

/**
 * What the beginning of a file looks like: the types of the files that are taken, found by the marks their formats begin
 * with, and `text/plain` for UTF-8 text that is nothing else. Null for what is not known. `head` is at least the first
 * 512 bytes, or all there are.
 */
export function sniff(head: Uint8Array): string | null {
  const marks = latin(head)
  return MARKS.find(([mark, at = 0]) => marks.startsWith(mark, at))?.[2] ?? structured(head, marks) ?? text(head)
}

/** Each byte a character. */
const latin = (bytes: Uint8Array): string => {
  let marks = ''
  for (const byte of bytes) marks += String.fromCharCode(byte)
  return marks
}

const MARKS: readonly (readonly [mark: string, at: number, type: string])[] = [
  ['\xff\xd8\xff', 0, 'image/jpeg'],
  ['\x89PNG\r\n\x1a\n', 0, 'image/png'],
  ['GIF87a', 0, 'image/gif'],
  ['GIF89a', 0, 'image/gif'],
  ['%PDF-', 0, 'application/pdf'],
  ['\x1f\x8b\x08', 0, 'application/gzip'],
  ['Rar!\x1a\x07', 0, 'application/vnd.rar'],
  ['7z\xbc\xaf\x27\x1c', 0, 'application/x-7z-compressed'],
  ['ustar', 257, 'application/x-tar'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 0, 'application/x-ole-storage'],
  ['{\\rtf', 0, 'application/rtf'],
  ['OggS', 0, 'audio/ogg'],
  ['fLaC', 0, 'audio/flac'],
  ['ID3', 0, 'audio/mpeg'],
  ['\x30\x26\xb2\x75\x8e\x66\xcf\x11', 0, 'video/x-ms-wmv'],
]

const RIFF: Readonly<Record<string, string>> = {
  WEBP: 'image/webp',
  WAVE: 'audio/wav',
  'AVI ': 'video/x-msvideo',
}

/** Formats that a first mark alone does not tell. */
function structured(head: Uint8Array, marks: string): string | undefined {
  if (marks.startsWith('RIFF')) return RIFF[marks.slice(8, 12)]
  if (marks.startsWith('ftyp', 4)) return film(marks.slice(8, 12))
  if (marks.startsWith('PK\x03\x04') || marks.startsWith('PK\x05\x06')) return archive(marks)
  if (marks.startsWith('\x1a\x45\xdf\xa3')) return marks.slice(0, 64).includes('webm') ? 'video/webm' : undefined
  if (marks.startsWith('BM') && BITMAP_HEADERS.has(head[14] ?? 0)) return 'image/bmp'
  return isMp3(head) ? 'audio/mpeg' : undefined
}

/** Sizes of the second header of a bitmap, by its version. */
const BITMAP_HEADERS: ReadonlySet<number> = new Set([12, 40, 52, 56, 64, 108, 124])

/** By the brand of an ISO media file; the brands of still pictures are none of ours. */
function film(brand: string): string | undefined {
  if (brand.startsWith('M4A') || brand.startsWith('M4B')) return 'audio/mp4'
  if (brand === 'qt  ') return 'video/quicktime'
  return /^(avi[fs]|hei[cfmsx]|hev[cmsx]|mif1|msf1|crx )$/.test(brand) ? undefined : 'video/mp4'
}

/** A zip archive, or the document it is by its first entries. */
function archive(marks: string): string {
  const odf = Object.values(OFFICE).find(type => marks.startsWith(`mimetype${type}`, 30))
  if (odf) return odf
  if (!marks.includes('[Content_Types].xml') && !marks.includes('_rels/.rels')) return 'application/zip'
  if (marks.includes('word/')) return OFFICE.docx
  if (marks.includes('xl/')) return OFFICE.xlsx
  return marks.includes('ppt/') ? OFFICE.pptx : 'application/zip'
}

/** A frame of an mp3 without a tag before it: a sync, layer III, and no reserved version, bit rate or sampling rate. */
function isMp3([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const isSync = first === 0xff && (second & 0xe6) === 0xe2
  return isSync && (second & 0x18) !== 0x08 && third >> 4 !== 0xf && (third & 0x0c) !== 0x0c
}

/** What begins like a page, with one of the tags that browsers take for one. */
const PAGE =
  /^<(!doctype html|html|head|title|meta|link|script|style|iframe|body|h[1-6]|div|font|table|a|b|br|p|form|img|object|embed)[\s/>]/i

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const BINARY = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/

function text(head: Uint8Array): string | null {
  let words: string
  try {
    // As a stream: the last character may be cut off.
    words = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
  } catch {
    return null
  }
  if (words === '' || BINARY.test(words)) return null
  const rest = pastProlog(words)
  if (/^<svg[\s/>:]/i.test(rest)) return 'image/svg+xml'
  if (PAGE.test(rest)) return 'text/html'
  return /^\s*<[?!]/.test(words) ? 'text/xml' : 'text/plain'
}

/** The text from its first element on: declarations and comments left out, but not a page's. */
function pastProlog(words: string): string {
  let rest = words.trimStart()
  for (const [open, close] of [['<?', '?>'] as const, ['<!--', '-->'] as const, ['<!', '>'] as const]) {
    while (rest.startsWith(open) && !PAGE.test(rest)) {
      const end = rest.indexOf(close, open.length)
      if (end === -1) return rest
      rest = rest.slice(end + close.length).trimStart()
    }
  }
  return rest
}
