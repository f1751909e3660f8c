import * as editing from '../screen/editor.ts'
import * as paper from '../screen/paper.ts'
import { note } from '../screen/paper.ts'
import { safe, safeLine } from '../text/safe.ts'
import { complete, type Names } from './complete.ts'
import type { Happening, Listed, Place } from './happening.ts'
import { dayOf, leadOf, messageOf, remark, rule } from './phrase.ts'

type Transfer = Extract<Happening, { readonly type: 'transfer' }>
type Connection = Extract<Happening, { readonly type: 'connection' }>

/** All that the interactive room mode shows. A value: every function here answers another one. */
export interface App {
  readonly paper: paper.Paper
  readonly editor: editing.Editor
  readonly place: Place | undefined
  /** Our user id. */
  readonly me: string
  /** The last message printed, by ordinal, and the day it is of; today before the first. */
  readonly last: number
  readonly day: string
  readonly today: string
  readonly connection: Connection | undefined
  readonly typing: readonly string[]
  readonly rooms: readonly Listed[]
  /** Ours that are under way. */
  readonly pending: readonly { readonly client_id: string; readonly text: string }[]
  readonly transfers: readonly Transfer[]
  /** Said until the next key. */
  readonly hint: string
  readonly people: readonly string[]
  readonly shared: readonly string[]
}

/** `today` is the day here. */
export const start = (today: string): App => ({
  paper: paper.BLANK,
  editor: editing.EMPTY_EDITOR,
  place: undefined,
  me: '',
  last: 0,
  day: today,
  today,
  connection: undefined,
  typing: [],
  rooms: [],
  pending: [],
  transfers: [],
  hint: '',
  people: [],
  shared: [],
})

/** What becomes of it when something happens. */
export function hear(app: App, happening: Happening): App {
  switch (happening.type) {
    case 'connection':
      return { ...app, connection: happening }
    case 'signed_in':
      return { ...app, me: happening.user_id }
    case 'unread':
      return { ...app, rooms: happening.rooms }
    case 'transfer':
      return { ...app, transfers: [...without(app.transfers, happening), happening] }
    case 'transferred':
      return remarked({ ...app, transfers: without(app.transfers, happening) }, happening)
    case 'sending':
      return { ...app, pending: [...app.pending, { client_id: happening.client_id, text: happening.text }] }
    case 'refused':
      return remarked(settled(app, happening.client_id), happening)
    case 'sent':
      return settled(app, happening.client_id)
    case 'entered':
      return entered(app, happening)
    case 'message':
      return heard(app, happening)
    default:
      return isHere(app, happening) ? hearHere(app, happening) : app
  }
}

/** Whether it is of the room that is shown, or of none. */
const isHere = ({ place }: App, happening: Happening): boolean =>
  !('room_id' in happening) || happening.room_id === place?.room_id

function hearHere(app: App, happening: Happening): App {
  switch (happening.type) {
    case 'typing':
      return { ...app, typing: happening.people }
    case 'run': {
      const lead = leadOf(happening.started_at, happening.agent)
      return { ...app, paper: paper.begin(app.paper, happening.run_id, lead, paper.HANG) }
    }
    case 'run_text':
      return { ...app, paper: paper.grow(app.paper, happening.run_id, safe(happening.text)) }
    case 'run_note':
      return { ...app, paper: paper.addBefore(app.paper, happening.run_id, note(safeLine(happening.text))) }
    case 'run_end':
      return remarked({ ...app, paper: paper.finish(app.paper, happening.run_id, null) }, happening)
    case 'changed':
      return remarked({ ...app, place: happening }, happening)
    case 'joined':
      return remarked(known(app, happening.username), happening)
    case 'members':
    case 'who':
      return remarked(known(app, ...happening.people.map(({ username }) => username)), happening)
    case 'file':
      return remarked({ ...app, shared: [...app.shared, safeLine(happening.file.file_name)] }, happening)
    case 'history':
      return older(app, happening)
    default:
      return remarked(app, happening)
  }
}

const remarked = (app: App, happening: Happening): App => ({
  ...app,
  paper: paper.add(app.paper, ...remark(happening)),
})

const settled = (app: App, clientId: string): App => ({
  ...app,
  pending: app.pending.filter(({ client_id }) => client_id !== clientId),
})

const without = (transfers: readonly Transfer[], { direction, name }: Pick<Transfer, 'direction' | 'name'>) =>
  transfers.filter(one => one.direction !== direction || one.name !== name)

const PEOPLE_MAX = 500

function known(app: App, ...names: readonly string[]): App {
  const unknown = names.map(safeLine).filter(name => !app.people.includes(name))
  return unknown.length === 0 ? app : { ...app, people: [...unknown, ...app.people].slice(0, PEOPLE_MAX) }
}

type Entered = Extract<Happening, { readonly type: 'entered' }>
type Message = Extract<Happening, { readonly type: 'message' }>

function entered(app: App, happening: Entered): App {
  const { room_id, name, messages, read_to, unread } = happening
  const left = paper.finishAll(app.paper)
  const isSame = app.place?.room_id === room_id
  const head = isSame ? left : paper.add(left, rule(safeLine(name)))
  const fresh = isSame ? {} : { last: 0, day: app.today, typing: [], shared: [], pending: [] }
  let now: App = { ...app, ...fresh, paper: head, place: { room_id, name } }
  let isMarked = unread === 0
  for (const message of messages) {
    if (!isMarked && message.ordinal > read_to) {
      now = { ...now, paper: paper.add(now.paper, rule(`${unread} unread`)) }
      isMarked = true
    }
    now = heard(now, { type: 'message', room_id, name, own: false, mention: false, message })
  }
  return now
}

/** A message, once: what the newest ones had already is not said again. */
function heard(app: App, happening: Message): App {
  const { message, room_id } = happening
  if (room_id !== app.place?.room_id) return elsewhere(app, happening)
  if (message.ordinal <= app.last) return app
  const told = known(settled({ ...app, last: message.ordinal }, message.client_id ?? ''), message.username)
  if (message.run && paper.isOpen(told.paper, message.run.run_id))
    return { ...told, paper: paper.finish(told.paper, message.run.run_id, safe(message.content)) }
  const day = dayOf(message.timestamp)
  const date = day === app.day ? [] : [rule(day)]
  const is = { own: message.user_id === app.me, mention: happening.mention }
  return { ...told, day, paper: paper.add(told.paper, ...date, messageOf(message, is)) }
}

/** What names us is said wherever we are; the rest is counted. */
function elsewhere(app: App, { mention, name, message }: Message): App {
  if (!mention) return app
  const where = message.username === name ? name : `${message.username} in ${name}`
  const lead = leadOf(message.timestamp, where, { mention })
  return { ...app, paper: paper.add(app.paper, paper.said(lead, safe(message.content))) }
}

function older(app: App, { messages, more_before }: Extract<Happening, { readonly type: 'history' }>): App {
  const told = messages.map(message => messageOf(message, { own: message.user_id === app.me, mention: false }))
  const title = messages.length === 0 ? 'There is nothing older' : more_before ? 'Older messages' : 'From the beginning'
  return { ...app, paper: paper.add(app.paper, rule(title), ...told, ...(told.length > 0 ? [rule('Now')] : [])) }
}

/** What Tab does. */
export function completed(app: App, names: Pick<Names, 'files'>): App {
  const { text, cursor } = app.editor
  const rooms = app.rooms.map(({ room_id, name, type }) => (type === 'direct' ? name : room_id))
  const found = complete(text, cursor, { rooms, people: app.people, shared: app.shared, ...names })
  if (!found) return app
  return {
    ...app,
    editor: { ...app.editor, text: found.text, cursor: found.cursor },
    hint: safeLine(found.choices.join('  ')),
  }
}
