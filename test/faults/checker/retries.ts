import { keyOf } from '../history.ts'
import type { MessageRow } from '../snapshot.ts'
import type { Violation } from './violation.ts'

/** What was answered to each message that a client named; nothing yet to one that was only asked for. */
export type Answers = ReadonlyMap<string, ReadonlySet<string>>

/** DUR-9: however often a message is sent again, it is there once, and each answer names that one. Names are keys of texts. */
export function repeatsAreOne(answers: Answers, messages: readonly MessageRow[]): Violation[] {
  const stored = Map.groupBy(messages, ({ body }) => keyOf(body))
  return [...answers].flatMap(([name, ids]) => {
    const found = stored.get(name) ?? []
    const others = [...ids].filter(id => id !== found[0]?.id)
    return [
      found.length > 1 ? `${name} is there ${found.length} times` : '',
      found.length === 0 && ids.size > 0 ? `${name} was acknowledged and is missing` : '',
      found.length > 0 && others.length > 0 ? `${name} is ${found[0]?.id}, but was answered with ${others}` : '',
    ]
      .filter(what => what !== '')
      .map((what): Violation => ({ rule: 'DUR-9', what }))
  })
}
