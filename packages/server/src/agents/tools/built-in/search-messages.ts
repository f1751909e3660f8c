import { type JsonObject, type Tool, ToolFailed } from '../tool.ts'
import type { LateCore } from './acting.ts'
import { findFor, nameOfRoom, peopleOf } from './messages.ts'

/** Messages that are found at once, unless fewer are asked for. */
const FOUND_MAX = 20

const TIME = 'A day such as 2026-12-24 (UTC), or a time in ISO 8601.'

/** Finds messages. */
export const searchMessages = (core: LateCore): Tool => ({
  name: 'search_messages',
  description:
    'Finds messages of this chat server with all of these words, newest first: of the rooms of whoever asks, or, where others ' +
    'listen, of rooms in which all of them are. A phrase goes in double quotes.',
  parameters: {
    type: 'object',
    properties: {
      words: { type: 'string', minLength: 1, maxLength: 200 },
      sender: { type: 'string', description: 'Only what somebody with this name said.', maxLength: 50 },
      from: { type: 'string', description: `Only from then on. ${TIME}`, maxLength: 40 },
      until: { type: 'string', description: `Only before then. ${TIME}`, maxLength: 40 },
      limit: { type: 'integer', minimum: 1, maximum: FOUND_MAX },
    },
    required: ['words'],
    additionalProperties: false,
  },
  effect: 'read',
  isPersonal: false,
  timeLimit: 10_000,
  async run({ words, sender = null, from = null, until = null, limit = FOUND_MAX }, { question }) {
    const { items, next } = await findFor(core, question, {
      text: String(words),
      sender: sender === null ? null : String(sender),
      from: timeOf(from, 'from'),
      until: timeOf(until, 'until'),
      limit: Number(limit),
    })
    return {
      messages: items.map(found => ({
        room: nameOfRoom(found.room, peopleOf(found)),
        sender: found.sender.name,
        at: new Date(found.message.at).toISOString(),
        excerpt: found.excerpt,
        message: found.message.id,
      })),
      has_more: next !== null,
    }
  },
})

function timeOf(text: JsonObject[string], of: string): number | null {
  if (text === null) return null
  const time = Date.parse(String(text))
  if (Number.isNaN(time)) throw new ToolFailed(`${of} is no time`)
  return time
}
