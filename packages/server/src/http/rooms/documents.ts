import { createHash } from 'node:crypto'
import type { ExportedArtefacts } from '../../core/commands/artefact-exports.ts'
import { type DocumentFormat, documentOf } from '../../exports/document.ts'
import { attachment } from '../attachment.ts'
import type { Bytes } from '../bytes.ts'

/** What was exported, as a file to download. */
export function fileOf(exported: ExportedArtefacts, format: DocumentFormat): Bytes {
  const { bytes, type, name } = documentOf(exported, format)
  return {
    size: bytes.byteLength,
    version: createHash('sha256').update(bytes).digest('hex'),
    headers: attachment(type, name),
    read: ({ start, end }) => new Blob([bytes.slice(start, end + 1)]).stream(),
  }
}
