import {
  ARTEFACT_VERSIONS_MAX,
  ARTEFACTS_MAX,
  type Artefact,
  type ArtefactHead,
  type ArtefactLink,
} from '../../core/artefact.ts'
import type { ArtefactId, UserId } from '../../core/ids.ts'
import type { ArtefactContent } from '../../core/ports/agent-writes.ts'
import type { ArtefactQuery, ArtefactReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import { living, unknownUser } from './directory.ts'
import type { State } from './state.ts'

export interface ArtefactState {
  readonly head: ArtefactHead
  /** Of the version that counts; what is gone meanwhile too. */
  readonly links: readonly ArtefactLink[]
  /** From 1 on. */
  readonly versions: readonly (ArtefactContent & { readonly by: UserId; readonly at: number })[]
}

export function makeArtefact(state: State, write: WriteOf<'artefact.make'>): Outcome<'artefact.make'> {
  const { artefact, title, at } = write
  const { id, owner } = artefact
  if (!living(state, owner)) return refused(unknownUser(owner))
  const owned = [...state.artefacts.values()].filter(({ head }) => head.owner === owner)
  if (owned.length >= ARTEFACTS_MAX) return refused({ code: 'storage_insufficient' })
  const missing = missingOf(state, write)
  if (missing) return refused({ code: 'artefact_unknown', id: missing })
  if (state.artefacts.has(id)) return refused({ code: 'id_conflict' })
  const head = { ...artefact, title, version: 1, createdAt: at, changedAt: at }
  return put(state, { head, links: write.links, versions: [write] })
}

export function changeArtefact(state: State, write: WriteOf<'artefact.change'>): Outcome<'artefact.change'> {
  const { id, title, at } = write
  const before = state.artefacts.get(id)
  if (!before) return refused({ code: 'artefact_unknown', id })
  const { version } = before.head
  if (version !== write.expected) return refused({ code: 'version_conflict', version })
  if (version >= ARTEFACT_VERSIONS_MAX) return refused({ code: 'storage_insufficient' })
  const missing = missingOf(state, write)
  if (missing) return refused({ code: 'artefact_unknown', id: missing })
  const head = { ...before.head, title, version: version + 1, changedAt: at }
  return put(state, { head, links: write.links, versions: [...before.versions, write] })
}

const missingOf = (state: State, { links }: ArtefactContent): ArtefactId | undefined =>
  links.find(({ to }) => !state.artefacts.has(to))?.to

function put(state: State, artefact: ArtefactState): Outcome<'artefact.make'> {
  state.artefacts.set(artefact.head.id, artefact)
  return done({ artefact: wholeOf(state, artefact) })
}

/** What is deleted is gone at once: there is nothing left to erase. */
export const deleteArtefact = (state: State, { id }: WriteOf<'artefact.delete'>): Outcome<'artefact.delete'> =>
  state.artefacts.delete(id) ? done({}) : refused({ code: 'artefact_unknown', id })

export const eraseArtefacts = (): Outcome<'artefact.erase'> => done({ removed: 0 })

export function deleteArtefactsOf(state: State, owner: UserId): void {
  for (const { head } of state.artefacts.values()) if (head.owner === owner) state.artefacts.delete(head.id)
}

function wholeOf(state: State, { head, links, versions }: ArtefactState): Artefact {
  const data = versions[head.version - 1]?.data ?? {}
  return { ...head, data, links: links.filter(({ to }) => state.artefacts.has(to)) }
}

function passes({ of, kind, conversation }: ArtefactQuery, head: ArtefactHead): boolean {
  const isTheirs = 'owner' in of ? head.owner === of.owner : head.room === of.room && head.createdAt >= of.since
  return isTheirs && (kind ?? head.kind) === head.kind && (conversation ?? head.conversation) === head.conversation
}

export function artefactReads(state: State): ArtefactReads {
  return {
    artefact: async id => {
      const found = state.artefacts.get(id)
      return found && wholeOf(state, found)
    },
    artefactHeads: async ids => ids.flatMap(id => state.artefacts.get(id)?.head ?? []),
    artefacts: async query => {
      const found = [...state.artefacts.values()].flatMap(({ head }) => (passes(query, head) ? head : [])).reverse()
      return { items: found.slice(query.offset, query.offset + query.limit), total: found.length }
    },
    artefactVersions: async (id, { limit, offset }) => {
      const versions = state.artefacts.get(id)?.versions ?? []
      const all = versions.map(({ title, by, at }, index) => ({ version: index + 1, title, by, at })).reverse()
      return { items: all.slice(offset, offset + limit), total: all.length }
    },
    artefactVersion: async (id, version) => {
      const found = state.artefacts.get(id)?.versions[version - 1]
      return found && { version, title: found.title, by: found.by, at: found.at, data: found.data }
    },
  }
}
