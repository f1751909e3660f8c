import type { Approval, SentMessage } from '@parley/client/chat'
import { HANG, note, said } from '../screen/paper.ts'
import { type Line, span } from '../text/line.ts'
import { safe, safeLine } from '../text/safe.ts'
import type { Paragraph } from '../text/wrap.ts'
import type { Happening, Listed } from './happening.ts'

/** The hour and minute here. */
export function clockOf(timestamp: string): string {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? '--:--' : [date.getHours(), date.getMinutes()].map(two).join(':')
}

/** The day here: `2026-11-25`. */
export function dayOf(timestamp: string): string {
  const date = new Date(timestamp)
  if (Number.isNaN(date.getTime())) return ''
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-')
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Who says something when: `14:02 bob: `. A star marks what names us. */
export function leadOf(
  timestamp: string,
  name: string,
  is: { readonly own?: boolean; readonly mention?: boolean } = {},
): Line {
  const tone = is.mention ? 'mention' : is.own ? 'own' : 'name'
  return [span(clockOf(timestamp), 'dim'), span(is.mention ? '*' : ' ', tone), span(safeLine(name), tone), span(': ')]
}

export function messageOf(message: SentMessage, is: { readonly own: boolean; readonly mention: boolean }): Paragraph {
  const lead = leadOf(message.timestamp, message.username, is)
  const answer: Line = message.reply_to === null || message.run ? [] : [span('(reply) ', 'dim')]
  const changed: Line = message.edited_at === null ? [] : [span('(changed) ', 'dim')]
  return { ...said([...lead, ...answer, ...changed], safe(message.content)), hang: HANG }
}

export const rule = (text: string): Paragraph => note(`── ${text} ──`)

/** `3 members`, `1 member`. */
const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`

function listed({ name, room_id, type, unread, mentions, members }: Listed): string {
  const id = name === room_id || type === 'direct' || type === 'conversation' ? '' : ` (${safeLine(room_id)})`
  const kind = type === 'direct' ? 'direct' : type === 'conversation' ? 'conversation' : count(members, 'member')
  const news = unread > 0 ? `, ${unread} unread${mentions > 0 ? ', you are mentioned' : ''}` : ''
  return `${mentions > 0 ? '* ' : '  '}${safeLine(name)}${id}: ${kind}${news}`
}

const WHY: Readonly<Record<Approval['why'], string>> = {
  write: 'it changes something',
  show: 'it works with what is yours alone, and others would read what comes of it',
}

function wanted({ approval, agent, tool, room_id, why, expires_at, ...of }: Approval): Paragraph {
  const what = `${safeLine(agent.username)} wants to use ${safeLine(tool)} with ${argumentsOf(of.arguments)}`
  const where = `in ${safeLine(room_id)} (${WHY[why]}), until ${clockOf(expires_at)}`
  return note(`  ${safeLine(approval)}: ${what} ${where}`, 'plain')
}

/** What a tool is given, on one line. */
export const argumentsOf = (given: unknown): string => safeLine(JSON.stringify(given))

const UNITS = ['B', 'kB', 'MB', 'GB'] as const

/** `1.2 MB`. */
export function bytes(size: number): string {
  const power = size < 1_000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), UNITS.length - 1)
  return `${power === 0 ? size : (size / 1_000 ** power).toFixed(1)} ${UNITS[power]}`
}

/** What is said of a happening that is neither a message nor part of an answer. Empty where nothing is. */
export function remark(happening: Happening): readonly Paragraph[] {
  switch (happening.type) {
    case 'left_room':
      return [rule(`You are no longer in ${safeLine(happening.name)}`)]
    case 'edited': {
      const { username, content, timestamp } = happening.message
      return [said([...leadOf(timestamp, username).slice(0, -1), span(' changed: ', 'dim')], safe(content))]
    }
    case 'deleted':
      return [note(`Message ${happening.ordinal} was deleted.`)]
    case 'joined':
    case 'left':
      return [note(`${safeLine(happening.username)} ${happening.type}.`)]
    case 'changed':
      return [note(`The room is called ${safeLine(happening.name)} now${happening.closed ? ', and is closed' : ''}.`)]
    case 'file': {
      const { file_name, file_size, username } = happening.file
      return [note(`${safeLine(username)} sent the file ${safeLine(file_name)} (${bytes(file_size)}).`)]
    }
    case 'reset':
      return [rule('Too much was missed; what follows is the newest')]
    case 'run_end':
      return happening.state === 'completed' ? [] : [ending(happening)]
    case 'refused':
      return [note(`Not sent (${safeLine(happening.error)}): ${safe(happening.text)}`, 'error')]
    case 'transferred':
      return [transferred(happening)]
    case 'rooms':
      return happening.rooms.length === 0
        ? [note('None.')]
        : happening.rooms.map(room => note(listed(room), room.mentions > 0 ? 'mention' : 'plain'))
    case 'approvals':
      return happening.approvals.length === 0 ? [note('None.')] : happening.approvals.map(wanted)
    case 'members':
      return [note(`${happening.people.map(({ username }) => safeLine(username)).join(', ')}.`, 'plain')]
    case 'who':
      return happening.people.map(({ username, status, text }) =>
        note(`  ${safeLine(username)}: ${safeLine(status)}${text ? `, ${safeLine(text)}` : ''}`, 'plain'),
      )
    case 'found':
      return found(happening)
    case 'invitation':
      return [
        note('Whoever has an account comes in with /accept and this, line breaks or not:'),
        { lead: [], hang: 0, text: safeLine(happening.token) },
        note(`It works until ${dayOf(happening.expires_at)} ${clockOf(happening.expires_at)}.`),
      ]
    case 'notice':
      return [note(safe(happening.text))]
    case 'error':
      return [note(safe(happening.error), 'error')]
    default:
      return []
  }
}

function found({ results, text, more }: Extract<Happening, { readonly type: 'found' }>): readonly Paragraph[] {
  const title = results.length === 0 ? (more ? 'Nothing yet' : 'Nothing found') : 'Found'
  const end = more ? [rule('/search shows older ones')] : []
  return [rule(`${title}: ${safeLine(text)}`), ...results.map(foundOne), ...end]
}

type Found = Extract<Happening, { readonly type: 'found' }>['results'][number]

/** `2026-11-25 14:02 kitchen, bob: ` and the text around the hits. */
function foundOne({ name, message, excerpt, hits }: Found): Paragraph {
  const { timestamp, username } = message
  const when = span(`${dayOf(timestamp)} ${clockOf(timestamp)} `, 'dim')
  const who = message.username === name ? [] : [span(', '), span(safeLine(username), 'name')]
  return { ...said([when, span(safeLine(name)), ...who, span(': ')], ''), ...safeExcerpt(excerpt, hits), hang: HANG }
}

/** A terminal may have it as longer or shorter; the hits move along. */
function safeExcerpt(excerpt: string, hits: Found['hits']): Pick<Paragraph, 'text' | 'hits'> {
  const cuts = [0, ...hits.flat(), excerpt.length]
  const parts = cuts.slice(1).map((end, part) => safeLine(excerpt.slice(cuts[part], end)))
  const ends = parts.map((_, part) => parts.slice(0, part + 1).join('').length)
  return {
    text: parts.join(''),
    hits: hits.map((_, index) => [ends[2 * index] ?? 0, ends[2 * index + 1] ?? 0] as const),
  }
}

function ending({ state, error }: Extract<Happening, { readonly type: 'run_end' }>): Paragraph {
  switch (state) {
    case 'cancelled':
      return note('The answer was stopped.')
    case 'interrupted':
      return note('The answer was cut off: the server went down. /continue has it go on.', 'error')
    default:
      return note(`The answer failed${error ? `: ${safeLine(error)}` : '.'}`, 'error')
  }
}

function transferred({ direction, name, outcome, where }: Extract<Happening, { readonly type: 'transferred' }>) {
  const what = `${direction === 'upload' ? 'Upload' : 'Download'} of ${safeLine(name)}`
  switch (outcome) {
    case 'done':
      return note(direction === 'download' ? `${what}: saved as ${safeLine(where ?? '')}.` : `${what}: done.`)
    case 'cancelled':
      return note(`${what}: stopped.`)
    case 'failed':
      return note(`${what}: failed.`, 'error')
    default:
      return outcome satisfies never
  }
}
