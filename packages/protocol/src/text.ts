import { z } from 'zod'
import { codePoints } from './code-points.ts'

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

export const count = z.int().min(0)
