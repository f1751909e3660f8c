import { z } from 'zod'
import { count } from '../text.ts'

/** The query of `GET /api/v1/files/{file_id}`. */
export const fileQuery = z.object({
  /** Of a link that `POST /api/v1/files/{file_id}/link` made; no other credential is needed then. */
  token: z.string().min(1).max(512).optional(),
  /** `1` lets a page show a picture of pixels, sound or film instead of saving it. */
  inline: z.enum(['0', '1']).optional(),
})
export type FileQuery = z.output<typeof fileQuery>

/** `POST /api/v1/files/{file_id}/link`. `expires_in` is in seconds. */
export const fileLink = z.strictObject({ url: z.string(), expires_in: count })
export type FileLink = z.infer<typeof fileLink>
