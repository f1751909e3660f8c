import { WIRE_CODES, type WireCode } from '@parley/protocol/rooms/codes'
import { TEXTS } from '@parley/protocol/rooms/limits'
import type { CommandOf, CommandType, ResultOf } from '../../core/core.ts'
import type { Refusal } from '../../core/refusals.ts'
import type { Run } from '../../core/run.ts'
import { type Ask, ask, type Decoded } from '../view.ts'
import { text } from './shapes.ts'
import { words } from './words.ts'

/** What a frame of a client was called and about, for the frames that answer it. */
export interface About {
  readonly id: string | null
  readonly room: string | null
}

export const NOWHERE: About = { id: null, room: null }

/** An `error` frame. */
export function errorText(error: string, code: WireCode, about: About, retryAfter?: number): string {
  const data = { error, code, ...(retryAfter !== undefined && { retry_after: retryAfter }) }
  return text('error', data, { at: Date.now(), ...about })
}

/** The frame for a refusal. */
export function refusedText(refusal: Refusal, about: About): string {
  const retryAfter = 'retryAfter' in refusal ? refusal.retryAfter : undefined
  return errorText(wordsFor(refusal), WIRE_CODES[refusal.code], about, retryAfter)
}

function wordsFor(refusal: Refusal): string {
  switch (refusal.code) {
    case 'not_member':
      return TEXTS.notInRoom
    case 'storage_failed':
    case 'internal':
      return TEXTS.internal
    default:
      return words(refusal)
  }
}

export const reject = (error: string, code: WireCode, about: About): Decoded & { state: 'reject' } => ({
  state: 'reject',
  code: code.toLowerCase(),
  text: errorText(error, code, about),
})

/** A question whose refusals are `error` frames. */
export const question = <T extends CommandType>(
  command: CommandOf<T>,
  about: About,
  answer: (result: ResultOf<T>) => object | null,
): Ask => ask(command, answer, refusal => refusedText(refusal, about))

/** To whoever asked: there will be no answer, or no more of it. */
export function failed(run: Run, room: string | null, at: number): string {
  const why = run.end?.fault ?? (run.end?.state === 'failed' ? 'no reason was given' : (run.end?.state ?? 'failed'))
  const data = { error: `${TEXTS.aiFailed}: ${why}`, code: 'AI_ERROR' } as const
  return text('error', data, { at, room, id: run.clientId })
}
