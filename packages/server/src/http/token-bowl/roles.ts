import type { AdminUserBody } from '@parley/protocol/token-bowl/admin'
import { givenRole, type Role } from '../../core/user.ts'

/** The ways in which a body can ask for a role. */
export interface RoleWish {
  readonly role?: Role | null | undefined
  readonly viewer?: boolean | null | undefined
  readonly admin?: boolean | null | undefined
  readonly bot?: boolean | null | undefined
}

/** The role that is asked for: what `role` says, else the one whose boolean is true; of several the least powerful. */
export function wishedRole({ role, viewer, admin, bot }: RoleWish): Role | undefined {
  if (role) return role
  if (viewer) return 'viewer'
  if (bot) return 'bot'
  return admin ? 'admin' : undefined
}

/** The role an admin's change gives somebody who is `now`; false for the role they have makes them a member. */
export function changedRole(body: AdminUserBody, now: Role): Role | undefined {
  const wish = wishedRole(body)
  const had = givenRole(now)
  return wish ?? (had !== 'member' && body[had] === false ? 'member' : undefined)
}
