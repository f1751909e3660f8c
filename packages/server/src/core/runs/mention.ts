import { decisionOf } from '../approval.ts'
import { ASSISTANT, nameKey } from '../names.ts'
import type { Room } from '../room.ts'
import type { AskOptions } from '../run.ts'
import type { User } from '../user.ts'

/** What the assistant is called, whatever an operator has named it. */
const CALLED = [ASSISTANT, 'ai assistant']

/**
 * Whether `agent` answers a message in the room: in a direct room with it always, elsewhere as the room's rule says. Where that
 * is `mention`, a message with model options asks it too, and one that decides what it wants to do.
 */
export function answers(
  room: Room,
  text: string,
  options: AskOptions | null,
  agent: Pick<User, 'id' | 'name'>,
): boolean {
  if (room.kind === 'directory') return false
  if (room.kind === 'direct') return room.pair?.includes(agent.id) === true
  switch (room.assistant) {
    case 'always':
      return true
    case 'mention':
      return options !== null || isMentioned(text, agent.name) || decisionOf(text) !== undefined
    case 'off':
      return false
    default:
      return room.assistant satisfies never
  }
}

/** The first of these agents that a text mentions by its name, the assistant's other names aside. */
export function mentioned(text: string, agents: Iterable<User>): User | undefined {
  if (!hasMention(text)) return undefined
  const folded = nameKey(text)
  for (const agent of agents) if (isWordIn(folded, `@${nameKey(agent.name)}`)) return agent
  return undefined
}

/** Whether the text has `@` and the name, in any case, as a word of its own. */
function isMentioned(text: string, name: string): boolean {
  if (!hasMention(text)) return false
  const folded = nameKey(text)
  return [...CALLED, nameKey(name)].some(called => isWordIn(folded, `@${called}`))
}

/** Nearly every message has none. */
const hasMention = (text: string): boolean => text.includes('@') || text.includes('＠')

const WORD = /[\p{L}\p{N}\p{M}_]/u

function isWordIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const [before = '', after = ''] = [characterBefore(text, at), characterAt(text, at + word.length)]
    // An e-mail address is no mention, nor is a longer name.
    if (!WORD.test(before) && !WORD.test(after)) return true
  }
  return false
}

const characterAt = (text: string, at: number): string | undefined => {
  const point = text.codePointAt(at)
  return point === undefined ? undefined : String.fromCodePoint(point)
}

const characterBefore = (text: string, at: number): string | undefined =>
  [...text.slice(Math.max(0, at - 2), at)].at(-1)
