import { deleteFile, IndexUnusable, openFile } from './file.ts'
import type { Heads, Source } from './source.ts'
import { type WordsIndex, wordsIndexOn } from './words-index.ts'

/** Opens the index at `path` as it is. Throws IndexUnusable where it is none of this store, or does not know all that it needs. */
export function openIndex(path: string, source: Source): WordsIndex {
  const db = openFile(path)
  try {
    const index = wordsIndexOn(db)
    const heads = source.atOnce(source.heads)
    if (!index.position()) index.begin(source.lobby, heads.change)
    const why = faultOf(index, source, heads)
    if (why) throw new IndexUnusable(why)
    return index
  } catch (error) {
    db.close()
    throw error
  }
}

/** A new index in place of whatever is at `path`. */
export function remakeIndex(path: string, source: Source): WordsIndex {
  deleteFile(path)
  return openIndex(path, source)
}

/** Why an index can't go on from where it is: one of the two files is not the one that the other was with. */
export function faultOf(index: WordsIndex, source: Source, heads: Heads): string | undefined {
  const at = index.position()
  if (!at) return 'it has no position'
  if (!isSame(at.store, source.lobby)) return 'it belongs to another database'
  if (at.message > heads.everMessage || at.change > heads.change) return 'it is newer than the database'
  if (at.change < heads.forgotten) return 'it is older than what the database remembers'
  const last = source.row(at.message)
  return last && !isSame(last.id, at.messageId) ? 'it is of another past of the database' : undefined
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
