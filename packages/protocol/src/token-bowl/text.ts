import { z } from 'zod'
import { codePoints } from './limits.ts'

/**
 * A string of `min` to `max` Unicode code points, taken exactly as sent. JSON Schema counts code points too, so the
 * documents made from this state the same bounds.
 */
export function text(min: number, max: number) {
  return z
    .string()
    .check(({ value, issues }) => {
      const bounds = { origin: 'string', inclusive: true, input: value } as const
      // A code point is one or two units: no need to count a text that is too long by any count.
      const length = value.length > max * 2 ? value.length : codePoints(value)
      if (length < min) issues.push({ code: 'too_small', minimum: min, ...bounds })
      if (length > max) issues.push({ code: 'too_big', maximum: max, ...bounds })
    })
    .meta({ minLength: min, ...(Number.isFinite(max) && { maxLength: max }) })
}

/** ISO 8601 with a zone and 0, 3 or 6 fractional digits: the forms that every published client can parse. */
export const timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?(Z|[+-]\d\d:\d\d)$/)

/** An id that clients never parse. */
export const id = z.string().min(1)

export const count = z.int().min(0)
