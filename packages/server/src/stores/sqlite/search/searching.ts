import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { IndexUnusable } from './file.ts'
import { find } from './finding.ts'
import { behind, follow } from './following.ts'
import { faultOf, openIndex, remakeIndex } from './opening.ts'
import { sourceOn } from './source.ts'
import type { Answers, Asked } from './thread.ts'
import type { WordsIndex } from './words-index.ts'

/** A search in the store that `db` reads, with its index at `path`: opened when first needed, begun anew when it is no good. */
export function searchingOn(db: DatabaseSync, path: string, forgetMin?: number) {
  const source = sourceOn(db)
  let open: WordsIndex | undefined
  /** Why the index was begun anew, until somebody was told. */
  let remade: string | null = null

  function index(): WordsIndex {
    // A store in which nobody said anything yet has nothing to find.
    if (!open && !existsSync(path) && source.heads().message > 0) remade = 'there is none'
    open ??= openIndex(path, source)
    return open
  }

  function remake({ message }: IndexUnusable): void {
    open?.close()
    open = undefined
    open = remakeIndex(path, source)
    remade = message
  }

  /** Does something with the index; once more with a new one where it turns out to be no good. */
  function using<T>(work: (index: WordsIndex) => T): T {
    try {
      return work(index())
    } catch (error) {
      if (!(error instanceof IndexUnusable)) throw error
      remake(error)
      return work(index())
    }
  }

  function answer<T extends Asked>(asked: T): Answers[T['type']]
  function answer(asked: Asked): Answers[Asked['type']] {
    switch (asked.type) {
      case 'find':
        return using(index => find(source, index, asked.query))
      case 'follow': {
        const progress = using(index => followOn(index))
        const told = remade
        remade = null
        return { ...progress, remade: told }
      }
      case 'lag':
        return using(index => behind(source.heads(), positionOf(index)))
      default:
        return asked satisfies never
    }
  }

  function followOn(index: WordsIndex) {
    const fault = faultOf(index, source, source.heads())
    if (fault) throw new IndexUnusable(fault)
    return follow(source, index, positionOf(index), forgetMin)
  }

  return { answer, close: () => open?.close() }
}

function positionOf(index: WordsIndex) {
  const position = index.position()
  if (!position) throw new IndexUnusable('it has no position')
  return position
}
