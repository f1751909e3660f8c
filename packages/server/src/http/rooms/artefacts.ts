import { done } from '@parley/protocol/rooms/accounts'
import {
  artefactKinds,
  artefactQuery,
  artefactShown,
  artefactsQuery,
  artefactVersions,
  changeArtefactBody,
  exportListQuery,
  exportQuery,
  artefacts as page,
  versionsQuery,
} from '@parley/protocol/rooms/level2/artefacts'
import { z } from 'zod'
import type { JsonObject } from '../../core/json.ts'
import { filterOf, infoOf, kindsOf, shownOf, versionOf } from '../../protocols/rooms/level2/artefacts.ts'
import { endpoint } from '../endpoint.ts'
import { fileOf } from './documents.ts'

const params = z.object({ artefact_id: z.string().meta({ description: 'UUID' }) })
const versionParams = params.extend({ version: z.string().meta({ description: 'From 1' }) })

export const artefacts = [
  endpoint({
    method: 'GET',
    path: '/api/v1/artefacts',
    summary: "What agents saved for the caller, or for anybody in a room of the caller's, newest first",
    auth: 'user',
    query: artefactsQuery,
    status: 200,
    answer: page,
    refuses: ['room_unknown', 'not_member'],
    run: async ({ core, actor, query: { limit, offset, ...which } }) => {
      const command = { type: 'artefact.list', limit, offset, ...filterOf(which) } as const
      const { items, total } = await core.execute(actor, command)
      return { artefacts: items.map(infoOf), total }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/artefacts/kinds',
    summary: 'What agents can save, with the schemas of it',
    auth: 'user',
    status: 200,
    answer: artefactKinds,
    run: async ({ core, actor }) => kindsOf(await core.execute(actor, { type: 'artefact.kinds' })),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/artefacts/export',
    summary: 'One document of all artefacts that the list with the same query has, in the order of their kinds',
    auth: 'user',
    query: exportListQuery,
    status: 200,
    answer: 'bytes',
    refuses: ['artefact_unknown', 'room_unknown', 'not_member', 'export_too_large', 'range_unsatisfiable'],
    words: ({ code }) => (code === 'artefact_unknown' ? 'There are no such artefacts' : undefined),
    run: async ({ core, actor, query: { format, ...which } }) =>
      fileOf(await core.execute(actor, { type: 'artefact.export', of: filterOf(which) }), format),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/artefacts/{artefact_id}',
    summary:
      'An artefact, for its owner and who may read the room it was made in; an older version of it for its owner',
    auth: 'user',
    params,
    query: artefactQuery,
    status: 200,
    answer: artefactShown,
    refuses: ['artefact_unknown', 'version_unknown', 'not_owner'],
    run: async ({ core, actor, params: { artefact_id: id }, query: { version = null } }) =>
      shownOf(await core.execute(actor, { type: 'artefact.show', id, version })),
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/v1/artefacts/{artefact_id}',
    summary: 'Change fields of an artefact, for its owner; null takes one away. The version before is kept',
    auth: 'user',
    params,
    body: changeArtefactBody,
    status: 200,
    answer: artefactShown,
    refuses: ['artefact_unknown', 'not_owner', 'version_conflict', 'storage_insufficient'],
    run: async ({ core, actor, params: { artefact_id: id }, body: { data, expected_version: expected = null } }) => {
      const patch = data as JsonObject // a body is JSON
      return shownOf(await core.execute(actor, { type: 'artefact.change', id, patch, expected }))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/artefacts/{artefact_id}',
    summary: 'Delete an artefact with all its versions, for its owner',
    auth: 'user',
    params,
    status: 200,
    answer: done,
    refuses: ['artefact_unknown', 'not_owner'],
    run: async ({ core, actor, params: { artefact_id: id } }) => {
      await core.execute(actor, { type: 'artefact.delete', id })
      return { message: 'Artefact deleted' }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/artefacts/{artefact_id}/versions',
    summary: 'The versions of an artefact, latest first, and who made them, for its owner',
    auth: 'user',
    params,
    query: versionsQuery,
    status: 200,
    answer: artefactVersions,
    refuses: ['artefact_unknown', 'not_owner'],
    run: async ({ core, actor, params: { artefact_id: id }, query }) => {
      const { items, total } = await core.execute(actor, { type: 'artefact.versions', id, ...query })
      return { versions: items.map(versionOf), total }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/artefacts/{artefact_id}/versions/{version}/restore',
    summary: 'Make an older version of an artefact its next one, for its owner',
    auth: 'user',
    params: versionParams,
    status: 200,
    answer: artefactShown,
    refuses: [
      'artefact_unknown',
      'version_unknown',
      'not_owner',
      'artefact_invalid',
      'version_conflict',
      'storage_insufficient',
    ],
    run: async ({ core, actor, params: { artefact_id: id, version } }) =>
      shownOf(await core.execute(actor, { type: 'artefact.restore', id, version: numberOf(version) })),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/artefacts/{artefact_id}/export',
    summary: 'One document of an artefact and what it links to',
    auth: 'user',
    params,
    query: exportQuery,
    status: 200,
    answer: 'bytes',
    refuses: ['artefact_unknown', 'export_too_large', 'range_unsatisfiable'],
    run: async ({ core, actor, params: { artefact_id: id }, query: { format } }) =>
      fileOf(await core.execute(actor, { type: 'artefact.export', of: { id } }), format),
  }),
]

/** 0, which no version has, for what is no number. */
const numberOf = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0)
