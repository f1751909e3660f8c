import { z } from 'zod'

/**
 * Credentials. What is missing is told in a text of its own, so the schema asks for nothing; null and '' mean absent. A frame
 * without `auth_type` has a bearer token.
 */
export const authFrame = z.object({
  auth_type: z.string().nullish(),
  token: z.string().nullish(),
  api_key: z.string().nullish(),
  api_key_header: z.string().nullish(),
  username: z.string().nullish(),
  password: z.string().nullish(),
  client_id: z.string().nullish(),
  client_secret: z.string().nullish(),
  token_url: z.string().nullish(),
  scope: z.string().nullish(),
  custom_headers: z.record(z.string(), z.string()).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
})
export type AuthFrame = z.output<typeof authFrame>
