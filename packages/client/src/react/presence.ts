import { useMemo } from 'react'
import type { ChatClient, Presence } from '../chat/index.ts'
import { useChat } from './provider.ts'
import { type Store, useStore } from './store.ts'

/** Whether somebody is there, and what they say of it. */
export type PresenceView = Pick<Presence, 'status' | 'text'>

/** Whether somebody is there; undefined while nobody knows. */
export function usePresence(userId: string): PresenceView | undefined {
  const client = useChat()
  return useStore(useMemo(() => presenceOf(client, userId), [client, userId]))
}

const presenceOf = (client: ChatClient, userId: string): Store<PresenceView | undefined> => {
  const watch = watchOf(client)
  return {
    subscribe: listener => watch.add(userId, listener),
    read: () => watch.read(userId),
    server: undefined,
  }
}

/** Most people of one question to the server. */
const ASK_MAX = 200

/** Those who are shown: asked for together, at first and after every lost connection, and followed from then on. */
class Watch {
  readonly #client: ChatClient
  readonly #known = new Map<string, PresenceView>()
  readonly #listeners = new Map<string, Set<() => void>>()
  #wanted = new Set<string>()
  #offs: readonly (() => void)[] = []

  constructor(client: ChatClient) {
    this.#client = client
  }

  read(userId: string): PresenceView | undefined {
    return this.#known.get(userId) ?? this.#client.presence(userId)
  }

  add(userId: string, listener: () => void): () => void {
    const own = () => listener()
    if (this.#listeners.size === 0) this.#begin()
    const listeners = this.#listeners.get(userId) ?? new Set()
    this.#listeners.set(userId, listeners.add(own))
    this.#want([userId])
    return () => {
      listeners.delete(own)
      if (listeners.size > 0) return
      this.#listeners.delete(userId)
      this.#known.delete(userId)
      if (this.#listeners.size === 0) for (const off of this.#offs) off()
    }
  }

  #begin(): void {
    this.#offs = [
      this.#client.on('presence', presence => this.#hear(presence)),
      this.#client.on('state', ({ state }) => {
        if (state.state === 'live') this.#want(this.#listeners.keys())
      }),
    ]
  }

  #hear({ user_id, status, text }: Omit<Presence, 'username'>): void {
    const listeners = this.#listeners.get(user_id)
    const known = this.#known.get(user_id)
    if (!listeners || (known?.status === status && known.text === text)) return
    this.#known.set(user_id, { status, text })
    for (const listener of [...listeners]) listener()
  }

  #want(userIds: Iterable<string>): void {
    if (this.#wanted.size === 0) queueMicrotask(() => this.#ask())
    for (const id of userIds) this.#wanted.add(id)
  }

  /** What has no answer is asked for again on the next connection. */
  #ask(): void {
    const ids = [...this.#wanted].filter(id => this.#listeners.has(id))
    this.#wanted = new Set()
    if (this.#client.state.state !== 'live') return
    for (let from = 0; from < ids.length; from += ASK_MAX) {
      this.#client.who(ids.slice(from, from + ASK_MAX)).then(
        people => {
          for (const one of people) this.#hear(one)
        },
        () => {},
      )
    }
  }
}

const watches = new WeakMap<ChatClient, Watch>()

function watchOf(client: ChatClient): Watch {
  const known = watches.get(client) ?? new Watch(client)
  watches.set(client, known)
  return known
}
