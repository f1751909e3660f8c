import { z } from 'zod'

/** The body of every refusal but 422. `code` is the HTTP status; 429 says in `retry_after` in how many seconds to come back. */
export const errorBody = z.strictObject({
  error: z.strictObject({
    code: z.int().min(400).max(599),
    message: z.string(),
    type: z.enum(['http_error', 'authentication_error', 'rate_limit_error', 'server_error']),
    retry_after: z.int().min(1).optional(),
  }),
})
export type ErrorBody = z.infer<typeof errorBody>

/** The body of 422: what is wrong where. */
export const invalidBody = z.strictObject({
  error: z.strictObject({
    code: z.literal(422),
    message: z.string(),
    type: z.literal('validation_error'),
    details: z
      .array(
        z.strictObject({
          loc: z.tuple([z.enum(['body', 'query', 'path'])], z.union([z.string(), z.int()])),
          msg: z.string(),
          type: z.string(),
        }),
      )
      .min(1),
  }),
})
export type InvalidBody = z.infer<typeof invalidBody>
