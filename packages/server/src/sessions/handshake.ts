import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Core } from '../core/core.ts'
import { type Refusal, Refused } from '../core/refusals.ts'
import type { SignedIn, Visitor } from '../core/user.ts'
import type { Knock, Rejection, Shown, View } from '../protocols/view.ts'
import { judge, type TrustSettings } from './trust.ts'

/** Somebody who is let in. `session` is that of before, where they go on with it; `isBack` where as the same guest. */
interface Admitted {
  readonly state: 'admitted'
  readonly actor: SignedIn
  readonly session: string | null
  readonly isBack: boolean
}

type Decision = Admitted | ({ readonly state: 'refused' } & Rejection)

/** `visitor` is the client as limits and logs know it. */
export type Admission = Decision & { readonly visitor: Visitor }

/** An answer that says why in words. */
export const refusal = (status: number, detail: string, headers: Record<string, string> = {}): Rejection => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify({ detail }),
})

export const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? ''

export const queryOf = (request: IncomingMessage): URLSearchParams =>
  new URLSearchParams((request.url ?? '').split('?')[1])

/** Decides who a client is and whether it may open a socket of this view. Never rejects. */
export async function admit(
  core: Core,
  view: View,
  request: IncomingMessage,
  trust: TrustSettings,
): Promise<Admission> {
  const peer = request.socket.remoteAddress ?? ''
  const secure = 'encrypted' in request.socket
  const { host, address, local, origin } = judge({ headers: request.headers, peer, secure }, trust)
  const visitor = { address, local, foreign: origin === 'foreign' }
  const decision =
    host === 'unknown'
      ? ({ state: 'refused', ...refusal(421, 'This server does not answer to that host name') } as const)
      : await identify(
          core,
          view,
          {
            path: pathOf(request),
            headers: request.headers,
            query: queryOf(request),
            isOwnOrigin: origin === 'allowed',
          },
          visitor,
        )
  return { ...decision, visitor }
}

async function identify(core: Core, view: View, knock: Knock, visitor: Visitor): Promise<Decision> {
  const credential = view.credential(knock)
  const fault = view.fault?.(knock, credential ? null : visitor)
  if (fault) return { state: 'refused', ...fault }
  try {
    if (credential) return await known(core, view, credential, visitor)
    if (!view.session) return unauthenticated(view, { code: 'unauthenticated' })
    const asked = { type: 'guest.enter', session: view.session(knock), isAtDoor: true } as const
    const entered = await core.execute({ kind: 'anonymous', ...visitor }, asked)
    const mayTalk = entered.actor.credential.mayTalk || view.isProvedInside === true
    return mayTalk ? { state: 'admitted', ...entered } : unauthenticated(view, { code: 'unauthenticated' })
  } catch (error) {
    if (error instanceof Refused) return unauthenticated(view, error.refusal)
    core.context.onFault(error)
    return { state: 'refused', ...refusal(500, 'Internal server error') }
  }
}

async function known(core: Core, view: View, credential: Shown, { address }: Visitor): Promise<Decision> {
  const asked = { type: 'account.identify', ...credential, address, socket: true } as const
  const actor = await core.execute({ kind: 'operator' }, asked)
  if (actor.kind !== 'user') return unauthenticated(view, { code: 'unauthenticated' })
  return { state: 'admitted', actor, session: null, isBack: false }
}

const unauthenticated = (view: View, why: Refusal): Decision => ({
  state: 'refused',
  ...view.unauthenticated(why),
})

/** Answers an upgrade request with plain HTTP and hangs up. */
export function reject(socket: Duplex, { status, headers = {}, body = '' }: Rejection): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
