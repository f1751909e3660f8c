import { PREFIXES, QUESTION_MAX, TEXTS } from '@parley/protocol/assistant/limits'
import { type UpFrame, up } from '@parley/protocol/assistant/up'
import { z } from 'zod'
import { fits } from '../../core/message.ts'
import type { AuthType } from '../outside.ts'
import type { Ask, Asking, Decoded } from '../view.ts'
import { authenticate, authRefused, logOut, unreadable } from './authenticating.ts'
import { againIn, chat, chatAgain, showHistory } from './chatting.ts'
import { cleared, error, pong, text } from './shapes.ts'
import { clear, type Talks } from './talks.ts'
import { words } from './words.ts'

/** What the operator decides about talks. */
export interface TalkSettings {
  /** Whether questions are taken only of who showed credentials. */
  readonly isProofRequired: boolean
  /** Kinds of credentials that are taken. */
  readonly authTypes: readonly AuthType[]
}

const reject = (message: string, code: string): Decoded & { state: 'reject' } => ({
  state: 'reject',
  code,
  text: text(error(message)),
})

export const INVALID = reject(TEXTS.invalid, 'invalid_message')

const compiled = new Map<string, z.ZodType>(Object.entries(up).map(([type, schema]) => [type, z.compile(schema)]))

/** What text frames of a client mean. Never throws. */
export function decoder(talks: Talks, settings: TalkSettings): (text: string) => Decoded {
  return given => {
    const frame = parse(given)
    if (typeof frame === 'string') return reject(`${PREFIXES.notJson}${frame}`, 'invalid_json')
    if (!frame) return INVALID
    const type = frame.type ?? 'chat'
    if (typeof type !== 'string') return INVALID
    const schema = compiled.get(type)
    if (!schema) return reject(`${PREFIXES.unknownType}${type.slice(0, 64).toWellFormed()}`, 'invalid_type')
    const read = schema.safeParse(frame)
    if (!read.success) return type === 'auth' ? ask('account.recognize', async asking => unreadable(asking)) : INVALID
    // The schema that read the frame is the one that `up` has for this type.
    return understand({ ...(read.data as object), type } as UpFrame, talks, settings)
  }
}

/** An object, what is wrong with the text, or undefined for other JSON. */
function parse(given: string): Record<string, unknown> | string | undefined {
  try {
    const value: unknown = JSON.parse(given)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined // an object of JSON has string keys
  } catch (thrown) {
    // What follows says back a piece of the frame.
    const [what] = /(?:Unexp|Exp)ected [^,"]{1,80}/.exec(String(thrown)) ?? []
    return what ?? 'not understood'
  }
}

function understand(frame: UpFrame, talks: Talks, settings: TalkSettings): Decoded {
  switch (frame.type) {
    case 'chat': {
      const message = frame.message ?? ''
      if (message.trim() === '') return reject(TEXTS.empty, 'body_empty')
      // Here already, so that frames which wait for their turn hold no more than questions.
      if (!fits(message, QUESTION_MAX)) return reject(TEXTS.tooLong, 'body_too_long')
      const asked = admitted('assistant.ask', asking => {
        const talk = talks.of(asking.connection)
        if (settings.isProofRequired && !talk.isProved) return mustProve()
        const how = againIn(message)
        return how ? chatAgain(asking, talk, how) : chat(asking, talk, message)
      })
      return { ...asked, weight: message.length }
    }
    case 'auth':
      return {
        ...ask('account.recognize', asking => authenticate(talks, settings.authTypes, frame, asking)),
        refused: authRefused,
      }
    case 'history':
    case 'get_history':
      return admitted('conversations.history', asking => showHistory(asking, talks.of(asking.connection)))
    case 'clear':
    case 'clear_history':
      return admitted('conversation.let_go', async asking => {
        await clear(asking, talks.of(asking.connection))
        return text(cleared())
      })
    case 'logout':
      return admitted('guest.enter', asking => logOut(talks, asking))
    case 'ping':
      return { state: 'reply', text: text(pong()) }
    default:
      return frame satisfies never
  }
}

const ask = (type: Ask['type'], perform: Ask['perform']): Ask => ({
  state: 'ask',
  type,
  perform,
  refused: refusal => text(error(words(refusal))),
})

/** For who may talk. Others are told to say who they are. */
const admitted = (type: Ask['type'], perform: (asking: Asking) => Promise<string>): Ask =>
  ask(type, asking => (mayTalk(asking) ? perform(asking) : mustProve()))

const mayTalk = ({ actor }: Asking): boolean =>
  actor.kind === 'user' && (actor.credential.by !== 'guest' || actor.credential.mayTalk)

const mustProve = async (): Promise<string> => text(error(TEXTS.authRequired))
