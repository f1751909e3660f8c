import { typed } from '../screen/input.ts'
import type { Live } from '../screen/painter.ts'
import * as paper from '../screen/paper.ts'
import { type Line, printed, span } from '../text/line.ts'
import { safeLine } from '../text/safe.ts'
import { cut } from '../text/wrap.ts'
import type { App } from './app.ts'
import type { Happening } from './happening.ts'
import { bytes } from './phrase.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
  readonly isColoured: boolean
}

export interface Frame {
  /** Printed for good. */
  readonly finished: readonly string[]
  readonly live: Live
  readonly app: App
}

const PENDING_SHOWN = 3
const PROMPT_MAX = 24

/** What the terminal shows: what is new in the scrollback, and below it what may still change. */
export function frame(app: App, { columns, rows, isColoured }: Size): Frame {
  // A row that is full makes some terminals wrap early and others late.
  const usable = columns - 1
  const done = paper.print(app.paper, usable)
  const name = app.place ? cut([span(safeLine(app.place.name))], PROMPT_MAX)[0]?.text : ''
  const input = typed(app.editor, `${name}> `, usable, Math.max(Math.floor(rows / 3), 1))
  const below = [...under(app), ...status(app)].map(line => cut(line, usable))
  const room = Math.max(rows - 1 - input.rows.length - below.length, 1)
  const above = [...paper.unprinted(done.paper, usable, room), ...below]
  const shown = above.slice(-Math.max(rows - 1 - input.rows.length, 0))
  return {
    finished: done.rows.map(line => printed(line, isColoured)),
    live: {
      rows: [...shown, ...input.rows].map(line => printed(line, isColoured)),
      cursor: { row: shown.length + input.cursor.row, column: input.cursor.column },
    },
    app: { ...app, paper: done.paper },
  }
}

/** What is under way: our messages, files. */
function under({ pending, transfers }: App): readonly Line[] {
  const shown = pending
    .slice(0, PENDING_SHOWN)
    .map(({ text }): Line => [span(`      (sending) ${safeLine(text)}`, 'dim')])
  const more = pending.length - shown.length
  return [...shown, ...(more > 0 ? [[span(`      and ${more} more`, 'dim')]] : []), ...transfers.map(bar)]
}

const BAR = 20

function bar({ direction, name, done, total }: Extract<Happening, { readonly type: 'transfer' }>): Line {
  const share = total > 0 ? Math.min(done / total, 1) : 0
  const full = Math.floor(share * BAR)
  const amount = `${String(Math.floor(share * 100)).padStart(3)} % of ${bytes(total)}`
  return [
    span(`${direction} [${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${amount}  `),
    span(safeLine(name), 'name'),
    span('  Ctrl-C stops it', 'dim'),
  ]
}

function status(app: App): readonly Line[] {
  const connection = connectionText(app)
  const news = [typingText(app.typing), unreadText(app)].filter(text => text !== '').join(' · ')
  return [
    ...(connection ? [[span(connection, 'error')]] : []),
    ...(news ? [[span(news, 'dim')]] : []),
    ...(app.hint ? [[span(app.hint, 'dim')]] : []),
  ]
}

function connectionText({ connection }: App): string {
  if (!connection) return ''
  switch (connection.state) {
    case 'live':
      return ''
    case 'connecting':
      return 'Connecting…'
    case 'syncing':
      return 'Catching up…'
    case 'waiting':
      return `No connection; trying again in ${Math.max(Math.round((connection.delay ?? 0) / 1_000), 1)} s. ${safeLine(connection.error ?? '')}`
    case 'closed':
      return 'The connection is over.'
    default:
      return connection.state satisfies never
  }
}

function typingText(people: readonly string[]): string {
  const [first, second, ...others] = people.map(safeLine)
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing…`
  return others.length === 0 ? `${first} and ${second} are typing…` : `${people.length} people are typing…`
}

const UNREAD_SHOWN = 4

function unreadText({ rooms, place }: App): string {
  const found = rooms.filter(({ room_id, unread }) => unread > 0 && room_id !== place?.room_id)
  if (found.length === 0) return ''
  const sorted = found.toSorted((a, b) => b.mentions - a.mentions)
  const names = sorted
    .slice(0, UNREAD_SHOWN)
    .map(one => `${one.mentions > 0 ? '*' : ''}${safeLine(one.name)} ${one.unread}`)
  return `unread: ${names.join(', ')}${found.length > UNREAD_SHOWN ? ', …' : ''}`
}
