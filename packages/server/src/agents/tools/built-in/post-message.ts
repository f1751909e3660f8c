import type { Place } from '../../../core/commands/targets.ts'
import { isUuid, type RoomId } from '../../../core/ids.ts'
import type { RoomRef } from '../../../core/places.ts'
import type { SignedIn } from '../../../core/user.ts'
import type { Tool } from '../tool.ts'
import { askerOf, inWords, type LateCore } from './acting.ts'

/**
 * Says something in the asker's name, once they approved the very words. Where it goes is always an argument: it may be approved in
 * another room than it was asked for in. No agent answers it, so that a text can't set anything else off.
 */
export const postMessage = (core: LateCore): Tool => ({
  name: 'post_message',
  description:
    'Posts a message in the name of whoever asks, to a room that they are in or to a person, after they approved the exact text.',
  parameters: {
    type: 'object',
    properties: {
      to: {
        type: 'string',
        description: 'Label or id of a room, `lobby`, or `@` and the name of a person.',
        minLength: 1,
      },
      text: { type: 'string', minLength: 1, maxLength: 5_000 },
    },
    required: ['to', 'text'],
    additionalProperties: false,
  },
  effect: 'write',
  isPersonal: false,
  timeLimit: 10_000,
  async run({ to, text }, { question }) {
    const asker = await askerOf(core, question)
    return inWords(async () => {
      const place = await placeOf(core, asker, String(to))
      const sent = await core().execute(asker, {
        type: 'message.send',
        to: place,
        body: String(text),
        isUnanswered: true,
      })
      return { posted: true, message: sent.message.id, room: sent.room.label ?? sent.room.id }
    })
  },
})

/** Sending to a room would bring somebody into it; here they have to be in it. */
async function placeOf(core: LateCore, asker: SignedIn, to: string): Promise<Place> {
  if (to.startsWith('@')) return { at: 'direct', name: to.slice(1) }
  const labelled: RoomRef = { by: 'label', label: to }
  const ref: RoomRef = isUuid(to) && !(await isOwn(core, asker, labelled)) ? { by: 'id', id: to as RoomId } : labelled // a UUID is written like an id
  await core().execute(asker, { type: 'room.view', ref })
  return { at: 'room', ref, unknown: 'refuse' }
}

const isOwn = (core: LateCore, asker: SignedIn, ref: RoomRef): Promise<boolean> =>
  core()
    .execute(asker, { type: 'room.view', ref })
    .then(
      () => true,
      () => false,
    )
