import { done, forgotBody, passwordBody, resetBody, verifyEmailBody } from '@parley/protocol/rooms/accounts'
import { endpoint } from '../endpoint.ts'

export const passwords = [
  endpoint({
    method: 'PUT',
    path: '/api/v1/auth/password',
    summary: 'Set a first password, or another one with the current one; ends all other sign-ins',
    auth: 'user',
    body: passwordBody,
    status: 200,
    answer: done,
    refuses: ['role_forbids', 'password_wrong', 'rate_limited', 'busy'],
    run: async ({ core, actor, body }) => {
      const old = body.current_password ?? null
      await core.execute(actor, { type: 'password.set', old, password: body.new_password })
      return { message: 'Password set' }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/password/forgot',
    summary: 'Mail a link to set a new password; every address is answered alike',
    auth: 'none',
    body: forgotBody,
    status: 200,
    answer: done,
    refuses: ['mail_off', 'rate_limited'],
    run: async ({ core, actor, body }) => {
      await core.execute(actor, { type: 'password.ask_reset', email: body.email })
      return { message: 'If an account has this address, a link is on its way to it' }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/password/reset',
    summary: 'Set a new password with the token of a mailed link, once; ends all sign-ins',
    auth: 'none',
    body: resetBody,
    status: 200,
    answer: done,
    refuses: ['token_refused', 'rate_limited', 'busy'],
    run: async ({ core, actor, body }) => {
      await core.execute(actor, { type: 'password.reset', token: body.token, password: body.new_password })
      return { message: 'Password set' }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/email/verify/send',
    summary: "Mail a link that confirms the caller's e-mail address",
    auth: 'user',
    status: 200,
    answer: done,
    refuses: ['email_missing', 'mail_off', 'mail_failed', 'rate_limited'],
    run: async ({ core, actor }) => {
      await core.execute(actor, { type: 'email.ask_verification' })
      return { message: 'A link is on its way to your address' }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/email/verify',
    summary: 'Confirm an e-mail address with the token of a mailed link, once',
    auth: 'none',
    body: verifyEmailBody,
    status: 200,
    answer: done,
    refuses: ['token_refused', 'rate_limited'],
    run: async ({ core, actor, body }) => {
      await core.execute(actor, { type: 'email.verify', token: body.token })
      return { message: 'Email address confirmed' }
    },
  }),
]
