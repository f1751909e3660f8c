import type { Outside } from '../../core/ports/agents.ts'
import type { Asking, Connection } from '../view.ts'

/** What a connection is in the middle of. */
export interface Talk {
  /** Null before the first question, and after the history was cleared. */
  conversation: number | null
  /** What the next conversation is opened for. */
  session: string
  /** Kept for requests to elsewhere, in memory alone: never logged, never shown to a model. */
  outside: Outside | null
  /** Whether credentials of any kind were accepted. */
  isProved: boolean
  /** Whether the person's sign-in was made for this connection. */
  isOwnSignIn: boolean
}

/** The talks of all connections. One ends with its connection. */
export class Talks {
  readonly #talks = new WeakMap<Connection, Talk>()

  of(connection: Connection): Talk {
    const known = this.#talks.get(connection)
    if (known) return known
    const talk = { conversation: null, session: connection.id, outside: null, isProved: false, isOwnSignIn: false }
    this.#talks.set(connection, talk)
    return talk
  }

  /**
   * Begins with whose connection it is now, and goes on with their conversation where the session has one of theirs. Guests who
   * are new get a session that nobody could know before: who names a session to others must not read what they say in it.
   */
  async begin({ core, actor, connection }: Asking, isBack: boolean): Promise<Talk> {
    const isGuest = actor.kind === 'user' && actor.user.role === 'guest'
    const session = isGuest && !isBack ? connection.id : connection.session
    const { number } = await core.execute(actor, { type: 'conversation.find', session })
    const talk = { conversation: number, session, outside: null, isProved: !isGuest, isOwnSignIn: false }
    this.#talks.set(connection, talk)
    return talk
  }
}

/** What was said so far is neither shown nor given to the assistant any more, nor found by the session. */
export async function clear({ core, actor }: Asking, talk: Talk): Promise<void> {
  const { conversation } = talk
  if (conversation !== null) await core.execute(actor, { type: 'conversation.let_go', number: conversation })
  talk.conversation = null
}
