import { z } from 'zod'

/** The connection stays open. */
export const errorFrame = z.strictObject({ type: z.literal('error'), error: z.string() })
export type ErrorFrame = z.infer<typeof errorFrame>

/** The body of every refusal but 422. */
export const detailBody = z.strictObject({ detail: z.string() })
export type DetailBody = z.infer<typeof detailBody>

/** The body of 422: what is wrong where. */
export const validationBody = z.strictObject({
  detail: z
    .array(
      z.strictObject({
        loc: z.tuple([z.enum(['body', 'query', 'path'])], z.union([z.string(), z.int()])),
        msg: z.string(),
        type: z.string(),
      }),
    )
    .min(1),
})
export type ValidationBody = z.infer<typeof validationBody>
