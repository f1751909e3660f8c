import type { StoredFile } from './file.ts'

/** Endings, in lower case, of the names of files that are taken. */
const EXTENSIONS: ReadonlySet<string> = new Set(
  [
    'jpg jpeg png gif bmp webp svg',
    'pdf doc docx txt rtf odt',
    'xls xlsx csv ods',
    'ppt pptx odp',
    'zip rar 7z tar gz',
    'py js html css json xml md',
    'mp3 wav ogg m4a flac',
    'mp4 avi mov wmv webm',
  ].flatMap(line => line.split(' ')),
)

/** What follows the last dot of a name, in lower case; empty where there is none. */
export const extensionOf = (name: string): string => /\.([^.]*)$/.exec(name)?.[1]?.toLowerCase() ?? ''

export const isTaken = (extension: string): boolean => EXTENSIONS.has(extension)

/** What nobody knows more of than that it is bytes. */
export const UNKNOWN_TYPE = 'application/octet-stream'

/** Sniffed types that a browser might run or follow. They are never served as what they are. */
const ACTIVE: ReadonlySet<string> = new Set(['image/svg+xml', 'text/html', 'text/xml'])

const OOXML = 'application/vnd.openxmlformats-officedocument'
const ODF = 'application/vnd.oasis.opendocument'

/** Types of documents that are zip archives inside. */
export const OFFICE = {
  docx: `${OOXML}.wordprocessingml.document`,
  xlsx: `${OOXML}.spreadsheetml.sheet`,
  pptx: `${OOXML}.presentationml.presentation`,
  odt: `${ODF}.text`,
  ods: `${ODF}.spreadsheet`,
  odp: `${ODF}.presentation`,
} as const

/** Further names that a client may rightly call a sniffed type. None of them is active. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'image/jpeg': ['image/jpg', 'image/pjpeg'],
  'image/bmp': ['image/x-bmp', 'image/x-ms-bmp'],
  'application/zip': ['application/x-zip-compressed', ...Object.values(OFFICE)],
  'application/gzip': ['application/x-gzip'],
  'application/vnd.rar': ['application/x-rar', 'application/x-rar-compressed'],
  'application/rtf': ['text/rtf'],
  'application/x-ole-storage': ['application/msword', 'application/vnd.ms-excel', 'application/vnd.ms-powerpoint'],
  'audio/mpeg': ['audio/mp3'],
  'audio/wav': ['audio/wave', 'audio/x-wav', 'audio/vnd.wave'],
  'audio/flac': ['audio/x-flac'],
  'audio/ogg': ['application/ogg', 'audio/opus', 'video/ogg'],
  'audio/mp4': ['audio/m4a', 'audio/x-m4a', 'video/mp4'],
  'video/mp4': ['audio/mp4', 'audio/x-m4a', 'video/quicktime', 'video/x-m4v'],
  'video/quicktime': ['video/mp4'],
  'video/webm': ['audio/webm'],
  'video/x-msvideo': ['video/avi', 'video/msvideo'],
  'video/x-ms-wmv': ['video/x-ms-asf', 'audio/x-ms-wma'],
  'text/plain': ['text/csv', 'text/markdown', 'text/x-python', 'text/x-script.python', 'application/json'],
}

type Types = Pick<StoredFile, 'sniffed' | 'mimeType'>

/** The media type that a client said, without parameters. */
const essence = (mimeType: string): string => mimeType.split(';', 1)[0]?.trim().toLowerCase() ?? ''

/**
 * The type to serve a file as: what its first bytes look like, by the name its sender gave that; UNKNOWN_TYPE where the two
 * contradict each other, where nobody knows, and for what a browser might run.
 */
export function servedType({ sniffed, mimeType }: Types): string {
  if (sniffed === null || ACTIVE.has(sniffed)) return UNKNOWN_TYPE
  const said = essence(mimeType)
  if (said === sniffed || said === UNKNOWN_TYPE) return sniffed
  return ALSO[sniffed]?.includes(said) ? said : UNKNOWN_TYPE
}

/** False where the bytes are of quite another kind than the client said, such as a page that is said to be a picture. */
export function isAsSaid({ sniffed, mimeType }: Types): boolean {
  const said = essence(mimeType)
  if (sniffed === null || said === UNKNOWN_TYPE || ALSO[sniffed]?.includes(said)) return true
  const kind = (type: string) => type.split('/', 1)[0]
  return kind(said) === kind(sniffed) || (sniffed.startsWith('text/') && kind(said) === 'application')
}

/** Whether a page may show what is served as this type: pictures of pixels, sound and film. */
export const mayShow = (type: string): boolean => /^(image|audio|video)\//.test(type)
