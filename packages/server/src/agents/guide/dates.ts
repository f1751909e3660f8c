const DAY = 86_400_000
const DATE = String.raw`(\d{4}-\d{2}-\d{2}|today|tomorrow|yesterday)`
const SPAN = String.raw`(\d{1,6}) (day|week|month|year)s?`
const TODAY =
  /^(?:today|tomorrow|yesterday|(?:the |what(?:'s|’s| is) (?:the )?)?(?:date|day)(?: today)?|what (?:day|date) is (?:it|today)(?: today)?|what is today)$/

/** What is asked about days, in UTC, where `now` is milliseconds since 1970; undefined for any other text, and for no day there is. */
export function dateAnswer(text: string, now: number): string | undefined {
  const said = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replace(/ ?[?!.=]+$/, '')
  const today = Math.floor(now / DAY)
  return dayAsked(said, today) ?? daysBetween(said, today) ?? dayAfter(said, today)
}

/** Days since 1970 of what is written as a day. */
function dayOf(text: string, today: number): number | undefined {
  if (text === 'today') return today
  if (text === 'tomorrow') return today + 1
  if (text === 'yesterday') return today - 1
  const time = Date.parse(`${text}T00:00:00Z`)
  // A day that a month doesn't have becomes one of the next month.
  return Number.isNaN(time) || isoOf(time / DAY) !== text ? undefined : time / DAY
}

function dayAsked(said: string, today: number): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(said)) {
    const day = dayOf(said, today)
    return day === undefined ? undefined : `${said} is a ${weekdayOf(day)}.`
  }
  if (!TODAY.test(said)) return undefined
  const word = /tomorrow|yesterday/.exec(said)?.[0] ?? 'today'
  const name = `${word.charAt(0).toUpperCase()}${word.slice(1)}`
  return `${name} ${word === 'yesterday' ? 'was' : 'is'} ${shown(dayOf(word, today) ?? today)} (UTC).`
}

const UNTIL = new RegExp(`^(?:how many )?days (?:are there )?(?:(until|till|to)|since) ${DATE}$`)
const BETWEEN = new RegExp(`^${DATE} ?[-–] ?${DATE}$`)

function daysBetween(said: string, today: number): string | undefined {
  const [until, forward, of = ''] = UNTIL.exec(said) ?? []
  if (until !== undefined) return counted(forward ? today : dayOf(of, today), forward ? dayOf(of, today) : today)
  const [between, later = '', earlier = ''] = BETWEEN.exec(said) ?? []
  return between === undefined ? undefined : counted(dayOf(earlier, today), dayOf(later, today))
}

function counted(from: number | undefined, to: number | undefined): string | undefined {
  if (from === undefined || to === undefined) return undefined
  const days = to - from
  return `From ${isoOf(from)} to ${isoOf(to)}: ${days} ${Math.abs(days) === 1 ? 'day' : 'days'}.`
}

const PLUS = new RegExp(`^${DATE} ?([-+]) ?${SPAN}$`)
const FROM_NOW = new RegExp(`^(?:in ${SPAN}|${SPAN} (ago|from (?:now|today)))$`)

function dayAfter(said: string, today: number): string | undefined {
  const [plus, of = '', sign, count, unit = ''] = PLUS.exec(said) ?? []
  if (plus !== undefined) return moved(dayOf(of, today), sign === '-' ? -Number(count) : Number(count), unit, said)
  const [fromNow, n, inUnit, m, agoUnit, ago] = FROM_NOW.exec(said) ?? []
  if (fromNow === undefined) return undefined
  return moved(today, ago === 'ago' ? -Number(m) : Number(n ?? m), inUnit ?? agoUnit ?? '', said)
}

function moved(from: number | undefined, count: number, unit: string, said: string): string | undefined {
  if (from === undefined) return undefined
  const day = unit === 'day' ? from + count : unit === 'week' ? from + 7 * count : monthsAfter(from, count, unit)
  return isShown(day) ? `${said.charAt(0).toUpperCase()}${said.slice(1)}: ${shown(day)}.` : undefined
}

/** The same day of another month, or its last one where it is shorter. */
function monthsAfter(from: number, count: number, unit: string): number {
  const date = new Date(from * DAY)
  const months = date.getUTCMonth() + (unit === 'year' ? 12 * count : count)
  const last = new Date(Date.UTC(date.getUTCFullYear(), months + 1, 0)).getUTCDate()
  return Date.UTC(date.getUTCFullYear(), months, Math.min(date.getUTCDate(), last)) / DAY
}

/** Whether it is of a year of four digits. */
const isShown = (day: number): boolean => day >= Date.UTC(1000, 0, 1) / DAY && day <= Date.UTC(9999, 11, 31) / DAY

const WEEKDAYS = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday'] as const

const weekdayOf = (day: number): string => WEEKDAYS[((day % 7) + 7) % 7] ?? ''
const isoOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)
const shown = (day: number): string => `${weekdayOf(day)}, ${isoOf(day)}`
