import { z } from 'zod'
import { CONVERSATION_LIMIT_MAX, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from './limits.ts'
import { count } from './text.ts'

/** `has_more` says whether `offset` plus what this page returned is less than `total`. */
export const pagination = z.strictObject({ total: count, offset: count, limit: count, has_more: z.boolean() })
export type Pagination = z.infer<typeof pagination>

const clamp = (wish: number, max = LIST_LIMIT_MAX) => Math.min(Math.max(wish, 1), max)

/** Which part of a list a frame asks for. Limits are clamped, and so is a negative offset. */
export const framePage = (max = LIST_LIMIT_MAX) => ({
  limit: z
    .int()
    .nullish()
    .transform(wish => clamp(wish ?? LIST_LIMIT_DEFAULT, max)),
  offset: z
    .int()
    .nullish()
    .transform(wish => Math.max(wish ?? 0, 0)),
})

// Fifteen digits always fit a safe integer.
const integer = z
  .string()
  .regex(/^[+-]?\d{1,15}$/, 'Input should be a valid integer')
  .transform(Number)

const offset = integer.pipe(count).optional().default(0)

/** The query of a list. A limit is clamped; what is no integer, or a negative offset, is an error. */
export const pageQuery = z.object({
  limit: integer
    .transform(wish => clamp(wish))
    .optional()
    .default(LIST_LIMIT_DEFAULT),
  offset,
})
export type PageQuery = z.output<typeof pageQuery>

/** The query of `GET /conversations`, whose limit has bounds of its own and is not clamped. */
export const conversationPageQuery = z.object({
  limit: integer.pipe(z.int().min(1).max(CONVERSATION_LIMIT_MAX)).optional().default(LIST_LIMIT_DEFAULT),
  offset,
})
export type ConversationPageQuery = z.output<typeof conversationPageQuery>
