import { type MessageResponse, TokenBowlClient, TokenBowlWebSocket } from '@parley/client'
import { soon } from './soon.ts'

/** Somebody at the other end of the chat, who is connected and notes what arrives. */
export interface Person extends AsyncDisposable {
  readonly name: string
  readonly ws: TokenBowlWebSocket
  readonly http: TokenBowlClient
  /** Messages that arrived, oldest first. */
  readonly messages: readonly MessageResponse[]
  /** Ids of own messages of which a receipt came, with the reader's name, as `id name`. */
  readonly receipts: readonly string[]
  /** Whoever was typing, once for each time: the name, and `to me` behind it for a direct message. */
  readonly typing: readonly string[]
  /** The message with this text, once it is here. */
  hears(content: string): Promise<MessageResponse>
  /** Sends, and resolves with the message as the server stored it. */
  says(content: string, to?: string): Promise<MessageResponse>
  /** Resolves once `condition` holds. It is looked at whenever something arrives. */
  until(condition: () => boolean, what: string): Promise<void>
}

/** Connects somebody who has the key already. */
export async function connectPerson(baseUrl: string, name: string, apiKey: string): Promise<Person> {
  const { list, until } = createNotes(name)
  const messages = list<MessageResponse>()
  const stored = list<MessageResponse>()
  const receipts = list<string>()
  const typing = list<string>()
  const ws = await TokenBowlWebSocket.open({
    baseUrl,
    apiKey,
    onMessage: messages.add,
    onMessageSent: stored.add,
    onReadReceipt: (id, reader) => receipts.add(`${id} ${reader}`),
    onTyping: (who, to) => typing.add(to === null ? who : `${who} to me`),
  })
  return {
    name,
    ws,
    http: new TokenBowlClient({ baseUrl, apiKey }),
    messages: messages.entries,
    receipts: receipts.entries,
    typing: typing.entries,
    until,
    async hears(content) {
      const find = () => messages.entries.find(message => message.content === content)
      await until(() => find() !== undefined, `to hear: ${content}`)
      return find()!
    },
    async says(content, to) {
      const before = stored.entries.length
      await ws.sendMessage(content, { toUsername: to })
      await until(() => stored.entries.length > before, `to be told that this is stored: ${content}`)
      return stored.entries[before]!
    },
    [Symbol.asyncDispose]: () => ws.disconnect(),
  }
}

/** Lists that can be watched. */
function createNotes(name: string) {
  const watchers = new Set<() => void>()
  return {
    list<T>() {
      const entries: T[] = []
      const add = (entry: T) => {
        entries.push(entry)
        for (const watcher of watchers) watcher()
      }
      return { entries, add }
    },
    async until(condition: () => boolean, what: string): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>()
      const watcher = () => condition() && resolve()
      watchers.add(watcher)
      watcher()
      await soon(promise, `${name} ${what}`).finally(() => watchers.delete(watcher))
    },
  }
}
