/** What was said in rooms where nobody talks any more, and what is expected of whoever looks it up. */
export interface StockShape {
  readonly rooms: number
  /** In all rooms together; half of them in the first one. */
  readonly messages: number
}

/** Every other room is read up to this share of its messages. */
const READ = 0.9

/** What rooms are called that were filled before the run. */
export const stockLabel = (room: number): string => `stock-${room}`

/** The room of a message: each other one goes to the first room, the rest to the others in turn. */
export function stockRoom(number: number, { rooms }: StockShape): number {
  return number % 2 === 0 || rooms === 1 ? 0 : 1 + ((number >> 1) % (rooms - 1))
}

/** How many messages each room has. */
export function stockSizes(stock: StockShape): number[] {
  const sizes = new Array<number>(stock.rooms).fill(0)
  for (let number = 0; number < stock.messages; number++) sizes[stockRoom(number, stock)]!++
  return sizes
}

/** Up to which ordinal a room of `size` messages is read; 0 for those nobody has looked into. */
export const readUpTo = (room: number, size: number): number => (room % 2 === 1 ? Math.floor(size * READ) : 0)
