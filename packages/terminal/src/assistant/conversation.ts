import { setTimeout as wait } from 'node:timers/promises'
import { type AssistantFrame, WebSocketChatClient, type WebSocketConfig } from '@parley/client/assistant'
import { note } from '../screen/paper.ts'
import type { Paragraph } from '../text/wrap.ts'
import { type Action, HELP } from './commands.ts'
import { phrase, problem } from './phrase.ts'

/** Who the assistant mode is for. */
export interface Face {
  say(...paragraphs: readonly Paragraph[]): void
  /** What the assistant does at the moment; empty when nothing. */
  busy(text: string): void
  /** What was typed may be done from now on. `end` is to be called when no more will come. */
  start(act: (action: Action) => void, end: () => void): void
  close(): void
}

export interface Conversation {
  /** Whether it succeeded. */
  connect(): Promise<boolean>
  disconnect(): Promise<void>
  act(action: Action): void
  /** Resolves once every question has its answer, or none will come. */
  settled(): Promise<void>
}

export interface ConversationOptions {
  readonly config: WebSocketConfig
  readonly log?: ((level: 'INFO' | 'DEBUG', text: string) => void) | undefined
  readonly face: Pick<Face, 'say' | 'busy'>
  quit(): void
  /** The connection is over for good. */
  closed(): void
}

const GREETING_WAIT_MS = 5_000
/** Frames with which the server ends the wait for an answer. */
const ANSWERS: readonly string[] = ['ai_response', 'error']
/** What else is asked, and what answers it. */
const ASKED = { history: 'history', clear: 'history_cleared', ping: 'pong', logout: 'logout_success' } as const

/** Talks with the assistant as the commands say, and tells what comes. */
export function createConversation({ config, log, face, quit, closed }: ConversationOptions): Conversation {
  /** The types of frames that are still to come, in the order of the questions. */
  let expected: (readonly string[])[] = []
  let changed = Promise.withResolvers<void>()
  const settle = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const expect = (types: readonly string[], isSent: boolean) => {
    if (isSent) expected.push(types)
  }
  const ready = Promise.withResolvers<void>()
  const hear = (frame: AssistantFrame) => {
    if (expected[0]?.includes(frame.type)) expected.shift()
    const isWaiting = expected.some(types => types === ANSWERS)
    face.busy(frame.type === 'typing' ? frame.message : isWaiting ? 'AI is thinking...' : '')
    face.say(...phrase(frame))
    ready.resolve()
    settle()
  }
  const fail = (text: string) => {
    // What was asked on a lost connection is not answered on the next one.
    if (!config.isConnected) expected = []
    face.busy('')
    face.say(problem(text))
    ready.resolve()
    settle()
  }
  const client = new WebSocketChatClient(config, {
    reconnect: true,
    onMessage: hear,
    onError: fail,
    onClosed: closed,
    log,
  })
  const act = (action: Action) => {
    switch (action.is) {
      case 'nothing':
        return
      case 'chat':
        return expect(ANSWERS, client.sendChatMessage(action.text))
      case 'history':
        return expect([ASKED.history, 'error'], client.getHistory())
      case 'clear':
        return expect([ASKED.clear, 'error'], client.clearHistory())
      case 'ping':
        return expect([ASKED.ping, 'error'], client.ping())
      case 'logout':
        return expect([ASKED.logout, 'error'], client.logout())
      case 'help':
        return face.say(note(HELP))
      case 'quit':
        return quit()
      default:
        action satisfies never
    }
  }
  return {
    async connect() {
      const isConnected = await client.connect()
      expect(['auth_response'], isConnected && config.authType !== 'none')
      // The server speaks first.
      await Promise.race([ready.promise, wait(GREETING_WAIT_MS, undefined, { ref: false })])
      return isConnected
    },
    disconnect: () => client.disconnect(),
    act,
    async settled() {
      while (expected.length > 0) await changed.promise
    },
  }
}
