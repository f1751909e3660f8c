import {
  type AdminUserBody,
  adminUserBody,
  connections,
  inviteBody,
  invited,
  roleAssigned,
  roleBody,
  userProfiles,
} from '@parley/protocol/token-bowl/admin'
import { contentBody, messageResponse } from '@parley/protocol/token-bowl/messages'
import { userProfile } from '@parley/protocol/token-bowl/users'
import type { UserPatch } from '../../core/ports/writes.ts'
import { givenRole, type Role } from '../../core/user.ts'
import { userProfile as profile, messageResponse as show } from '../../protocols/token-bowl/shapes.ts'
import { endpoint } from '../endpoint.ts'
import { showConnections } from './connections.ts'
import { conversationParams } from './conversations.ts'
import { messageParams } from './messages.ts'
import { changedRole } from './roles.ts'
import { userParams } from './users.ts'

const people = [
  endpoint({
    method: 'GET',
    path: '/admin/users',
    summary: 'Everybody; the API keys of others are empty',
    auth: 'admin',
    status: 200,
    answer: userProfiles,
    run: async ({ core, actor }) => (await core.execute(actor, { type: 'admin.users' })).map(profile),
  }),
  endpoint({
    method: 'GET',
    path: '/admin/users/{user_id}',
    summary: 'One user',
    auth: 'admin',
    params: userParams,
    status: 200,
    answer: userProfile,
    refuses: ['user_unknown'],
    run: async ({ core, actor, params }) =>
      profile(await core.execute(actor, { type: 'admin.user', ref: params.user_id })),
  }),
  endpoint({
    method: 'PATCH',
    path: '/admin/users/{user_id}',
    summary: 'Change a user; what is absent or null stays, an empty emoji clears it',
    auth: 'admin',
    params: userParams,
    body: adminUserBody,
    status: 200,
    answer: userProfile,
    refuses: ['nothing_to_change', 'user_unknown', 'name_taken', 'name_invalid', 'email_taken', 'webhook_refused'],
    run: async ({ core, actor, params, body }) => {
      const { user } = await core.execute(actor, { type: 'admin.user', ref: params.user_id })
      return profile(await core.execute(actor, { type: 'admin.change', ref: user.id, patch: patchOf(body, user.role) }))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/admin/users/{user_id}',
    summary: 'Delete a user and their bots; their messages stay',
    auth: 'admin',
    params: userParams,
    status: 204,
    answer: null,
    refuses: ['user_unknown'],
    run: ({ core, actor, params }) => core.execute(actor, { type: 'admin.delete', ref: params.user_id }),
  }),
  endpoint({
    method: 'PATCH',
    path: '/admin/users/{user_id}/role',
    summary: 'Give a user a role',
    auth: 'admin',
    params: userParams,
    body: roleBody,
    status: 200,
    answer: roleAssigned,
    refuses: ['user_unknown'],
    run: async ({ core, actor, params, body }) => {
      const change = { ref: params.user_id, patch: { role: body.role } }
      const { user } = await core.execute(actor, { type: 'admin.change', ...change })
      const message = `Successfully assigned role '${user.role}' to ${user.name}`
      return { username: user.name, role: givenRole(user.role), message }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/admin/invite',
    summary: 'Mail an invitation that makes an account with a role',
    auth: 'admin',
    body: inviteBody,
    status: 200,
    answer: invited,
    refuses: ['mail_off', 'mail_failed'],
    run: async ({ core, actor, body: { email, role, signup_url } }) => {
      await core.execute(actor, { type: 'link.invite', email, role, signUpUrl: signup_url })
      return { email, role, message: `Invitation sent to ${email}` }
    },
  }),
]

const content = [
  endpoint({
    method: 'GET',
    path: '/admin/messages/{message_id}',
    summary: 'Any message',
    auth: 'admin',
    params: messageParams,
    status: 200,
    answer: messageResponse,
    refuses: ['message_unknown'],
    run: async ({ core, actor, params }) =>
      show(await core.execute(actor, { type: 'message.show', id: params.message_id })),
  }),
  endpoint({
    method: 'PATCH',
    path: '/admin/messages/{message_id}',
    summary: 'Change the text of any message',
    auth: 'admin',
    params: messageParams,
    body: contentBody,
    status: 200,
    answer: messageResponse,
    refuses: ['message_unknown'],
    run: async ({ core, actor, params, body }) =>
      show(await core.execute(actor, { type: 'message.amend', id: params.message_id, body: body.content })),
  }),
  endpoint({
    method: 'DELETE',
    path: '/admin/messages/{message_id}',
    summary: 'Delete any message',
    auth: 'admin',
    params: messageParams,
    status: 204,
    answer: null,
    refuses: ['message_unknown'],
    run: ({ core, actor, params }) => core.execute(actor, { type: 'message.remove', id: params.message_id }),
  }),
  endpoint({
    method: 'POST',
    path: '/admin/announcements',
    summary: 'Send a system message to the room',
    auth: 'admin',
    body: contentBody,
    status: 201,
    answer: messageResponse,
    refuses: ['rate_limited', 'busy'],
    run: async ({ core, actor, body }) =>
      show(await core.execute(actor, { type: 'message.announce', body: body.content })),
  }),
  endpoint({
    method: 'DELETE',
    path: '/admin/conversations/{conversation_id}',
    summary: 'Delete any conversation; its messages stay',
    auth: 'admin',
    params: conversationParams,
    status: 204,
    answer: null,
    refuses: ['collection_unknown'],
    run: ({ core, actor, params }) =>
      core.execute(actor, { type: 'collections.delete', id: params.conversation_id, as: 'admin' }),
  }),
  endpoint({
    method: 'GET',
    path: '/admin/websocket/connections',
    summary: 'Open sockets of this node',
    auth: 'admin',
    status: 200,
    answer: connections,
    run: ({ site, core }) => showConnections(site.sockets.connections(), core.context.clock.now()),
  }),
]

export const admin = [...people, ...content]

/** Null means absent. */
function patchOf(body: AdminUserBody, now: Role): UserPatch {
  const role = changedRole(body, now)
  return {
    ...(body.username && { name: body.username }),
    ...(body.email && { email: body.email }),
    ...(body.webhook_url && { webhookUrl: body.webhook_url }),
    ...(body.logo && { logo: body.logo }),
    ...(typeof body.emoji === 'string' && { emoji: body.emoji || null }),
    ...(role && { role }),
  }
}
