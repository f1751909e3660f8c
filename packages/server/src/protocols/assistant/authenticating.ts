import type { AuthFrame } from '@parley/protocol/assistant/auth'
import { TEXTS } from '@parley/protocol/assistant/limits'
import type { Outside } from '../../core/ports/agents.ts'
import { type Refusal, Refused } from '../../core/refusals.ts'
import { type Presented, presented } from '../outside.ts'
import type { Asking } from '../view.ts'
import { authConfigured, authFailed, authResponse, error, loggedOut, text } from './shapes.ts'
import { clear, type Talks } from './talks.ts'
import { authWords } from './words.ts'

type Good = Presented & { readonly state: 'good' }

/** Says the first of two frames and answers the second. */
function malformed({ connection }: Asking, why: string): string {
  connection.say(text(error(why)))
  return text(authResponse(false, why))
}

/** What answers an `auth` frame that could not even be read. */
export const unreadable = (asking: Asking): string => malformed(asking, TEXTS.invalid)

/** Finds out who shows these credentials. Those of this server name a person; others are kept for requests to elsewhere. */
export async function authenticate(
  talks: Talks,
  types: Parameters<typeof presented>[1],
  frame: AuthFrame,
  asking: Asking,
): Promise<string> {
  const shown = presented(frame, types)
  if (shown.state === 'malformed') return malformed(asking, shown.text)
  const { connection } = asking
  try {
    const why = (await isPerson(talks, shown, asking)) ? null : await vouched(talks, shown, asking)
    if (why !== null) return failed(shown, why, asking)
    connection.say(text(authConfigured(shown.type)))
    return text(authResponse(true, TEXTS.authenticated))
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    return failed(shown, authWords(thrown.refusal), asking)
  }
}

function failed({ type }: Good, why: string, { connection }: Asking): string {
  connection.say(text(authFailed(type, why)))
  return text(authResponse(false, why))
}

/** Makes the connection that of the person whose credential is among what was shown. */
async function isPerson(talks: Talks, { own }: Good, asking: Asking): Promise<boolean> {
  const { core, connection } = asking
  for (const credential of own) {
    const visitor = { kind: 'anonymous', ...connection.visitor } as const
    const found = await core.execute(visitor, { type: 'account.recognize', ...credential })
    if (found.state === 'foreign') continue
    const before = asking.actor
    const isOver = talks.of(connection).isOwnSignIn
    connection.become(found.actor)
    const talk = await talks.begin({ core, actor: found.actor, connection }, false)
    talk.isOwnSignIn = credential.by === 'password'
    if (isOver) await core.execute(before, { type: 'account.sign_out' })
    return true
  }
  return false
}

/** Keeps credentials of elsewhere. Answers why not, or null. */
async function vouched(talks: Talks, { outside }: Good, { core, actor, connection }: Asking): Promise<string | null> {
  const given = await core.execute(actor, { type: 'guest.vouch', headers: headersOf(outside) })
  if (given.state === 'rejected') return given.detail ?? TEXTS.authFailed
  if (given.actor !== actor) connection.become(given.actor)
  const talk = talks.of(connection)
  talk.outside = outside
  talk.isProved = true
  return null
}

/** What can be judged now: a token that has to be fetched first can't. */
const headersOf = (outside: Outside) =>
  outside.by === 'headers' && Object.keys(outside.headers).length > 0 ? outside.headers : null

/** Forgets credentials and history; the connection is a guest's from now on. */
export async function logOut(talks: Talks, asking: Asking): Promise<string> {
  const { core, actor, connection } = asking
  const talk = talks.of(connection)
  await clear(asking, talk)
  const isBareGuest = actor.kind === 'user' && actor.user.role === 'guest' && talk.outside === null
  if (!isBareGuest) {
    const visitor = { kind: 'anonymous', ...connection.visitor } as const
    const { actor: guest } = await core.execute(visitor, { type: 'guest.enter', session: null, isAtDoor: false })
    connection.become(guest)
    await talks.begin({ core, actor: guest, connection }, false)
    // Only now: its end closes the connections of that sign-in.
    if (talk.isOwnSignIn) await core.execute(actor, { type: 'account.sign_out' })
  }
  return text(loggedOut())
}

/** What answers an `auth` frame where something of ours broke. */
export const authRefused = (refusal: Refusal): string => text(authResponse(false, authWords(refusal)))
