import {
  type Account,
  account,
  done,
  loginBody,
  refreshBody,
  registerBody,
  socketToken,
  type Tokens,
  tokens,
  verified,
} from '@parley/protocol/rooms/accounts'
import type { Profile } from '../../core/commands/passwords.ts'
import type { TokenPair } from '../../core/commands/sign-ins.ts'
import { TOKEN_LIFE } from '../../core/commands/tokens.ts'
import { signedIn } from '../../core/permissions.ts'
import { type Actor, givenRole } from '../../core/user.ts'
import { endpoint } from '../endpoint.ts'

export const accounts = [
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/register',
    summary: 'Make an account with a password',
    auth: 'none',
    body: registerBody,
    status: 200,
    answer: account,
    refuses: ['registration_closed', 'name_taken', 'name_invalid', 'email_taken', 'rate_limited', 'busy'],
    run: async ({ core, actor, body: { username, email, password, full_name } }) =>
      show(
        await core.execute(actor, {
          type: 'account.register_with_password',
          name: username,
          email,
          password,
          fullName: full_name ?? null,
        }),
      ),
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/login',
    summary: 'Sign in with name and password',
    auth: 'none',
    body: loginBody,
    status: 200,
    answer: tokens,
    refuses: ['credentials_wrong', 'rate_limited', 'busy'],
    run: async ({ core, actor, body: { username, password } }) =>
      showTokens(await core.execute(actor, { type: 'account.sign_in', name: username, password })),
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/refresh',
    summary: 'New tokens for a refresh token, which works once; a second use ends the sign-in',
    auth: 'none',
    body: refreshBody,
    status: 200,
    answer: tokens,
    refuses: ['unauthenticated', 'rate_limited'],
    run: async ({ core, actor, body }) =>
      showTokens(await core.execute(actor, { type: 'account.refresh', token: body.refresh_token })),
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/logout',
    summary: 'End the sign-in: its tokens are dead and its sockets closed at once; an API key stays good',
    auth: 'user',
    status: 200,
    answer: done,
    run: async ({ core, actor }) => {
      await core.execute(actor, { type: 'account.sign_out' })
      return { message: 'Successfully logged out' }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/auth/profile',
    summary: 'The caller',
    auth: 'user',
    status: 200,
    answer: account,
    run: async ({ core, actor }) => show(await core.execute(actor, { type: 'account.show' })),
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/auth/verify-token',
    summary: 'Whether the credential is good, and until when',
    auth: 'user',
    status: 200,
    answer: verified,
    run: ({ actor }) => {
      const { id, name, role } = signedIn(actor)
      return {
        valid: true as const,
        user_id: id,
        username: name,
        role: givenRole(role),
        expires_at: time(endOf(actor)),
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/ws/token',
    summary: 'A token to open sockets with; it ends with the sign-in or the API key that asked for it',
    auth: 'user',
    status: 200,
    answer: socketToken,
    run: async ({ core, actor }) => {
      const { token } = await core.execute(actor, { type: 'account.socket_token' })
      return { token, expires_in: TOKEN_LIFE.websocket / 1000 }
    },
  }),
]

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

const endOf = (actor: Actor): number | null =>
  actor.kind === 'user' && actor.credential.by === 'sign-in' ? (actor.credential.expiresAt ?? null) : null

const show = ({ user, fullName, emailVerifiedAt, lastSignInAt }: Profile): Account => ({
  id: user.id,
  username: user.name,
  email: user.email,
  full_name: fullName,
  role: givenRole(user.role),
  is_active: true,
  is_verified: emailVerifiedAt !== null,
  created_at: new Date(user.createdAt).toISOString(),
  last_login: time(lastSignInAt),
})

const showTokens = ({ access, refresh }: TokenPair): Tokens => ({
  access_token: access,
  refresh_token: refresh,
  token_type: 'bearer',
  expires_in: TOKEN_LIFE.access / 1000,
})
