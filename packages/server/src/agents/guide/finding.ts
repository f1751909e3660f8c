import type { FoundMessage } from '../../core/commands/search.ts'
import type { Question } from '../../core/ports/agents.ts'
import { findFor, nameOfRoom, peopleOf } from '../tools/built-in/messages.ts'
import { minuteOf } from '../waiting.ts'
import { type GuideMeans, isCommand, sharedNote } from './means.ts'

/** Messages that are shown, and that are looked at for them, a page at a time. */
const SHOWN_MAX = 10
const PAGE = 20
const PAGES_MAX = 3

const NARROW = 'Narrow it down with from:NAME, since:2026-01-31 or until:2026-02-28.'
const WIDEN = 'All words have to be in one message; try fewer of them, or the beginning of the last one.'

interface Asked {
  readonly text: string
  readonly sender: string | null
  readonly from: number | null
  readonly until: number | null
}

/** What is found of `text`, in words. Throws ToolFailed. */
export async function foundText(text: string, question: Question, { core }: GuideMeans): Promise<string> {
  const asked = askedIn(text)
  if (asked.text === '') return `Tell me what to look for, such as: /search minutes budget\n${NARROW}`
  const found: FoundMessage[] = []
  let before: number | null = null
  let isMore = true
  for (let page = 0; page < PAGES_MAX && isMore && found.length < SHOWN_MAX; page++) {
    const { items, next } = await findFor(core, question, { ...asked, before, limit: PAGE })
    found.push(...items.filter(item => isTelling(item, question)))
    before = next
    isMore = next !== null
  }
  return toldOf(asked, found, isMore, question)
}

/** Questions to the guide and its answers have the words only because somebody looked for them. */
const isTelling = (found: FoundMessage, { run }: Question): boolean =>
  found.message.sender !== run.agent && !isCommand(found.message.body) && !isRequest(found)

/** Whether it asks an agent to look for something, by its name or alone with it. */
function isRequest({ message, room, recipient }: FoundMessage): boolean {
  const [asked, mention] = /^\s*(@\S+[\s,:]+)?(?:search for|find)\s/i.exec(message.body) ?? []
  const isAlone = room.kind === 'conversation' || recipient?.role === 'agent'
  return asked !== undefined && (mention !== undefined || isAlone)
}

function toldOf({ text }: Asked, found: readonly FoundMessage[], isMore: boolean, { room }: Question): string {
  const note = sharedNote(room)
  if (found.length === 0) return `Nothing found for “${text}”. ${WIDEN}${note}`
  const shown = found.slice(0, SHOWN_MAX)
  const head = `Messages with “${text}”, newest first, times in UTC:`
  const more = isMore || found.length > SHOWN_MAX ? `\nThere are more. ${NARROW}` : ''
  return `${head}\n${shown.map(lineOf).join('\n')}${more}${note}`
}

const lineOf = (found: FoundMessage): string =>
  `- ${found.sender.name} in ${nameOfRoom(found.room, peopleOf(found))}, ${minuteOf(found.message.at)}: ${found.excerpt}`

const FILTER = /(?:^|\s)(?:(from):(\S+)|(since|until):(\d{4}-\d{2}-\d{2}))(?=\s|$)/gi

function askedIn(text: string): Asked {
  const filters = new Map<string, string>()
  const words = text.replaceAll(FILTER, (_, from, name, when, day) => {
    filters.set(String(from ?? when).toLowerCase(), String(name ?? day))
    return ' '
  })
  const dayOf = (filter: string): number | null => {
    const time = Date.parse(filters.get(filter) ?? '')
    return Number.isNaN(time) ? null : time
  }
  return {
    text: words
      .replaceAll(/\s+/g, ' ')
      .replace(/[?!.]+$/, '')
      .trim(),
    ...{ sender: filters.get('from') ?? null, from: dayOf('since'), until: dayOf('until') },
  }
}
