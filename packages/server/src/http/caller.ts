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
 * Who makes a request, if the endpoint is open to them. A valid credential counts from any origin. Without one a page of
 * a foreign origin gets origin_foreign; anybody else is anonymous where the endpoint is open to all, whatever junk they
 * showed, and is refused elsewhere. Refuses admin_only to others than admins where only they may ask.
 */
export async function caller(core: Core, dialect: Dialect, visit: Visit, auth: Endpoint['auth']): Promise<Actor> {
  const secret = dialect.credential(visit.headers)
  const known = secret && (await identify(core, secret, visit.address))
  if (known?.actor) return auth === 'admin' ? adminOf(known.actor) : known.actor
  if (visit.origin === 'foreign' && (auth === 'none' || !known)) throw new Fault('origin_foreign')
  if (auth === 'none') return { kind: 'anonymous', address: visit.address, local: visit.local }
  throw known?.refused ?? new Refused({ code: 'unauthenticated' })
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
