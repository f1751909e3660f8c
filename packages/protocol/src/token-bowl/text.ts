import { z } from 'zod'

export { count, text } from '../text.ts'

/** ISO 8601 with a zone and 0, 3 or 6 fractional digits: the forms that every published client can parse. */
export const timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?(Z|[+-]\d\d:\d\d)$/)

/** An id that clients never parse. */
export const id = z.string().min(1)
