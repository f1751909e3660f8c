import { z } from 'zod'
import { count, text } from '../../text.ts'
import { frameUp, id } from '../envelope.ts'
import { LIST_LIMIT_MAX, REQUEST_ID_MAX } from './limits.ts'

/** The id of a request: every answer to it carries it. */
export const requestId = text(1, REQUEST_ID_MAX)

/** A frame of the client, without its `type`. */
export const request = <S extends z.ZodRawShape>(data: S) => frameUp(data).extend({ message_id: requestId.nullish() })

/** A frame about a room: a label, `lobby`, `dm:<user>`, `dm:<user>:<user>` or `conversation:<number>`. */
export const roomRequest = <S extends z.ZodRawShape>(data: S) => request(data).extend({ room_id: z.string().min(1) })

/** How many entries somebody gets who wants `wish`. */
export const clamp = (wish: number, max = LIST_LIMIT_MAX): number => Math.min(Math.max(wish, 1), max)

/** How many entries a client wants. Clamped. */
export const limit = (standard: number, max?: number) =>
  z
    .int()
    .nullish()
    .transform(wish => clamp(wish ?? standard, max))

/** A number in a query. Fifteen digits always fit a safe integer. */
export const integer = z
  .string()
  .regex(/^\d{1,15}$/, 'Input should be an integer of at least 0')
  .transform(Number)
  .pipe(count)

/** How many entries a query wants. Clamped. */
export const clamped = (standard: number, max?: number) =>
  integer
    .transform(wish => clamp(wish, max))
    .optional()
    .default(standard)

/** A place in the log of a room, from 1, dense; 0 is before the first. */
export const position = count
/** A place in the log of a room that has one. */
export const place = z.int().min(1)

/** Of a frame about a room: its UUID, which cursors name. */
export const inRoom = { room: id }
/** Of a durable event. */
export const durable = { room: id, seq: place }
