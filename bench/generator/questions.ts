import { readUpTo, type StockShape, stockLabel, stockSizes } from './stock.ts'

/** What a page is expected to hold. Returns what is wrong with an answer, if anything. */
export interface Question {
  readonly kind: Kind
  readonly type: 'history' | 'rooms'
  readonly data: object
  readonly room: string | null
  check(data: Answer): string | undefined
}

export const KINDS = ['newest', 'before', 'around', 'rooms', 'roomsEnd'] as const
export type Kind = (typeof KINDS)[number]

/** What is read of the two answers. */
interface Answer {
  readonly messages?: readonly { readonly ordinal: number }[]
  readonly rooms?: readonly unknown[]
  readonly total?: number
  readonly unread_total?: number
}

const PAGE = 50
const ROOMS_PAGE = 100
/** Rooms of everybody besides those of the stock: the lobby and the one they connect from. */
const OTHER_ROOMS = 2
/** Pages move on by a stride that fits no page, so that each question reads other rows. */
const STRIDE = 977

/** Question number `turn` of an endless row that takes the kinds in turn. */
export function questionsOf(stock: StockShape) {
  const sizes = stockSizes(stock)
  const size = sizes[0]!
  const unread = sizes.reduce((sum, size, room) => sum + size - readUpTo(room, size), 0)
  const end = stock.rooms + OTHER_ROOMS

  const within = (from: number, share: number, turn: number): number =>
    Math.max(PAGE + 1, Math.floor(from * size) + ((turn * STRIDE) % Math.max(1, Math.floor(share * size))))

  const history = (kind: Kind, where: object, first: number, last: number): Question => ({
    kind,
    type: 'history',
    data: { ...where, limit: PAGE },
    room: stockLabel(0),
    check: ({ messages = [] }) => {
      const dense = messages.every(({ ordinal }, at) => ordinal === first + at)
      return dense && messages.length === last - first + 1
        ? undefined
        : `${kind}: another page than ${first} to ${last}`
    },
  })

  const list = (kind: Kind, offset: number): Question => ({
    kind,
    type: 'rooms',
    data: { offset, limit: ROOMS_PAGE },
    room: null,
    check: ({ rooms, total, unread_total }) =>
      total === end && unread_total === unread && rooms?.length === Math.min(ROOMS_PAGE, end - offset)
        ? undefined
        : `${kind}: ${rooms?.length} of ${total} rooms with ${unread_total} unread, not of ${end} with ${unread}`,
  })

  return (turn: number): Question => {
    const kind = KINDS[turn % KINDS.length]!
    switch (kind) {
      case 'newest':
        return history(kind, {}, size - PAGE + 1, size)
      case 'before': {
        const before = within(0.4, 0.2, turn)
        return history(kind, { before }, before - PAGE, before - 1)
      }
      case 'around': {
        const around = within(0.02, 0.1, turn)
        return history(kind, { around }, around - PAGE / 2, around + PAGE / 2 - 1)
      }
      case 'rooms':
        return list(kind, 0)
      case 'roomsEnd':
        return list(kind, Math.max(0, end - ROOMS_PAGE))
      default:
        return kind satisfies never
    }
  }
}
