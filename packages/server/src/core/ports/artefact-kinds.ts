import type { ObjectSchema } from '../fields.ts'

/** What teams of agents make, as data. The core is given it at the start; it stays as it is while the server runs. */
export interface ArtefactKinds {
  readonly teams: readonly TeamArtefacts[]
}

/** The kinds of one team, in the order in which a document of them all has them. */
export interface TeamArtefacts {
  readonly team: string
  readonly kinds: readonly ArtefactKind[]
  /** The kinds whose titles name such a document, and whoever made it; null for none. */
  readonly document: { readonly title: string | null; readonly creator: string | null }
}

/** A kind of artefact. Names are of small letters, digits and `_`; unique within the team. */
export interface ArtefactKind {
  readonly kind: string
  /** What people call it. */
  readonly title: string
  /** For the model that is to make one. */
  readonly description: string
  readonly schema: ObjectSchema
  /** The field that is an artefact's title: a required text. */
  readonly titleField: string
  /** Name of the tool with which agents save it. */
  readonly saveTool: string
  /** Fields that hold the id of another artefact, or a list of such, and of which kind of the team that is. */
  readonly links: Readonly<Record<string, string>>
  /** Fields in the order in which a document has them, with other headings than the schema's titles. Those not named come after. */
  readonly export: readonly { readonly field: string; readonly heading?: string | undefined }[]
}

export function teamOf({ teams }: ArtefactKinds, name: string): TeamArtefacts | undefined {
  return teams.find(({ team }) => team === name)
}

/** Undefined too for a kind that there is no more. */
export function kindOf(kinds: ArtefactKinds, team: string, kind: string): ArtefactKind | undefined {
  return teamOf(kinds, team)?.kinds.find(one => one.kind === kind)
}
