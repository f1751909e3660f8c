import type { SearchInput } from '../../../core/commands/search.ts'
import type { ShownMessage } from '../../../core/message.ts'
import type { Question } from '../../../core/ports/agents.ts'
import type { Room } from '../../../core/room.ts'
import { askerOf, inWords, type LateCore } from './acting.ts'

/** What the asker looks for. Where it is told is not theirs to say. */
export type Wanted = Omit<SearchInput, 'sharedIn'>

/**
 * What the asker may read of that, newest first, without the question itself; where others listen, only what all of them may read.
 * Throws ToolFailed.
 */
export async function findFor(core: LateCore, question: Question, wanted: Wanted) {
  const asker = await askerOf(core, question)
  const search = { type: 'search.messages', ...wanted, sharedIn: question.room.id } as const
  const { items, next } = await inWords(() => core().execute(asker, search))
  return { items: items.filter(({ message }) => message.id !== question.message.id), next }
}

/** What people call a room, on one line; those without a name by who is in them. */
export function nameOfRoom({ kind, name }: Pick<Room, 'kind' | 'name'>, people: readonly string[]): string {
  if (kind === 'direct') return `direct: ${people.join(' and ')}`
  return name === '' ? kind : name.replaceAll(/\s+/g, ' ')
}

/** Who said it, and to whom in a direct room. */
export const peopleOf = ({ sender, recipient }: Pick<ShownMessage, 'sender' | 'recipient'>): readonly string[] => [
  ...new Set([sender, ...(recipient ? [recipient] : [])].map(({ name }) => name)),
]
