import { randomUUID } from 'node:crypto'
import type { Artefact } from '../src/core/artefact.ts'
import type { Core } from '../src/core/core.ts'
import type { MessageId, RunId, UserId } from '../src/core/ids.ts'
import type { JsonObject } from '../src/core/json.ts'
import type { Room } from '../src/core/room.ts'
import type { Run } from '../src/core/run.ts'
import type { User } from '../src/core/user.ts'
import { readArtefactKinds, TEAMS } from '../src/start/artefact-kinds.ts'

/** What the teams that come with Parley make. */
export const artefactKinds = readArtefactKinds(TEAMS)

/** A run of some agent that answers `asker` in a room. */
export function runIn(core: Core, asker: User, room: Room, conversation = room.conversation): Run {
  const options = { model: null, systemPrompt: null, temperature: null, maxTokens: null }
  return {
    ...{ id: randomUUID() as string as RunId, room: room.id, conversation, options, clientId: null },
    ...{ agent: randomUUID() as string as UserId, asker: asker.id, question: randomUUID() as string as MessageId },
    ...{ origin: null, startedAt: core.context.clock.now(), end: null },
  }
}

export interface Saving {
  readonly kind?: string
  readonly team?: string
  readonly data?: JsonObject
  readonly id?: string
  readonly run?: Run
}

/** Has an agent save something for somebody: a plot, unless told otherwise. */
export function saveFor(core: Core, asker: User, room: Room, saving: Saving = {}): Promise<Artefact> {
  const { kind = 'plot', team = 'books', data = { title: 'Ash', plot: 'It burns.' }, id = null } = saving
  const { run = runIn(core, asker, room) } = saving
  return core.execute({ kind: 'operator' }, { type: 'artefact.save', run, team, kind, data, id })
}
