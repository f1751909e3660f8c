import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { isAsSaid, servedType } from '../../src/core/file-types.ts'
import { sniff } from '../../src/core/sniff.ts'

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const entry = (name: string): string => `PK\x03\x04${'\0'.repeat(26)}${name}`
const OOXML = 'application/vnd.openxmlformats-officedocument'

test.each<[string, Uint8Array, string | null]>([
  ['jpeg', latin('\xff\xd8\xff\xe0\0\x10JFIF'), 'image/jpeg'],
  ['png', latin('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'image/png'],
  ['gif', latin('GIF89a\x01\0\x01\0'), 'image/gif'],
  ['bmp', latin(`BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0`), 'image/bmp'],
  ['webp', latin('RIFF\x24\0\0\0WEBPVP8 '), 'image/webp'],
  ['pdf', latin('%PDF-1.7\n%\xe2\xe3'), 'application/pdf'],
  ['zip', latin(entry('a.txt')), 'application/zip'],
  ['an empty zip', latin('PK\x05\x06'), 'application/zip'],
  ['docx', latin(entry('[Content_Types].xml') + entry('word/document.xml')), `${OOXML}.wordprocessingml.document`],
  ['xlsx', latin(entry('_rels/.rels') + entry('xl/workbook.xml')), `${OOXML}.spreadsheetml.sheet`],
  ['pptx', latin(entry('[Content_Types].xml') + entry('ppt/x.xml')), `${OOXML}.presentationml.presentation`],
  ['odt', latin(entry('mimetypeapplication/vnd.oasis.opendocument.text')), 'application/vnd.oasis.opendocument.text'],
  ['doc, xls and ppt', latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), 'application/x-ole-storage'],
  ['rtf', latin('{\\rtf1\\ansi'), 'application/rtf'],
  ['gz', gzipSync('x'), 'application/gzip'],
  ['rar', latin('Rar!\x1a\x07\x01\0'), 'application/vnd.rar'],
  ['7z', latin('7z\xbc\xaf\x27\x1c'), 'application/x-7z-compressed'],
  ['tar', latin(`name${'\0'.repeat(253)}ustar`), 'application/x-tar'],
  ['ogg', latin('OggS\0\x02'), 'audio/ogg'],
  ['mp3 with a tag', latin('ID3\x04\0'), 'audio/mpeg'],
  ['mp3 without one', latin('\xff\xfb\x90\x64'), 'audio/mpeg'],
  ['wav', latin('RIFF\x24\0\0\0WAVEfmt '), 'audio/wav'],
  ['flac', latin('fLaC\0\0\0\x22'), 'audio/flac'],
  ['m4a', latin('\0\0\0\x20ftypM4A \0\0'), 'audio/mp4'],
  ['mp4', latin('\0\0\0\x20ftypisom\0\0'), 'video/mp4'],
  ['mov', latin('\0\0\0\x14ftypqt  \0\0'), 'video/quicktime'],
  ['webm', latin('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm'), 'video/webm'],
  ['avi', latin('RIFF\x24\0\0\0AVI LIST'), 'video/x-msvideo'],
  ['wmv', latin('\x30\x26\xb2\x75\x8e\x66\xcf\x11'), 'video/x-ms-wmv'],
  ['a still picture in a film format', latin('\0\0\0\x20ftypavif\0\0'), null],
  ['a program', latin('MZ\x90\0\x03'), null],
  ['UTF-16', latin('\xff\xfeh\0i\0'), null],
  ['Latin-1', latin('caf\xe9 au lait'), null],
  ['text', Buffer.from('naïve 😀\r\n\tyes'), 'text/plain'],
  ['text cut inside a character', Buffer.from('naïve 😀').subarray(0, -2), 'text/plain'],
  ['words that begin like a format', Buffer.from('BMX bikes and more of them'), 'text/plain'],
  ['less than', Buffer.from('<3 you'), 'text/plain'],
  ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml'],
  [
    'svg behind a prolog',
    Buffer.from('\ufeff<?xml version="1.0"?>\n<!-- a > b --><!DOCTYPE svg>\n<svg>'),
    'image/svg+xml',
  ],
  ['html', Buffer.from('\n <!DOCTYPE html><title>x'), 'text/html'],
  ['html behind a comment', Buffer.from('<!-- x --><script>alert(1)</script>'), 'text/html'],
  ['other xml', Buffer.from('<?xml version="1.0"?><x:html xmlns:x="http://www.w3.org/1999/xhtml"/>'), 'text/xml'],
  ['a comment without end', Buffer.from('<!-- <svg>'), 'text/xml'],
])('[FILE-20] knows %s', (_, head, type) => {
  expect(sniff(head)).toBe(type)
})

test('[FILE-20] any bytes at all are judged, in no time', () => {
  for (const text of ['<!--'.repeat(1_000), '<?xml '.repeat(700), `<!${' '.repeat(4_000)}`, '\xff'.repeat(4_100)])
    expect(() => sniff(latin(text))).not.toThrow()
})

test.each([
  ['what it is', 'image/png', 'image/png', 'image/png'],
  ['what the bytes say where the client says nothing', 'image/png', 'application/octet-stream', 'image/png'],
  ['by the name the client gave it', 'application/zip', `${OOXML}.spreadsheetml.sheet`, `${OOXML}.spreadsheetml.sheet`],
  ['text by its kind', 'text/plain', 'text/csv; charset=utf-8', 'text/csv'],
  ['bytes where the two contradict each other', 'application/pdf', 'image/png', 'application/octet-stream'],
  ['bytes where nobody knows', null, 'image/png', 'application/octet-stream'],
  ['bytes for a page', 'text/html', 'text/html', 'application/octet-stream'],
  ['bytes for a drawing', 'image/svg+xml', 'image/svg+xml', 'application/octet-stream'],
  ['bytes for xml', 'text/xml', 'application/xml', 'application/octet-stream'],
  ['bytes for a script', 'text/plain', 'text/javascript', 'application/octet-stream'],
])('[FILE-21] is served as %s', (_, sniffed, mimeType, served) => {
  expect(servedType({ sniffed, mimeType })).toBe(served)
})

test.each([
  ['image/png', 'image/png', true],
  ['image/png', 'image/x-odd', true],
  ['text/html', 'image/png', false],
  ['application/pdf', 'image/png', false],
  ['text/plain', 'application/javascript', true],
  ['audio/ogg', 'application/ogg', true],
  ['image/png', 'Application/Octet-Stream', true],
  [null, 'image/png', true],
])('[FILE-22] bytes of %s that are said to be %s', (sniffed, mimeType, isRight) => {
  expect(isAsSaid({ sniffed, mimeType })).toBe(isRight)
})
