import { type AckedMessage, type History, keyOf } from '../history.ts'
import type { MessageRow } from '../snapshot.ts'
import type { Index } from './index.ts'
import type { Violation } from './violation.ts'

/** DUR-1: what was acknowledged is there, as it was acknowledged. */
export function acknowledgedMessages(history: History, index: Index): Violation[] {
  return [...history.messages.values()].flatMap(acked => {
    const stored = index.messages.get(acked.id)
    const wrong = stored ? differences(acked, stored, index) : ['is missing']
    return wrong.map(what => ({
      rule: 'DUR-1',
      what: `acknowledged message ${acked.id} (${keyOf(acked.body)}) ${what}`,
    }))
  })
}

function differences(acked: AckedMessage, stored: MessageRow, index: Index): string[] {
  const texts = [acked.text, ...acked.unansweredEdits]
  const place = placeOf(stored, index)
  return [
    index.nameOf.get(stored.sender) === acked.sender
      ? ''
      : `is by ${index.nameOf.get(stored.sender)}, not ${acked.sender}`,
    place === acked.to ? '' : `is in the place ${place}, not ${acked.to}`,
    stored.deleted || texts.includes(stored.body) ? '' : `has the text ${JSON.stringify(stored.body.slice(0, 50))}`,
    stored.deleted && acked.deletion === 'none' ? 'is deleted, which nobody asked for' : '',
    !stored.deleted && acked.deletion === 'acknowledged' ? 'is there again after its deletion' : '',
  ].filter(what => what !== '')
}

/** The other user in a direct room; null in the lobby. */
function placeOf({ room, sender }: MessageRow, index: Index): string | null | undefined {
  const { pair } = index.rooms.get(room) ?? {}
  return pair ? index.nameOf.get(pair[0] === sender ? pair[1] : pair[0]) : null
}

/** DUR-2: nothing is there twice, and nothing that nobody sent. */
export function noMessageTwice(history: History, { snapshot }: Index): Violation[] {
  const alive = snapshot.messages.filter(message => !message.deleted)
  return [...Map.groupBy(alive, message => keyOf(message.body))].flatMap(([key, found]): Violation[] => {
    if (!history.sent.has(key)) return [{ rule: 'DUR-2', what: `message ${found[0]?.id} (${key}) was sent by nobody` }]
    return found.length === 1 ? [] : [{ rule: 'DUR-2', what: `message ${key} is there ${found.length} times` }]
  })
}
