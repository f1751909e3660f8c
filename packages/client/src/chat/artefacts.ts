import type {
  ArtefactInfo,
  ArtefactKind,
  ArtefactKinds,
  Artefacts as ArtefactPage,
  ArtefactShown,
  ArtefactVersion,
  ArtefactVersions,
} from '@parley/protocol/rooms/level2/artefacts'
import type { HttpRequest } from '../http.ts'

/** Which artefacts. */
export interface ArtefactFilter {
  /** All that were made in a room that we are in, instead of our own. */
  readonly room?: string | undefined
  readonly kind?: string | undefined
  /** Number of a conversation. */
  readonly conversation?: number | undefined
}

export interface PageOptions {
  readonly offset?: number | undefined
  /** At most 200. Default 100. */
  readonly limit?: number | undefined
}

/** What one page has of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** How many there are in all. */
  readonly total: number
}

/** What a document is written in. */
export type DocumentFormat = 'markdown' | 'json' | 'epub'

type Rest = (request: HttpRequest) => Promise<unknown>

/** What agents saved for us: read, changed, exported. Answers are as the schemas of the endpoints say. Methods reject with ChatError. */
export class Artefacts {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  /** What agents can save, with JSON Schema of it. */
  async kinds(): Promise<readonly ArtefactKind[]> {
    return ((await this.#get(['kinds'])) as ArtefactKinds).kinds
  }

  /** Ours, or those of a room; newest first, without what is in them. */
  async list(which: ArtefactFilter & PageOptions = {}): Promise<Page<ArtefactInfo>> {
    const { artefacts, total } = (await this.#get([], { ...which })) as ArtefactPage
    return { items: artefacts, total }
  }

  /** One as it is now, or an older version of one of ours. */
  async show(id: string, version?: number): Promise<ArtefactShown> {
    return (await this.#get([id], { version })) as ArtefactShown
  }

  /**
   * Changes fields of the data, by a JSON merge patch (RFC 7396): null takes one away. With `expectedVersion` it fails with CONFLICT
   * where another one changed it meanwhile.
   */
  async change(
    id: string,
    data: Readonly<Record<string, unknown>>,
    { expectedVersion }: { readonly expectedVersion?: number | undefined } = {},
  ): Promise<ArtefactShown> {
    const body = { data, expected_version: expectedVersion }
    return (await this.#ask('PATCH', [id], { body })) as ArtefactShown
  }

  /** The latest first. */
  async versions(id: string, page: PageOptions = {}): Promise<Page<ArtefactVersion>> {
    const { versions, total } = (await this.#get([id, 'versions'], { ...page })) as ArtefactVersions
    return { items: versions, total }
  }

  /** Makes an older version the next one. */
  async restore(id: string, version: number): Promise<ArtefactShown> {
    return (await this.#ask('POST', [id, 'versions', String(version), 'restore'])) as ArtefactShown
  }

  /** With all its versions, for ever. */
  async delete(id: string): Promise<void> {
    await this.#ask('DELETE', [id])
  }

  /** One document of an artefact and what it links to, or of all that `list` has. */
  async export(of: string | ArtefactFilter, format: DocumentFormat = 'markdown'): Promise<Blob> {
    const [path, which] = typeof of === 'string' ? [[of, 'export'], {}] : [['export'], of]
    return (await this.#ask('GET', path, { query: { ...which, format }, answer: 'blob' })) as Blob
  }

  #get(path: readonly string[], query?: HttpRequest['query']): Promise<unknown> {
    return this.#ask('GET', path, query && { query })
  }

  #ask(method: HttpRequest['method'], path: readonly string[], more: Partial<HttpRequest> = {}): Promise<unknown> {
    return this.#rest({ method, path: ['artefacts', ...path], ...more })
  }
}
