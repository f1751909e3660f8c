import { ANONYMOUS, CONTENT_MAX, type ErrorCode, isPing, isTime, USER_ID_MAX } from '@parley/protocol/agents/limits'
import { type MessageFrame, type ModelSwitchFrame, type UpFrame, up } from '@parley/protocol/agents/up'
import { z } from 'zod'
import { fits } from '../../core/message.ts'
import type { Ask, Asking, Decoded, Several } from '../view.ts'
import { again, ask, type Desk, restore, stop, switchModel } from './desk.ts'
import { search } from './searching.ts'
import { error, pong } from './shapes.ts'
import { refused } from './words.ts'

const reject = (code: ErrorCode, more = '', details = {}): Decoded & { state: 'reject' } => ({
  state: 'reject',
  code,
  text: error(code, more, details),
})

export const NOT_JSON = reject('INVALID_JSON')

const compiled = new Map<string, z.ZodType>(Object.entries(up).map(([type, schema]) => [type, z.compile(schema)]))

/** What text frames of a client mean. Never throws. */
export const decoder =
  (desk: Desk) =>
  (given: string): Decoded | Several => {
    // Some clients keep alive with the bare word.
    if (isPing(given)) return { state: 'reply', text: pong() }
    const frame = parse(given)
    if (!frame) return NOT_JSON
    if (frame.type !== 'batch') return one(desk, frame)
    const batch = compiled.get('batch')?.safeParse(frame)
    if (!batch?.success) return reject('MISSING_FIELD', 'messages')
    const { messages } = batch.data as { messages: unknown[] } // what the schema of a batch gives
    return { state: 'several', each: messages.map(element => one(desk, elementOf(element))) }
  }

function parse(given: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(given))
  } catch {
    return undefined
  }
}

const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>) // an object of JSON has string keys
    : undefined

const elementOf = (element: unknown): Record<string, unknown> | undefined =>
  typeof element === 'string' ? { content: element } : objectOf(element)

function one(desk: Desk, frame: Record<string, unknown> | undefined): Decoded {
  if (!frame) return NOT_JSON
  const type = frame.type ?? 'message'
  const schema = typeof type === 'string' && type !== 'batch' ? compiled.get(type) : undefined
  if (typeof type !== 'string' || !schema)
    return reject('INVALID_MESSAGE_TYPE', String(type).slice(0, 64).toWellFormed())
  const read = schema.safeParse(frame)
  if (!read.success) return reject('MISSING_FIELD', String(read.error.issues[0]?.path[0] ?? 'content').slice(0, 64))
  // The schema that read the frame is the one that `up` has for this type.
  return understand(desk, { ...(read.data as object), type } as UpFrame)
}

function understand(desk: Desk, frame: UpFrame): Decoded {
  switch (frame.type) {
    case 'message':
      return message(desk, frame)
    case 'search': {
      const content = contentOf(frame)
      return typeof content === 'string' ? question('search.messages', search(desk, content)) : content
    }
    case 'ping':
      return { state: 'reply', text: pong() }
    case 'model_switch': {
      const wanted = modelIn(frame)
      return wanted === ''
        ? reject('MISSING_FIELD', 'model')
        : question('session.switch_model', switchModel(desk, wanted))
    }
    case 'session_restore':
      return question('session.restore', restore(desk))
    case 'continue':
    case 'regenerate':
      return question('assistant.again', again(desk, frame.type))
    case 'stop':
      return question('session.stop', stop(desk))
    case 'batch':
      return reject('INVALID_MESSAGE_TYPE', 'batch')
    default:
      return frame satisfies never
  }
}

const question = (type: Ask['type'], perform: (asking: Asking) => Promise<string | null>): Ask => ({
  state: 'ask',
  type,
  perform,
  refused,
})

function message(desk: Desk, frame: MessageFrame): Decoded {
  const content = contentOf(frame)
  if (typeof content !== 'string') return content
  if (isPing(content)) return { state: 'reply', text: pong() }
  const { stream, model, steer } = frame.options ?? {}
  const [isWhole, isSteering] = [stream === false, steer === true]
  return {
    ...question('session.ask', ask(desk, { content, model: model ?? null, isWhole, isSteering })),
    weight: content.length,
  }
}

/** The content of a frame that needs one, or what is wrong with the frame. */
function contentOf({ content, timestamp, user_id: user }: MessageFrame): string | Decoded {
  if (content == null) return reject('MISSING_FIELD', 'content')
  if (content.trim() === '') return reject('EMPTY_CONTENT')
  if (!fits(content, CONTENT_MAX)) return reject('CONTENT_TOO_LONG', '', { max_length: CONTENT_MAX })
  if (timestamp != null && !isTime(timestamp)) return reject('INVALID_TIMESTAMP')
  const label = user ?? ANONYMOUS
  const isLabel = typeof label === 'string' && label !== '' && fits(label, USER_ID_MAX)
  return isLabel ? content : reject('INVALID_USER_ID')
}

const modelIn = ({ options, model, content }: ModelSwitchFrame): string =>
  (options?.model || model || content || '').trim()
