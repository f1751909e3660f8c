import { z } from 'zod'
import { text } from '../text.ts'
import { MESSAGE_ID_MAX } from './limits.ts'

/** ISO 8601, UTC, three digits of a second and `Z`. */
export const timestamp = z.iso.datetime({ precision: 3 })

/** A UUID of any version. */
export const id = z.guid()

/** What one frame of a client says: `{}` where there is nothing. */
function dataOf<S extends z.ZodRawShape>(shape: S) {
  const schema = z.object(shape)
  const none = schema.safeParse({})
  return schema.nullish().transform((value, ctx) => {
    if (value) return value
    if (none.success) return none.data
    ctx.issues.push(
      ...none.error.issues.map(({ path, message }) => ({ code: 'custom' as const, path, message, input: value })),
    )
    return z.NEVER
  })
}

/** A frame of a client, without its `type`, which is `chat` where there is none. Null means absent. */
export const frameUp = <S extends z.ZodRawShape>(shape: S) =>
  z.object({
    data: dataOf(shape),
    room_id: z.string().nullish(),
    /** The client's own; the server makes one where there is none. */
    message_id: text(0, MESSAGE_ID_MAX).nullish(),
  })

/** A frame of the server. All keys are always there. */
export const frameDown = <const T extends string, D extends z.ZodType>(type: T | readonly T[], data: D) =>
  z.strictObject({
    type: typeof type === 'string' ? z.literal(type) : z.literal([...type]),
    data,
    room_id: z.string().nullable(),
    message_id: z.string().nullable(),
    timestamp,
    /** Who caused it; null where nobody did. */
    user_id: z.string().nullable(),
  })
