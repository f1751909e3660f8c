import { createContext, createElement, type ReactNode, useContext, useMemo } from 'react'
import type { ChatClient, ConnectionState } from '../chat/index.ts'
import { type Store, useKept, useStore } from './store.ts'

const ChatContext = createContext<ChatClient | null>(null)

export interface ChatProviderProps {
  /** A client of yours, which is yours to close; or what makes one, which is closed when the provider is gone. */
  readonly client: ChatClient | (() => ChatClient)
  readonly children?: ReactNode
}

/** Gives a client to the hooks below it, and connects it. */
export function ChatProvider({ client, children }: ChatProviderProps): ReactNode {
  // A function that is written anew in each render makes no other client.
  const lifetime = useKept(typeof client === 'function' ? null : client, () => lifetimeOf(client))
  return createElement(ChatContext, { value: useStore(lifetime) }, children)
}

/** A client that is connected while somebody looks. */
function lifetimeOf(given: ChatClient | (() => ChatClient)): Store<ChatClient> {
  const make = typeof given === 'function' ? given : undefined
  let client = typeof given === 'function' ? given() : given
  let lookers = 0
  let isEnded = false
  return {
    subscribe() {
      lookers++
      // Shown again after it was gone.
      if (isEnded && make) client = make()
      isEnded = false
      // What goes wrong is in the client's state.
      client.connect().catch(() => {})
      return () => {
        lookers--
        // Who comes back at once finds the client as it was.
        queueMicrotask(() => {
          if (lookers > 0 || isEnded || !make) return
          isEnded = true
          void client.close()
        })
      }
    },
    read: () => client,
    server: client,
  }
}

/** The provider's client. */
export function useChat(): ChatClient {
  const client = useContext(ChatContext)
  if (!client) throw new Error('This needs a ChatProvider around it')
  return client
}

/** Where the connection is. */
export function useConnection(): ConnectionState {
  const client = useChat()
  return useStore(useMemo(() => connectionOf(client), [client]))
}

const connectionOf = (client: ChatClient): Store<ConnectionState> => ({
  subscribe: listener => client.on('state', () => listener()),
  read: () => client.state,
  server: { state: 'new' },
})
