import type { Artefact } from '../../core/artefact.ts'
import type { ArtefactDraft } from '../../core/commands/artefact-changes.ts'
import { faultText } from '../../core/fields.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ArtefactKind, TeamArtefacts } from '../../core/ports/artefact-kinds.ts'
import { type Refusal, Refused } from '../../core/refusals.ts'
import { type Tool, ToolFailed, type ToolSource } from './tool.ts'

/** Has the core save what an agent made, for whoever asked: the command `artefact.save`. Rejects with Refused. */
export type SaveArtefact = (draft: ArtefactDraft) => Promise<Artefact>

/** Milliseconds: saving is one write, which may wait for others. */
const TIME_LIMIT = 10_000

/**
 * The tools with which a team saves what it makes, one for each of its kinds. The result has the id as `<kind>_id`; a call that gives
 * that back saves the next version.
 */
export function artefactTools({ team, kinds }: TeamArtefacts, save: SaveArtefact): ToolSource {
  const tools = kinds.map(kind => toolFor(team, kind, save))
  return { toolsFor: async () => tools }
}

function toolFor(team: string, kind: ArtefactKind, save: SaveArtefact): Tool {
  const idField = `${kind.kind}_id`
  return {
    name: kind.saveTool,
    description: kind.description,
    parameters: parametersOf(kind, idField),
    effect: 'own',
    isPersonal: false,
    timeLimit: TIME_LIMIT,
    async run({ [idField]: id = null, ...data }, { question, progress }) {
      progress(`Saving ${kind.title.toLowerCase()} to database...`, 0.5)
      const draft = { run: question.run, team, kind: kind.kind, data, id: id === null ? null : String(id) }
      const saved = await save(draft).catch(error => fail(error, kind))
      return { [idField]: saved.id, kind: saved.kind, id: saved.id, title: saved.title, version: saved.version }
    },
  }
}

function parametersOf({ kind, title, schema }: ArtefactKind, idField: string): JsonObject {
  const id = {
    type: 'string',
    description: `Only to save a ${kind} anew that was saved in this conversation: its ${idField}. Everything of it has to be given again.`,
    maxLength: 36,
  }
  const whole = { title, ...schema, properties: { ...schema.properties, [idField]: id } }
  return whole as unknown as JsonObject // schemas are read from JSON
}

function fail(error: unknown, kind: ArtefactKind): never {
  throw error instanceof Refused ? new ToolFailed(wordsOf(error.refusal, kind)) : error
}

/** For the model, which may try again, and for people. */
function wordsOf(refusal: Refusal, { kind }: ArtefactKind): string {
  switch (refusal.code) {
    case 'artefact_invalid':
      return `Not saved: ${faultText(refusal.faults)}`
    case 'artefact_unknown':
      return `Not saved: there is no such ${kind} of this conversation`
    case 'version_conflict':
      return 'Not saved: it was changed at this moment'
    case 'storage_insufficient':
      return 'Not saved: there is no room for more'
    default:
      return 'It could not be saved'
  }
}
