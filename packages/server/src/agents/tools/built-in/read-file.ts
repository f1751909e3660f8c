import type { StoredFile } from '../../../core/file.ts'
import { fileId } from '../../../core/ids.ts'
import { hasOthers } from '../../../core/room.ts'
import type { Json, Tool, ToolCall } from '../tool.ts'
import { askerOf, inWords, type LateCore } from './acting.ts'

/** Bytes of a text that are read; of a longer one the beginning. */
const TEXT_MAX = 100_000

/** Reads a file that was sent. */
export const readFile = (core: LateCore): Tool => ({
  name: 'read_file',
  description:
    'Reads a file that was sent to this room, by its name or id: the text of one that is text, of another what it is. Alone with ' +
    'whoever asks, by its id, any file that they may read.',
  parameters: {
    type: 'object',
    properties: { file: { type: 'string', description: 'Name or id.', minLength: 1, maxLength: 255 } },
    required: ['file'],
    additionalProperties: false,
  },
  effect: 'read',
  isPersonal: false,
  timeLimit: 10_000,
  run: async ({ file }, call) => contentOf(core, await fileOf(core, String(file), call)),
})

async function fileOf(core: LateCore, ref: string, { question }: ToolCall): Promise<StoredFile> {
  const asker = await askerOf(core, question)
  const { room } = question
  const sharedIn = hasOthers(room) ? room.id : null
  return inWords(() =>
    fileId(ref)
      ? core().execute(asker, { type: 'file.show', id: ref, sharedIn })
      : core().execute(asker, { type: 'file.named', name: ref, room: room.id, sharedIn }),
  )
}

async function contentOf(core: LateCore, { id, name, size, mimeType, sniffed }: StoredFile): Promise<Json> {
  const about = { name, size, type: mimeType }
  // Its bytes decide, whatever it is called: text of every type looks like text.
  if (!sniffed?.startsWith('text/')) return about
  const bytes = core().context.files.read(id, { start: 0, end: Math.min(size, TEXT_MAX) - 1 })
  return { ...about, text: await new Response(bytes).text(), ...(size > TEXT_MAX && { is_cut: true }) }
}
