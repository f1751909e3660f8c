import { useEffect, useMemo } from 'react'
import { AgentSession, type AgentSessionOptions, type AgentSessionState, IDLE_STATE } from '../agents/session.ts'
import { useKept, useStore } from './store.ts'

export type UseAgentSessionOptions = Omit<AgentSessionOptions, 'sessionId'>

export interface AgentSessionView extends AgentSessionState {
  /** Asks the team; without a connection as soon as there is one. Whether it was taken: `problem` tells why not. */
  readonly send: (content: string) => boolean
  /** Asks for another model from now on: `model` or `problem` follows. Whether there was a connection. */
  readonly switchModel: (model: string) => boolean
  /** Tries to connect now. */
  readonly reconnect: () => void
  /** Begins another session, with an id of our own. */
  readonly restart: () => void
}

/**
 * A session with a team of agents. Without an id it has one of its own, which is kept over a refresh of the page; what was said
 * is there again then, and an answer under way goes on. Another id or URL is another session; a new token is for the next
 * connection.
 */
export function useAgentSession(sessionId?: string, options: UseAgentSessionOptions = {}): AgentSessionView {
  const key = `${sessionId ?? ''} ${options.url ?? ''}`
  const { session, store, actions } = useKept(key, () => begin({ ...options, sessionId }))
  const { token } = options
  useEffect(() => {
    session.token = token
  }, [session, token])
  const state = useStore(store)
  return useMemo(() => ({ ...state, ...actions }), [state, actions])
}

function begin(options: AgentSessionOptions) {
  const session = new AgentSession(options)
  const subscribe = (listener: () => void) => session.subscribe(listener)
  return {
    session,
    store: { subscribe, read: () => session.state, server: IDLE_STATE },
    actions: {
      send: (content: string) => session.send(content),
      switchModel: (model: string) => session.switchModel(model),
      reconnect: () => session.reconnect(),
      restart: () => session.restart(),
    },
  }
}
