import type { User } from '../../core/user.ts'

/** Who may use the tools of a service: guests as well, or only who has an account here. */
export type Audience = 'everyone' | 'accounts'

export function isIn(audience: Audience, { role }: Pick<User, 'role'>): boolean {
  switch (audience) {
    case 'everyone':
      return true
    case 'accounts':
      return role !== 'guest'
    default:
      return audience satisfies never
  }
}
