import { fileLink, fileQuery } from '@parley/protocol/rooms/files'
import { z } from 'zod'
import type { StoredFile } from '../../core/file.ts'
import { mayShow, servedType } from '../../core/file-types.ts'
import type { FileStore } from '../../core/ports/files.ts'
import { refuse } from '../../core/refusals.ts'
import { attachment } from '../attachment.ts'
import type { Bytes } from '../bytes.ts'
import { endpoint } from '../endpoint.ts'

const params = z.object({ file_id: z.string() })

export const files = [
  endpoint({
    method: 'GET',
    path: '/api/v1/files/{file_id}',
    summary: 'A file, or a part of it, for its sender, the members of its room, admins, and whoever has a link to it',
    auth: 'link',
    params,
    query: fileQuery,
    status: 200,
    answer: 'bytes',
    refuses: ['file_unknown', 'token_refused', 'range_unsatisfiable'],
    run: async ({ core, actor, params: { file_id: id }, query: { token, inline } }) => {
      const file =
        token === undefined
          ? await core.execute(actor, { type: 'file.show', id })
          : await core.execute(actor, { type: 'file.by_link', token })
      if (file.id !== id.toLowerCase()) refuse({ code: 'token_refused' })
      return served(core.context.files, file, inline === '1')
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/files/{file_id}/link',
    summary: 'A link to a file that works for five minutes, for whoever has it',
    auth: 'user',
    params,
    status: 200,
    answer: fileLink,
    refuses: ['file_unknown'],
    run: async ({ core, actor, params: { file_id: id } }) => {
      const { token, expiresIn } = await core.execute(actor, { type: 'file.link', id })
      return { url: `/api/v1/files/${id.toLowerCase()}?token=${token}`, expires_in: expiresIn }
    },
  }),
]

/** Shown in the page is only what it certainly is. */
function served(store: FileStore, file: StoredFile, wish: boolean): Bytes {
  const type = servedType(file)
  return {
    size: file.size,
    version: file.checksum,
    headers: attachment(
      type.startsWith('text/') ? `${type}; charset=utf-8` : type,
      file.name,
      wish && mayShow(type) ? 'inline' : 'attachment',
    ),
    read: part => store.read(file.id, part),
  }
}
