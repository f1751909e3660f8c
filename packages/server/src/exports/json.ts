import type { ExportedArtefacts } from '../core/commands/artefact-exports.ts'

/** The document as JSON: everything as it is stored. */
export function jsonOf({ title, creators, parts }: ExportedArtefacts): string {
  const artefacts = parts.map(
    ({ artefact: { id, team, kind, title, version, createdAt, changedAt, data }, links }) => ({
      ...{ id, team, kind, title, version },
      ...{ created_at: new Date(createdAt).toISOString(), changed_at: new Date(changedAt).toISOString() },
      data,
      links: links.map(({ field, to }) => ({ field, id: to.id, kind: to.kind, title: to.title })),
    }),
  )
  return `${JSON.stringify({ title, creators, artefacts }, null, 2)}\n`
}
