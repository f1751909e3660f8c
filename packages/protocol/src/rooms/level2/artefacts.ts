import { z } from 'zod'
import { count } from '../../text.ts'
import { id, timestamp } from '../envelope.ts'
import { clamped, integer, place } from './envelope.ts'
import { LIST_LIMIT_MAX, ROOMS_LIMIT_DEFAULT } from './limits.ts'
import { person } from './runs.ts'

/** JSON of an object. What is in it is said by the schema of the kind. */
const data = z.record(z.string(), z.unknown())

/** A kind of artefact. `schema` is JSON Schema of its data. */
export const artefactKind = z.strictObject({
  team: z.string(),
  kind: z.string(),
  title: z.string(),
  description: z.string(),
  /** The field of the data that is an artefact's title. */
  title_field: z.string(),
  /** The tool with which agents save one. */
  save_tool: z.string(),
  /** Fields that hold the id of another artefact, or a list of such, and of what kind that is. */
  links: z.record(z.string(), z.string()),
  schema: data,
})
export type ArtefactKind = z.infer<typeof artefactKind>

/** `GET /api/v1/artefacts/kinds`. */
export const artefactKinds = z.strictObject({ kinds: z.array(artefactKind) })
export type ArtefactKinds = z.infer<typeof artefactKinds>

const artefact = {
  id,
  team: z.string(),
  kind: z.string(),
  title: z.string(),
  /** From 1, dense. */
  version: place,
  owner: person,
  /** Where it was made. Null where that is forgotten. */
  room: id.nullable(),
  room_id: z.string().nullable(),
  conversation_id: z.int().nullable(),
  run_id: id,
  created_at: timestamp,
  changed_at: timestamp,
}

/** An artefact without what is in it. */
export const artefactInfo = z.strictObject(artefact)
export type ArtefactInfo = z.infer<typeof artefactInfo>

/** `GET /api/v1/artefacts/{artefact_id}`. */
export const artefactShown = z.strictObject({
  ...artefact,
  data,
  /** To artefacts that the reader may read. */
  links: z.array(z.strictObject({ field: z.string(), id, kind: z.string(), title: z.string() })),
})
export type ArtefactShown = z.infer<typeof artefactShown>

/** `GET /api/v1/artefacts`, newest first. */
export const artefacts = z.strictObject({ artefacts: z.array(artefactInfo).max(LIST_LIMIT_MAX), total: count })
export type Artefacts = z.infer<typeof artefacts>

const which = {
  kind: z.string().max(100).optional(),
  conversation: integer.optional(),
  /** All that were made in a room, instead of one's own: as `room_id` in frames. */
  room: z.string().min(1).max(1_000).optional(),
}
const paged = { offset: integer.optional().default(0), limit: clamped(ROOMS_LIMIT_DEFAULT) }

/** The query of `GET /api/v1/artefacts`. A limit is clamped. */
export const artefactsQuery = z.object({ ...which, ...paged })
export type ArtefactsQuery = z.output<typeof artefactsQuery>

/** The query of `GET /api/v1/artefacts/{artefact_id}`. */
export const artefactQuery = z.object({ version: integer.optional() })
export type ArtefactQuery = z.output<typeof artefactQuery>

/** `PATCH /api/v1/artefacts/{artefact_id}`: a JSON merge patch (RFC 7396) of the data, of the version that is expected, if any is. */
export const changeArtefactBody = z.object({ data, expected_version: place.nullish() })
export type ChangeArtefactBody = z.infer<typeof changeArtefactBody>

/** The query of `GET /api/v1/artefacts/{artefact_id}/versions`. */
export const versionsQuery = z.object(paged)
export type VersionsQuery = z.output<typeof versionsQuery>

/** A version of an artefact, and who made it: its owner, or an agent. Null where that is forgotten. */
export const artefactVersion = z.strictObject({
  version: place,
  title: z.string(),
  changed_by: person.nullable(),
  changed_at: timestamp,
})
export type ArtefactVersion = z.infer<typeof artefactVersion>

/** `GET /api/v1/artefacts/{artefact_id}/versions`, latest first. */
export const artefactVersions = z.strictObject({
  versions: z.array(artefactVersion).max(LIST_LIMIT_MAX),
  total: count,
})
export type ArtefactVersions = z.infer<typeof artefactVersions>

const format = z.enum(['markdown', 'json', 'epub']).optional().default('markdown')

/** The query of `GET /api/v1/artefacts/{artefact_id}/export`. */
export const exportQuery = z.object({ format })
export type ExportQuery = z.output<typeof exportQuery>

/** The query of `GET /api/v1/artefacts/export`. */
export const exportListQuery = z.object({ ...which, format })
export type ExportListQuery = z.output<typeof exportListQuery>
