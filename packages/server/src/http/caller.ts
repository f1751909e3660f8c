import { isOpen } from '../core/commands/accounts.ts'
import type { Core } from '../core/core.ts'
import { may } from '../core/permissions.ts'
import { Refused, refuse } from '../core/refusals.ts'
import type { Actor } from '../core/user.ts'
import type { Shown } from '../protocols/view.ts'
import type { Dialect } from './dialect.ts'
import type { Endpoint } from './endpoint.ts'
import { Fault } from './faults.ts'
import type { Visit } from './visit.ts'

/**
 * Who makes a request, if the endpoint is open to them. What is open to all is asked by nobody in particular, whatever key or
 * junk came along: an account opens no door there that is shut to others. Only a page of a foreign origin has to show a valid
 * credential, or gets origin_foreign; with one it may ask anything. Refuses admin_only to others than admins where only they may
 * ask.
 */
export async function caller(core: Core, dialect: Dialect, visit: Visit, auth: Endpoint['auth']): Promise<Actor> {
  if (auth === 'none') {
    if (visit.origin === 'foreign' && !(await credentialOf(core, dialect, visit))?.actor)
      throw new Fault('origin_foreign')
    return nobody(visit)
  }
  const known = await credentialOf(core, dialect, visit)
  if (known?.actor) return auth === 'admin' ? adminOf(known.actor) : known.actor
  if (visit.origin === 'foreign' && !known) throw new Fault('origin_foreign')
  if (auth === 'guest' && !known && isGuest(core, visit)) return nobody(visit)
  throw known?.refused ?? new Refused({ code: 'unauthenticated' })
}

/** Whether somebody without an account may ask as a guest: from this machine, where guests may talk. */
const isGuest = ({ context }: Core, { local }: Visit): boolean =>
  local && isOpen(context.settings.guests.openness, local)

/** Nobody in particular, such as who comes with a link. */
export const nobody = ({ address, local }: Visit): Actor => ({ kind: 'anonymous', address, local })

async function credentialOf(core: Core, dialect: Dialect, visit: Visit): Promise<Known | undefined> {
  const secret = dialect.credential(visit.headers)
  return secret && identify(core, secret, visit.address)
}

type Known = { readonly actor: Actor; readonly refused?: never } | { readonly actor?: never; readonly refused: Refused }

async function identify(core: Core, secret: Shown, address: string): Promise<Known> {
  try {
    return { actor: await core.execute({ kind: 'operator' }, { type: 'account.identify', ...secret, address }) }
  } catch (error) {
    if (error instanceof Refused) return { refused: error }
    throw error
  }
}

const adminOf = (actor: Actor): Actor =>
  actor.kind === 'user' && may(actor.user.role, 'admin') ? actor : refuse({ code: 'admin_only' })
