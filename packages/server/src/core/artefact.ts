import type { ArtefactId, RoomId, RunId, UserId } from './ids.ts'
import type { JsonObject } from './json.ts'

/** A typed piece of work that an agent saved for somebody, without what is in it. */
export interface ArtefactHead {
  readonly id: ArtefactId
  /** The team that made it, and one of its kinds; both may be gone meanwhile. */
  readonly team: string
  readonly kind: string
  /** For whom it was made. */
  readonly owner: UserId
  /** Where it was made, and in which run. What is named may be gone: an artefact outlives it. */
  readonly room: RoomId
  readonly conversation: number | null
  readonly run: RunId
  /** At most ARTEFACT_TITLE_MAX code points in one line, without control characters. */
  readonly title: string
  /** From 1, dense: each change makes a new one. */
  readonly version: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly changedAt: number
}

export interface Artefact extends ArtefactHead {
  readonly data: JsonObject
  /** To what there is, in no order. What the data names beside is deleted, or was never the owner's to read. */
  readonly links: readonly ArtefactLink[]
}

export interface ArtefactLink {
  /** The field that names it. */
  readonly field: string
  readonly to: ArtefactId
}

export interface ArtefactVersion {
  readonly version: number
  readonly title: string
  /** The owner, or the agent that saved it. */
  readonly by: UserId
  readonly at: number
}

export interface WholeVersion extends ArtefactVersion {
  readonly data: JsonObject
}

export const ARTEFACT_TITLE_MAX = 200
/** Longest data, as JSON, in UTF-16 units. */
export const ARTEFACT_DATA_MAX = 200_000
/** Most artefacts of one owner, and versions of one artefact. */
export const ARTEFACTS_MAX = 5_000
export const ARTEFACT_VERSIONS_MAX = 1_000

/** A text as a title of one line: without control characters and what is around it. May be empty. */
export const titleOf = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s\ufffe\uffff]+/gu, ' ')
    .replace(/[\p{Bidi_Control}]/gu, '')
    .trim()
