import { z } from 'zod'
import { address } from '../email.ts'
import { timestamp } from './envelope.ts'

const email = address(3, 255)
const role = z.enum(['admin', 'member', 'viewer', 'bot'])

/** A password that is being set. One that is tried may be anything. */
const newPassword = z.string().min(8).max(128)
const triedPassword = z.string().min(1).max(128)

/** `POST /api/v1/auth/register`. */
export const registerBody = z.object({
  username: z.string().min(3).max(50),
  email,
  password: newPassword,
  full_name: z.string().min(1).max(100).nullish(),
})
export type RegisterBody = z.infer<typeof registerBody>

/** What users see of themselves. */
export const account = z.strictObject({
  id: z.uuid(),
  username: z.string(),
  email: z.string().nullable(),
  full_name: z.string().nullable(),
  role,
  is_active: z.boolean(),
  is_verified: z.boolean(),
  created_at: timestamp,
  last_login: timestamp.nullable(),
})
export type Account = z.infer<typeof account>

/** `POST /api/v1/auth/login`. */
export const loginBody = z.object({ username: z.string().min(1).max(255), password: triedPassword })
export type LoginBody = z.infer<typeof loginBody>

/** `POST /api/v1/auth/refresh`. */
export const refreshBody = z.object({ refresh_token: z.string().min(1).max(4096) })
export type RefreshBody = z.infer<typeof refreshBody>

/** `expires_in` is of the access token, in seconds. */
export const tokens = z.strictObject({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.int(),
})
export type Tokens = z.infer<typeof tokens>

/** `expires_at` is null for a credential without an end of its own, such as an API key. */
export const verified = z.strictObject({
  valid: z.literal(true),
  user_id: z.uuid(),
  username: z.string(),
  role,
  expires_at: timestamp.nullable(),
})
export type Verified = z.infer<typeof verified>

/** `POST /api/v1/ws/token`. `expires_in` is in seconds. */
export const socketToken = z.strictObject({ token: z.string(), expires_in: z.int() })
export type SocketToken = z.infer<typeof socketToken>

/** `PUT /api/v1/auth/password`. Who has no password yet needs no current one. */
export const passwordBody = z.object({ current_password: triedPassword.nullish(), new_password: newPassword })
export type PasswordBody = z.infer<typeof passwordBody>

/** `POST /api/v1/auth/password/forgot`. */
export const forgotBody = z.object({ email })
export type ForgotBody = z.infer<typeof forgotBody>

/** `POST /api/v1/auth/password/reset`. */
export const resetBody = z.object({ token: z.string().min(1).max(255), new_password: newPassword })
export type ResetBody = z.infer<typeof resetBody>

/** `POST /api/v1/auth/email/verify`. */
export const verifyEmailBody = z.object({ token: z.string().min(1).max(255) })
export type VerifyEmailBody = z.infer<typeof verifyEmailBody>

/** The answer where there is nothing to say but that it was done. */
export const done = z.strictObject({ message: z.string() })
export type Done = z.infer<typeof done>
