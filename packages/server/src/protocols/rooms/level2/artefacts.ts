import type {
  ArtefactInfo,
  ArtefactKinds,
  ArtefactShown,
  ArtefactVersion,
} from '@parley/protocol/rooms/level2/artefacts'
import type { ArtefactVersion as Version } from '../../../core/artefact.ts'
import type { ListedArtefact, ShownArtefact } from '../../../core/commands/artefact-reading.ts'
import type { ArtefactFilter } from '../../../core/commands/artefacts.ts'
import type { ArtefactKinds as Kinds } from '../../../core/ports/artefact-kinds.ts'
import type { User } from '../../../core/user.ts'
import { timestamp } from '../../timestamp.ts'
import { nameOf, person } from '../shapes.ts'
import { refOf } from './shapes.ts'

interface Which {
  readonly room?: string | undefined
  readonly kind?: string | undefined
  readonly conversation?: number | undefined
}

export const filterOf = ({ room, kind, conversation }: Which): ArtefactFilter => ({
  room: room === undefined ? null : refOf(room),
  kind: kind ?? null,
  conversation: conversation ?? null,
})

export const kindsOf = ({ teams }: Kinds): ArtefactKinds => ({
  kinds: teams.flatMap(({ team, kinds }) =>
    kinds.map(({ kind, title, description, titleField, saveTool, links, schema }) => ({
      ...{ team, kind, title, description },
      ...{ title_field: titleField, save_tool: saveTool, links: { ...links }, schema: { ...schema } },
    })),
  ),
})

export const infoOf = ({ artefact, owner, room }: ListedArtefact): ArtefactInfo => ({
  ...{ id: artefact.id, team: artefact.team, kind: artefact.kind, title: artefact.title, version: artefact.version },
  owner: person(owner),
  room: room?.id ?? null,
  room_id: room && nameOf(room),
  conversation_id: artefact.conversation,
  run_id: artefact.run,
  created_at: timestamp(artefact.createdAt),
  changed_at: timestamp(artefact.changedAt),
})

export const shownOf = (shown: ShownArtefact): ArtefactShown => ({
  ...infoOf(shown),
  data: { ...shown.artefact.data },
  links: shown.links.map(({ field, to: { id, kind, title } }) => ({ field, id, kind, title })),
})

export const versionOf = ({ version, title, at, user }: Version & { readonly user: User | null }): ArtefactVersion => ({
  ...{ version, title },
  changed_by: user && person(user),
  changed_at: timestamp(at),
})
